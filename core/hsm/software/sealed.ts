import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { guardedCopy, wipe } from '../../process/guarded.ts';

/** Some bytes under AES-256-GCM (NIST SP 800-38D), as they stand in a file: 12-byte IV, 16-byte tag, base64. */
export const sealed = z.strictObject({ iv: z.base64(), ciphertext: z.base64(), tag: z.base64() });
export type Sealed = z.infer<typeof sealed>;

/** The parts of an AES-256-GCM encryption: iv 12 bytes, tag 16 bytes. */
export type GcmParts = { iv: Uint8Array; ciphertext: Uint8Array; tag: Uint8Array };

/** Encrypts `plain` under `key` (32 bytes) with a fresh IV. The caller wipes both secrets. */
export function sealBytes(key: Uint8Array, plain: Uint8Array, additionalData: Uint8Array): GcmParts {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(additionalData);
  const ciphertext = cipher.update(plain);
  // final() also frees the cipher context, and with it the key schedule.
  cipher.final();
  return { iv, ciphertext, tag: cipher.getAuthTag() };
}

/** The plain bytes in guarded memory, which the caller wipes; null if key, additional data or content do not fit. */
export function openBytes(key: Uint8Array, parts: GcmParts, additionalData: Uint8Array): Uint8Array | null {
  const { iv, ciphertext, tag } = parts;
  if (iv.length !== 12 || tag.length !== 16) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
  decipher.setAAD(additionalData);
  decipher.setAuthTag(tag);
  const plain = decipher.update(ciphertext);
  try {
    decipher.final();
    return guardedCopy(plain);
  } catch {
    return null;
  } finally {
    wipe(plain);
  }
}

/** Encrypts `plain` under `key` (32 bytes), bound to `header`. The caller wipes both secrets. */
export function seal(key: Uint8Array, plain: Uint8Array, header: object): Sealed {
  const { iv, ciphertext, tag } = sealBytes(key, plain, headerBytes(header));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { iv: base64(iv), ciphertext: base64(ciphertext), tag: base64(tag) };
}

/** The plain bytes in guarded memory, which the caller wipes; null if key, header or content do not fit. */
export function unseal(key: Uint8Array, box: Sealed, header: object): Uint8Array | null {
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const parts = { iv: bytes(box.iv), ciphertext: bytes(box.ciphertext), tag: bytes(box.tag) };
  return openBytes(key, parts, headerBytes(header));
}

function headerBytes(header: object): Buffer {
  // RFC 8785, so that the bytes do not depend on the order in which a file was written.
  return Buffer.from(canonicalize(header) ?? '');
}
