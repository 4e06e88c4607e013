import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import type { Signer } from '../../core/pki/signer.ts';

export type MemoryKind = 'EC-P256' | 'EC-P384' | 'RSA-3072';

/** A signer whose key lies in this process's memory, in place of a token. */
export function memorySigner(kind: MemoryKind): Signer & { privateKey: KeyObject } {
  const { privateKey, publicKey } =
    kind === 'RSA-3072'
      ? generateKeyPairSync('rsa', { modulusLength: 3072 })
      : generateKeyPairSync('ec', { namedCurve: kind === 'EC-P256' ? 'P-256' : 'P-384' });
  const hash = kind === 'EC-P384' ? 'SHA-384' : 'SHA-256';
  return {
    privateKey,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }),
    hash,
    sign: (message) => Promise.resolve(sign(hash.replace('-', '').toLowerCase(), message, privateKey)),
  };
}
