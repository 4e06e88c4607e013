import { Refusal } from '../contract/errors.ts';
import type { LedgerKeyFact } from '../contract/ledger.ts';
import { sha256Of } from '../pki/certificate.ts';
import { type ReadCertificate, parseCertificate } from '../pki/read-certificate.ts';
import { sameBytes } from '../pki/same-bytes.ts';
import { verifySignedData } from '../pki/signed-data.ts';
import type { LedgerBody } from './kinds.ts';

/** Bytes of base64 in its one form (RFC 4648 3.5: unused bits are zero); null for anything else. */
export function bytesOf(base64: string): Uint8Array | null {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? new Uint8Array(bytes) : null;
}

/**
 * What is wrong with a detached signature of the ledger; null if nothing is. It is the key's own, made while its certificate was
 * valid, and carries that certificate and no other. `handingOver`: a key whose certificate has ended may still do that.
 */
export function signatureFault(
  key: ReadCertificate,
  content: Uint8Array,
  signature: string,
  { handingOver = false } = {},
): string | null {
  const message = bytesOf(signature);
  if (!message) return 'its signature is not base64';
  try {
    const { signer, certificates, signingTime } = verifySignedData(message, content);
    if (!sameBytes(signer.der, key.der)) return 'it is not signed by the ledger key of its time';
    if (certificates.length !== 1) return 'its signature carries other certificates';
    const { validFromDate, validToDate } = key.x509;
    if (signingTime < validFromDate || (signingTime > validToDate && !handingOver)) {
      return `it was signed at ${signingTime.toISOString()}, when the certificate of its key was not valid`;
    }
    return null;
  } catch (error) {
    if (error instanceof Refusal) return `its signature: ${String(error.params['detail'])}`;
    throw error;
  }
}

/**
 * The key of a `ledger.key` row, or what is wrong with it. The first key stands for itself: whoever verifies compares its certificate
 * with paper or with the root. Every later one is signed by the key before it: only training, whose tokens come and go, goes on
 * with a key that was not handed over: both certificates say TRAINING.
 */
export function nextKey(before: ReadCertificate | null, row: LedgerBody<'ledger.key'>): ReadCertificate | string {
  const der = bytesOf(row.certificate);
  const key = der && parseCertificate(der);
  if (!key) return 'its certificate is not one in DER';
  if (before === null) {
    if (row.signature !== null) return 'there is no key before it that could have signed it';
    if (isSelfIssued(key) && !key.x509.verify(key.x509.publicKey)) return 'its certificate does not verify';
    return key;
  }
  if (row.signature === null) {
    return isOfTraining(before) && isOfTraining(key) ? key : 'the key before it has not signed it';
  }
  return signatureFault(before, key.der, row.signature, { handingOver: true }) ?? key;
}

/** What a training run calls the subjects of its certificates. */
function isOfTraining({ x509 }: ReadCertificate): boolean {
  return x509.subject.split('\n').some((name) => name.startsWith('CN=TRAINING '));
}

export function isSelfIssued({ x509 }: ReadCertificate): boolean {
  return x509.issuer === x509.subject;
}

export function keyFact({ x509, der }: ReadCertificate): LedgerKeyFact {
  const line = (name: string) => name.replaceAll('\n', ', ');
  return { subject: line(x509.subject), issuer: line(x509.issuer), sha256: sha256Of(der) };
}
