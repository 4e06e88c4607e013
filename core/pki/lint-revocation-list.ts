import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  CRLNumber,
  CRLReason,
  CRLReasons,
  CertificateList,
  type Extension,
  KeyUsageFlags,
  type Time,
  Version,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_cRLNumber,
  id_ce_cRLReasons,
} from '@peculiar/asn1-x509';
import { derOf, parseDer } from './der.ts';
import { sameBytes } from './same-bytes.ts';
import { sameName } from './distinguished-name.ts';
import type { Finding } from './lint.ts';
import {
  type ReadCertificate,
  extensionValue,
  keyUsageOf,
  parseCertificate,
  subjectKeyIdentifierOf,
} from './read-certificate.ts';
import { publicKeyOf, signatureAlgorithmNamed, signatureVerifies } from './signature-algorithm.ts';

/** BR 7.2: a list that covers CA certificates is renewed within twelve months. */
export const LONGEST_LIST_DAYS = 366;
const DAY_MS = 86_400_000;
/** BR 7.2.2: what an entry may not say. */
const REFUSED_REASONS = [CRLReasons.unspecified, CRLReasons.certificateHold, CRLReasons.removeFromCRL];

type Check = (holds: boolean, name: string, rule: string, detail: string) => void;

/**
 * Checks a finished revocation list, reading nothing but its bytes and the issuer's certificate (both DER). No finding
 * means that it may count as issued.
 */
export function lintRevocationList(input: { list: Uint8Array; issuer: Uint8Array }): Finding[] {
  const list = parseDer(input.list, CertificateList);
  const issuer = parseCertificate(input.issuer);
  if (!list || !issuer) return [{ name: 'not_der', rule: 'X.690 10', detail: 'it does not parse as DER' }];
  const findings: Finding[] = [];
  const check: Check = (holds, name, rule, detail) => {
    if (!holds) findings.push({ name, rule, detail });
  };
  lintFields(list, issuer, check);
  lintTimes(list, check);
  lintExtensions(list, issuer, check);
  lintEntries(list, check);
  return findings;
}

function lintFields(list: CertificateList, issuer: ReadCertificate, check: Check): void {
  const { tbsCertList: tbs } = list;
  check(tbs.version === Version.v2, 'version_2', 'RFC 5280 5.1.2.1', 'it is not a version 2 list');
  check(
    sameBytes(derOf(list.signatureAlgorithm), derOf(tbs.signature)),
    'signature_algorithms_equal',
    'RFC 5280 5.1.1.2',
    'the inner and the outer signature algorithm differ',
  );
  check(
    sameName(tbs.issuer, issuer.structure.tbsCertificate.subject),
    'issuer_name',
    'RFC 5280 5.1.2.3',
    "the issuer is not the issuing certificate's subject",
  );
  const algorithm = signatureAlgorithmNamed(list.signatureAlgorithm.algorithm);
  check(algorithm !== null, 'signature_algorithm', 'BR 7.1.3.2', 'the signature algorithm is not one of ours');
  const key = publicKeyOf(derOf(issuer.structure.tbsCertificate.subjectPublicKeyInfo));
  check(
    algorithm !== null && signatureVerifies(algorithm, key, derOf(tbs), new Uint8Array(list.signature)),
    'signature_verifies',
    'RFC 5280 6.3.3',
    "the signature is not by the issuing certificate's key",
  );
  const value = extensionValue(issuer.structure, id_ce_basicConstraints);
  check((value && parseDer(value, BasicConstraints)?.cA) === true, 'issuer_is_ca', 'RFC 5280 5', 'the issuer is no CA');
  check(
    ((keyUsageOf(issuer.structure) ?? 0) & KeyUsageFlags.cRLSign) !== 0,
    'issuer_signs_lists',
    'RFC 5280 4.2.1.3',
    "the issuer's key usage lacks cRLSign",
  );
}

function lintTimes(
  { tbsCertList: { thisUpdate, nextUpdate, revokedCertificates = [] } }: CertificateList,
  check: Check,
) {
  const times = [thisUpdate, nextUpdate, ...revokedCertificates.map(({ revocationDate }) => revocationDate)];
  for (const time of times) {
    check(
      time === undefined || isGeneralised(time) === time.getTime().getUTCFullYear() >= 2050,
      'time_type',
      'RFC 5280 5.1.2.4 to 5.1.2.6',
      'years to 2049 are UTCTime, later ones GeneralizedTime',
    );
  }
  check(nextUpdate !== undefined, 'next_update', 'RFC 5280 5.1.2.5', 'it does not say when the next one comes');
  const periodMs = (nextUpdate?.getTime().getTime() ?? 0) - thisUpdate.getTime().getTime();
  check(periodMs > 0, 'update_order', 'RFC 5280 5.1.2.5', 'the next list comes before this one');
  check(
    periodMs <= LONGEST_LIST_DAYS * DAY_MS,
    'update_period',
    'BR 7.2',
    `the next list comes after more than ${LONGEST_LIST_DAYS} days`,
  );
  check(
    revokedCertificates.every(({ revocationDate }) => revocationDate.getTime() <= thisUpdate.getTime()),
    'revoked_before',
    'RFC 5280 5.1.2.6',
    'something is revoked after the list was made',
  );
}

function isGeneralised(time: Time): boolean {
  return time.generalTime !== undefined;
}

function lintExtensions(
  { tbsCertList: { crlExtensions = [] } }: CertificateList,
  issuer: ReadCertificate,
  check: Check,
) {
  const oids = crlExtensions.map(({ extnID }) => extnID);
  const expected = [id_ce_authorityKeyIdentifier, id_ce_cRLNumber];
  check(
    oids.toSorted().join() === expected.toSorted().join() && crlExtensions.every(({ critical }) => !critical),
    'extensions',
    'RFC 5280 5.2, BR 7.2.2',
    'it holds other extensions than authority key identifier and number, or a critical one',
  );
  const authority = valueOf(crlExtensions, id_ce_authorityKeyIdentifier);
  const authorityKey = authority && parseDer(authority, AuthorityKeyIdentifier)?.keyIdentifier;
  const issuerKey = subjectKeyIdentifierOf(issuer.der);
  check(
    Boolean(authorityKey && issuerKey && sameBytes(authorityKey.buffer, issuerKey)),
    'authority_key_identifier',
    'RFC 5280 5.2.1',
    "the authority key identifier is not the issuer's subject key identifier",
  );
  const number = valueOf(crlExtensions, id_ce_cRLNumber);
  const parsed = number && parseDer(number, CRLNumber)?.value;
  check(typeof parsed === 'number' && parsed >= 1, 'number', 'RFC 5280 5.2.3', 'it has no number');
}

function lintEntries({ tbsCertList: { revokedCertificates } }: CertificateList, check: Check): void {
  check(
    revokedCertificates === undefined || revokedCertificates.length > 0,
    'entries_absent',
    'RFC 5280 5.1.2.6',
    'an empty list of entries is left out',
  );
  const entries = revokedCertificates ?? [];
  const serials = entries.map(({ userCertificate }) => Buffer.from(userCertificate).toString('hex'));
  check(new Set(serials).size === serials.length, 'serials_unique', 'RFC 5280 5.3', 'a certificate is there twice');
  for (const { userCertificate, crlEntryExtensions = [] } of entries) {
    const serial = new Uint8Array(userCertificate);
    check(
      serial.length >= 1 && serial.length <= 20 && (serial[0] ?? 0x80) < 0x80 && serial.some((byte) => byte !== 0),
      'serial_positive',
      'RFC 5280 4.1.2.2',
      'a serial number is not a positive number of at most 20 octets',
    );
    const value = valueOf(crlEntryExtensions, id_ce_cRLReasons);
    const reason = value && parseDer(value, CRLReason)?.reason;
    check(
      typeof reason === 'number' &&
        !REFUSED_REASONS.includes(reason) &&
        crlEntryExtensions.every(({ critical }) => !critical),
      'reason',
      'RFC 5280 5.3.1, BR 7.2.2',
      'an entry has no reason, or one that may not stand here',
    );
  }
}

function valueOf(extensions: Extension[], oid: string): Uint8Array | null {
  const found = extensions.find(({ extnID }) => extnID === oid);
  return found ? new Uint8Array(found.extnValue.buffer) : null;
}
