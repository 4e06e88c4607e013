import { joinParts, openBytes, sealBytes, splitParts } from '../../process/aes-gcm.ts';

/**
 * Data keys between core and a token process. They go both ways inside JSON-RPC, and so encrypted: AES-256-GCM under a
 * transport key that core draws for its processes, and that came ahead through the secret channel.
 */

/** Bound to what is sent, so that nothing comes back as what was sent. */
export type Way = 'to the token' | 'from the token';

/** iv || ciphertext || tag, as base64. The caller wipes both secrets. */
export function sealForTransport(transportKey: Uint8Array, plain: Uint8Array, way: Way): string {
  return Buffer.from(joinParts(sealBytes(transportKey, plain, Buffer.from(way)))).toString('base64');
}

/** The plain bytes, guarded briefly, which the caller wipes; null if it does not open. */
export function openFromTransport(transportKey: Uint8Array, sent: string, way: Way): Uint8Array | null {
  const parts = splitParts(Buffer.from(sent, 'base64'));
  return parts && openBytes(transportKey, parts, Buffer.from(way));
}
