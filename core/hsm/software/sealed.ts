import canonicalize from 'canonicalize';
import { z } from 'zod';
import { openBytes, sealBytes } from '../../process/aes-gcm.ts';

/** Some bytes under AES-256-GCM (NIST SP 800-38D), as they stand in a file: 12-byte IV, 16-byte tag, base64. */
export const sealed = z.strictObject({ iv: z.base64(), ciphertext: z.base64(), tag: z.base64() });
export type Sealed = z.infer<typeof sealed>;

/** Encrypts `plain` under `key` (32 bytes), bound to `header`. The caller wipes both secrets. */
export function seal(key: Uint8Array, plain: Uint8Array, header: object): Sealed {
  const { iv, ciphertext, tag } = sealBytes(key, plain, headerBytes(header));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { iv: base64(iv), ciphertext: base64(ciphertext), tag: base64(tag) };
}

/** The plain bytes in guarded memory, which the caller wipes; null if key, header or content do not fit. `open`: how. */
export function unseal(key: Uint8Array, box: Sealed, header: object, open = openBytes): Uint8Array | null {
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const parts = { iv: bytes(box.iv), ciphertext: bytes(box.ciphertext), tag: bytes(box.tag) };
  return open(key, parts, headerBytes(header));
}

function headerBytes(header: object): Buffer {
  // RFC 8785, so that the bytes do not depend on the order in which a file was written.
  return Buffer.from(canonicalize(header) ?? '');
}
