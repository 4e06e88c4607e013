import { type KeyObject, createDecipheriv, createPublicKey, verify } from 'node:crypto';
import type { KeyAlgorithm, KeyRecord, Operation, SignatureHash, Token } from '../../core/hsm/token.ts';

/** What the tests of the conformance suite work with, and what they compare with. */

export type Bench = {
  /** Open, and logged in; another object in each test. */
  readonly token: Token;
  /** A fresh label; its key is destroyed after the test, if it is still there. */
  fresh: () => string;
  /** Does the first if the token can do all of `operations`, else sees that `refusedWork` is refused for want of it. */
  either: (operations: Operation[], work: () => unknown, refusedWork?: () => unknown) => Promise<void>;
  /** The first algorithm of which the token makes service keys; every one of them makes some. */
  someAlgorithm: () => KeyAlgorithm;
};

export const MESSAGE = Buffer.from('a to-be-signed certificate');
export const HASHES: SignatureHash[] = ['SHA-256', 'SHA-384', 'SHA-512'];
export const hashesOf = (algorithm: KeyAlgorithm) => (algorithm === 'Ed25519' ? [null] : HASHES);
/** What node:crypto calls them. */
export const KINDS: Record<KeyAlgorithm, string | number | undefined> = {
  'EC-P256': 'prime256v1',
  'EC-P384': 'secp384r1',
  'EC-P521': 'secp521r1',
  'RSA-3072': 3072,
  'RSA-4096': 4096,
  Ed25519: undefined,
};

export const NO_USAGE = {
  trusted: false,
  wrapWithTrusted: false,
  sign: false,
  encrypt: false,
  decrypt: false,
  derive: false,
  wrap: false,
  unwrap: false,
};
export const KEPT = { token: true, private: true, sensitive: true };
export const CAME_BACK = {
  ...NO_USAGE,
  ...KEPT,
  alwaysSensitive: false,
  extractable: false,
  neverExtractable: false,
  local: false,
};

export function publicKeyOf(record: KeyRecord): KeyObject {
  return createPublicKey({ key: Buffer.from(record.publicKey as Uint8Array), format: 'der', type: 'spki' });
}

export function isVerified(
  record: KeyRecord,
  message: Uint8Array,
  hash: SignatureHash | null,
  signature: Uint8Array,
): boolean {
  return verify(hash?.replace('-', '') ?? null, message, publicKeyOf(record), signature);
}

/** RFC 5649 by OpenSSL. */
export function opens(masterKey: Uint8Array, blob: Uint8Array): Buffer {
  const decipher = createDecipheriv('id-aes256-wrap-pad', masterKey, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([decipher.update(blob), decipher.final()]);
}
