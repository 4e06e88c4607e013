import canonicalize from 'canonicalize';
import { Refusal } from '../contract/errors.ts';
import { IV_BYTES, TAG_BYTES } from '../process/aes-gcm.ts';
import { CONTEXT_LIMIT, type EncryptionContext, PLAINTEXT_BYTES } from './provider.ts';

/** What a KEK of `local` and `pkcs11` writes. docs/formats/wrapped-key.md. */

const FORMAT = 1;
const ID_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES;

/** format 1 || key id 16 || encrypted. `keyId`: a UUID; `encrypted`: iv 12 || ciphertext || tag 16. */
export function writeWrappedKey(keyId: string, encrypted: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + encrypted.length);
  bytes[0] = FORMAT;
  bytes.set(Buffer.from(keyId.replaceAll('-', ''), 'hex'), 1);
  bytes.set(encrypted, HEADER_BYTES);
  return bytes;
}

/** What the KEK `keyId` has to open, as it was encrypted. KMS_KEY_UNKNOWN: of another KEK. KMS_UNOPENED: no wrapped key. */
export function readWrappedKey(keyId: string, bytes: Uint8Array): Uint8Array {
  const plainBytes = bytes.length - HEADER_BYTES - IV_BYTES - TAG_BYTES;
  if (bytes[0] !== FORMAT || plainBytes < PLAINTEXT_BYTES.least || plainBytes > PLAINTEXT_BYTES.most) {
    throw new Refusal('KMS_UNOPENED');
  }
  const wrappedBy = uuidOf(bytes.subarray(1, HEADER_BYTES));
  if (wrappedBy !== keyId) throw new Refusal('KMS_KEY_UNKNOWN', { keyId: wrappedBy });
  return bytes.subarray(HEADER_BYTES);
}

/** The UUID of the KEK that wrapped this key; null if it is none of ours. */
export function wrappedKeyId(bytes: Uint8Array): string | null {
  return bytes[0] === FORMAT && bytes.length > HEADER_BYTES ? uuidOf(bytes.subarray(1, HEADER_BYTES)) : null;
}

/** The additional data of a context: its canonical JSON (RFC 8785) in UTF-8. INPUT_INVALID: empty, or too long. */
export function contextBytes(context: EncryptionContext): Uint8Array {
  const entries = Object.values(context);
  if (entries.length === 0 || !entries.every((value) => typeof value === 'string')) {
    throw new Refusal('INPUT_INVALID', { detail: 'an encryption context is one or more names with a text each' });
  }
  const bytes = Buffer.from(canonicalize(context) ?? '');
  if (bytes.length > CONTEXT_LIMIT) {
    throw new Refusal('INPUT_INVALID', { detail: `an encryption context has at most ${CONTEXT_LIMIT} bytes` });
  }
  return bytes;
}

/** INPUT_INVALID unless a KEK takes so many bytes. */
export function checkPlaintext(plaintext: Uint8Array): void {
  const { least, most } = PLAINTEXT_BYTES;
  if (plaintext.length >= least && plaintext.length <= most) return;
  throw new Refusal('INPUT_INVALID', { detail: `a KEK encrypts ${least} to ${most} bytes` });
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
