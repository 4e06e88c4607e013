import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { guarded, guardedBrieflyCopy, wipe } from './guarded.ts';

/** AES-256-GCM (NIST SP 800-38D) with what this product uses of it: 32-byte keys, 12-byte IVs, 16-byte tags. */

export const IV_BYTES = 12;
export const TAG_BYTES = 16;

/** The parts of an encryption. */
export type GcmParts = { iv: Uint8Array; ciphertext: Uint8Array; tag: Uint8Array };

/** iv || ciphertext || tag */
export function joinParts({ iv, ciphertext, tag }: GcmParts): Uint8Array {
  const bytes = new Uint8Array(IV_BYTES + ciphertext.length + TAG_BYTES);
  bytes.set(iv);
  bytes.set(ciphertext, IV_BYTES);
  bytes.set(tag, IV_BYTES + ciphertext.length);
  return bytes;
}

/** The opposite, as views; null if there is no room for IV and tag. */
export function splitParts(bytes: Uint8Array): GcmParts | null {
  const end = bytes.length - TAG_BYTES;
  if (end < IV_BYTES) return null;
  return { iv: bytes.subarray(0, IV_BYTES), ciphertext: bytes.subarray(IV_BYTES, end), tag: bytes.subarray(end) };
}

/** Encrypts `plain` under `key` with a fresh IV: at most 2^32 times a key (8.3). The caller wipes both secrets. */
export function sealBytes(key: Uint8Array, plain: Uint8Array, additionalData: Uint8Array): GcmParts {
  return sealWith(key, randomBytes(IV_BYTES), plain, additionalData);
}

/** The same with an IV that never was used under this key before. */
export function sealWith(key: Uint8Array, iv: Uint8Array, plain: Uint8Array, additionalData: Uint8Array): GcmParts {
  const cipher = untraced(() => createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }));
  cipher.setAAD(additionalData);
  const ciphertext = cipher.update(plain);
  // final() also frees the cipher context, and with it the key schedule.
  cipher.final();
  return { iv, ciphertext, tag: cipher.getAuthTag() };
}

/**
 * The plain bytes in memory that is guarded briefly, which the caller wipes; null if key, additional data or content do
 * not fit. Node leaves a copy of them in memory that it frees.
 */
export function openBytes(key: Uint8Array, parts: GcmParts, additionalData: Uint8Array): Uint8Array | null {
  const decipher = decipherOf(key, parts, additionalData);
  if (!decipher) return null;
  const plain = decipher.update(parts.ciphertext);
  const copy = guardedBrieflyCopy(plain);
  plain.fill(0);
  return holds(decipher) ? copy : (wipe(copy), null);
}

/** The same of a key that lives long, in guarded memory of its own, and without that copy: for it, time is no matter. */
export function openKey(key: Uint8Array, parts: GcmParts, additionalData: Uint8Array): Uint8Array | null {
  const decipher = decipherOf(key, parts, additionalData);
  if (!decipher) return null;
  const opened = guarded(parts.ciphertext.length);
  // Byte by byte: update() lets go of a buffer with a copy of what it answers, and one byte is the least to leave there.
  for (const [index, byte] of parts.ciphertext.entries()) {
    const plain = decipher.update(Uint8Array.of(byte));
    opened.set(plain, index);
    plain.fill(0);
  }
  return holds(decipher) ? opened : (wipe(opened), null);
}

type Decipher = ReturnType<typeof createDecipheriv>;

function decipherOf(key: Uint8Array, { iv, tag }: GcmParts, additionalData: Uint8Array) {
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES) return null;
  const decipher = untraced(() => createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }));
  decipher.setAAD(additionalData);
  decipher.setAuthTag(tag);
  return decipher;
}

/**
 * Node finds out that bytes are no key object by two errors that it catches, and their stack traces take longer than the encryption. A KeyObject in their place would be a copy of
 * the key that nobody wipes.
 */
function untraced<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** final() throws on a wrong tag and on nothing else here: GCM holds no bytes back. */
function holds(decipher: Pick<Decipher, 'final'>): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}
