import { OctetString } from '@peculiar/asn1-schema';
import { Certificate, KeyUsage, KeyUsageFlags, id_ce_keyUsage, id_ce_subjectKeyIdentifier } from '@peculiar/asn1-x509';
import { X509Certificate } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { parseBer, parseDer } from './der.ts';

/** A certificate in the two readings that are used here: node's and the ASN.1 structure. */
export type ReadCertificate = { der: Uint8Array; x509: X509Certificate; structure: Certificate };

/** A certificate in DER; null if it is none, has bytes behind it, or a key that cannot be read. */
export function parseCertificate(der: Uint8Array): ReadCertificate | null {
  const structure = parseDer(der, Certificate);
  if (!structure) return null;
  try {
    const x509 = new X509Certificate(der);
    // Read here because it throws for a key that is no point of its curve.
    return x509.publicKey.type === 'public' ? { der, x509, structure } : null;
  } catch {
    return null;
  }
}

/**
 * A certificate file's content, PEM (one certificate) or DER. `path` is named in the refusal. CERTIFICATE_INVALID.
 */
export function readCertificate(content: Uint8Array, path: string): ReadCertificate {
  const text = Buffer.from(content).toString('latin1');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (blocks && blocks.length > 1) throw invalid(path, 'it holds several certificates');
  const [block] = blocks ?? [];
  const der = block ? Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64') : content;
  const certificate = parseCertificate(new Uint8Array(der));
  if (!certificate) throw invalid(path, 'it is not an X.509 certificate');
  return certificate;
}

/** The curves and RSA lengths that a bundle is encrypted to. */
export type RecipientKey = 'EC-P256' | 'EC-P384' | 'RSA';

/**
 * The certificate of the system that will open a bundle: its key can be encrypted to and it has not
 * expired at `now`. That it is not valid yet does no harm: the clock of a machine without a network may lag.
 * CERTIFICATE_INVALID.
 */
export function readRecipientCertificate(
  content: Uint8Array,
  path: string,
  now: Date,
): ReadCertificate & { key: RecipientKey } {
  const certificate = readCertificate(content, path);
  const { x509, structure } = certificate;
  const key = recipientKeyOf(x509);
  if (!key) throw invalid(path, 'its key is neither EC P-256, EC P-384 nor RSA of 2048 bits or more');
  const usage = keyUsageOf(structure);
  const wanted = key === 'RSA' ? KeyUsageFlags.keyEncipherment : KeyUsageFlags.keyAgreement;
  if (usage !== null && (usage & wanted) === 0) {
    // RFC 5280 4.2.1.3
    throw invalid(path, `its key usage lacks ${key === 'RSA' ? 'keyEncipherment' : 'keyAgreement'}`);
  }
  if (now > x509.validToDate) throw invalid(path, `it expired at ${x509.validToDate.toISOString()}`);
  return { ...certificate, key };
}

function recipientKeyOf(x509: X509Certificate): RecipientKey | null {
  const { asymmetricKeyType, asymmetricKeyDetails } = x509.publicKey;
  if (asymmetricKeyType === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048 ? 'RSA' : null;
  if (asymmetricKeyType !== 'ec') return null;
  if (asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'EC-P256';
  return asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'EC-P384' : null;
}

/** The value of an extension (DER); null if it is not there. */
export function extensionValue(structure: Certificate, oid: string): Uint8Array | null {
  const found = structure.tbsCertificate.extensions?.find(({ extnID }) => extnID === oid);
  return found ? new Uint8Array(found.extnValue.buffer) : null;
}

/** RFC 5280 4.2.1.3 as `KeyUsageFlags`; null if the extension is not there. */
export function keyUsageOf(structure: Certificate): number | null {
  const value = extensionValue(structure, id_ce_keyUsage);
  return value ? (parseBer(value, KeyUsage)?.toNumber() ?? 0) : null;
}

/** RFC 5280 4.2.1.2 of a certificate in DER; null if it has none. */
export function subjectKeyIdentifierOf(der: Uint8Array): Uint8Array | null {
  const structure = parseDer(der, Certificate);
  const value = structure && extensionValue(structure, id_ce_subjectKeyIdentifier);
  const identifier = value ? parseDer(value, OctetString) : null;
  return identifier ? new Uint8Array(identifier.buffer) : null;
}

function invalid(path: string, detail: string): Refusal {
  return new Refusal('CERTIFICATE_INVALID', { path, detail });
}
