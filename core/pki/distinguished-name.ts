import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from '@peculiar/asn1-x509';
import { Refusal } from '../contract/errors.ts';
import { derOf } from './der.ts';
import { sameBytes } from './same-bytes.ts';

/** A subject in the three attributes that a CA of ours has. `country` is ISO 3166-1, two capital letters. */
export type DistinguishedName = { commonName: string; organisation?: string; country?: string };

// RFC 5280 appendix A.1 and RFC 4519.
const COUNTRY = { oid: '2.5.4.6', short: 'C' };
const ORGANISATION = { oid: '2.5.4.10', short: 'O' };
const COMMON_NAME = { oid: '2.5.4.3', short: 'CN' };
const SHORT_NAMES = new Map([COUNTRY, ORGANISATION, COMMON_NAME].map(({ oid, short }) => [oid, short]));

/** ub-common-name and ub-organization-name, in characters (RFC 5280 appendix A.1). */
const LONGEST_VALUE = 64;

/**
 * The X.501 name of some fields: country, organisation, common name, one attribute an RDN. Country is a
 * PrintableString and the others UTF8String (RFC 5280 4.1.2.4 and A.1). CERTIFICATE_PROFILE.
 */
export function nameOf({ commonName, organisation, country }: DistinguishedName): Name {
  const parts: RelativeDistinguishedName[] = [];
  if (country !== undefined) {
    if (!/^[A-Z]{2}$/.test(country)) {
      throw new Refusal('CERTIFICATE_PROFILE', { detail: `the country ${country} is not two capital letters` });
    }
    parts.push(rdn(COUNTRY.oid, new AttributeValue({ printableString: country })));
  }
  if (organisation !== undefined) parts.push(text(ORGANISATION.oid, 'organisation', organisation));
  parts.push(text(COMMON_NAME.oid, 'common name', commonName));
  return new Name(parts);
}

function text(oid: string, field: string, value: string): RelativeDistinguishedName {
  const characters = Array.from(value).length;
  if (characters < 1 || characters > LONGEST_VALUE || value !== value.trim() || /[\u0000-\u001f\u007f]/.test(value)) {
    throw new Refusal('CERTIFICATE_PROFILE', {
      detail: `the ${field} must be 1 to ${LONGEST_VALUE} printable characters without blanks around it`,
    });
  }
  return rdn(oid, new AttributeValue({ utf8String: value }));
}

function rdn(type: string, value: AttributeValue): RelativeDistinguishedName {
  return new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value })]);
}

/** A name on one line, most specific part first, as RFC 4514 orders and escapes it: `CN=Root,O=Example,C=CH`. */
export function nameText(name: Name): string {
  return Array.from(name)
    .reverse()
    .map((part) =>
      Array.from(part)
        .map(({ type, value }) => `${SHORT_NAMES.get(type) ?? type}=${escaped(value.toString())}`)
        .join('+'),
    )
    .join(',');
}

function escaped(value: string): string {
  return value.replace(/[\\",;<>+]/g, '\\$&').replace(/^[ #]|(?<!^) $/g, '\\$&');
}

/** Whether two names are the same bytes, which is what every chain builder compares first. */
export function sameName(one: Name, other: Name): boolean {
  return sameBytes(derOf(one), derOf(other));
}
