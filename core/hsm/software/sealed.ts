import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { guarded, wipe } from '../../process/guarded.ts';

/** Some bytes under AES-256-GCM (NIST SP 800-38D), as they stand in a file: 12-byte IV, 16-byte tag, base64. */
export const sealed = z.strictObject({ iv: z.base64(), ciphertext: z.base64(), tag: z.base64() });
export type Sealed = z.infer<typeof sealed>;

/** Encrypts `plain` under `key` (32 bytes), bound to `header`. The caller wipes both secrets. */
export function seal(key: Uint8Array, plain: Uint8Array, header: object): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(headerBytes(header));
  const ciphertext = cipher.update(plain);
  // final() also frees the cipher context, and with it the key schedule.
  cipher.final();
  return {
    iv: iv.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
}

/** The plain bytes in guarded memory, which the caller wipes; null if key, header or content do not fit. */
export function unseal(key: Uint8Array, box: Sealed, header: object): Uint8Array | null {
  const iv = Buffer.from(box.iv, 'base64');
  const tag = Buffer.from(box.tag, 'base64');
  if (iv.length !== 12 || tag.length !== 16) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
  decipher.setAAD(headerBytes(header));
  decipher.setAuthTag(tag);
  const plain = decipher.update(Buffer.from(box.ciphertext, 'base64'));
  try {
    decipher.final();
    const kept = guarded(plain.length);
    kept.set(plain);
    return kept;
  } catch {
    return null;
  } finally {
    wipe(plain);
  }
}

function headerBytes(header: object): Buffer {
  // RFC 8785, so that the bytes do not depend on the order in which a file was written.
  return Buffer.from(canonicalize(header) ?? '');
}
