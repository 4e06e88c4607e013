import {
  type KeyObject,
  constants,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import { guardedCopy, wipe } from '../../process/guarded.ts';
import type { KeyAlgorithm, SignatureHash, WrapMechanism } from '../token.ts';

/** The software token's mathematics, all of it OpenSSL's. A private key is PKCS#8 DER in guarded memory. */

type SoftwareWrap = Exclude<WrapMechanism, 'YUBIHSM-AES-CCM'>;

const WRAPS: Record<SoftwareWrap, { cipher: string; iv: Buffer }> = {
  // RFC 5649 section 3: the alternative initial value.
  RFC5649: { cipher: 'id-aes256-wrap-pad', iv: Buffer.from('a65959a6', 'hex') },
  // RFC 3394 section 2.2.3.1: the default initial value.
  RFC3394: { cipher: 'id-aes256-wrap', iv: Buffer.from('a6a6a6a6a6a6a6a6', 'hex') },
};

/** A fresh key pair. The caller wipes `pkcs8`. */
export function generatePrivateKey(algorithm: KeyAlgorithm): { pkcs8: Uint8Array; publicKey: Uint8Array } {
  const pair = keyPair(algorithm);
  const pkcs8 = guardedCopy(pair.privateKey);
  wipe(pair.privateKey);
  return { pkcs8, publicKey: new Uint8Array(pair.publicKey) };
}

const publicKeyEncoding = { type: 'spki', format: 'der' } as const;
const privateKeyEncoding = { type: 'pkcs8', format: 'der' } as const;

const CURVES = { 'EC-P256': 'P-256', 'EC-P384': 'P-384', 'EC-P521': 'P-521' } as const;

function keyPair(algorithm: KeyAlgorithm): { publicKey: Buffer; privateKey: Buffer } {
  switch (algorithm) {
    case 'Ed25519':
      return generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding });
    case 'RSA-3072':
      return generateKeyPairSync('rsa', { modulusLength: 3072, publicKeyEncoding, privateKeyEncoding });
    case 'RSA-4096':
      return generateKeyPairSync('rsa', { modulusLength: 4096, publicKeyEncoding, privateKeyEncoding });
    case 'EC-P256':
    case 'EC-P384':
    case 'EC-P521':
      return generateKeyPairSync('ec', { namedCurve: CURVES[algorithm], publicKeyEncoding, privateKeyEncoding });
  }
}

/** ECDSA as DER SEQUENCE{r, s}, RSASSA-PKCS1-v1_5 (RFC 8017 8.2), or Ed25519, where `hash` is null. */
export function signMessage(pkcs8: Uint8Array, message: Uint8Array, hash: SignatureHash | null): Uint8Array {
  const encoded = { key: asBuffer(pkcs8), format: 'der', type: 'pkcs8' } as const;
  if (hash === null) return new Uint8Array(sign(null, message, encoded));
  return new Uint8Array(sign(hash.replace('-', ''), message, { ...encoded, padding: constants.RSA_PKCS1_PADDING }));
}

/** RFC 5649 section 4.1. */
export function wrapKey(masterKey: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(WRAPS.RFC5649.cipher, masterKey, WRAPS.RFC5649.iv);
  const blob = cipher.update(key);
  cipher.final();
  return new Uint8Array(blob);
}

/** RFC 5649 section 4.2, or RFC 3394 section 2.2.2: the key in guarded memory, which the caller wipes; null if the blob does not open. */
export function unwrapKey(mechanism: SoftwareWrap, masterKey: Uint8Array, blob: Uint8Array): Uint8Array | null {
  const { cipher, iv } = WRAPS[mechanism];
  const decipher = createDecipheriv(cipher, masterKey, iv);
  try {
    const plain = decipher.update(blob);
    const key = guardedCopy(plain);
    wipe(plain);
    decipher.final();
    return key;
  } catch {
    return null;
  }
}

/** What a PKCS#8 holds: its algorithm, or null for one that no ceremony makes, and its SubjectPublicKeyInfo. */
export function describePrivateKey(pkcs8: Uint8Array): { algorithm: KeyAlgorithm; publicKey: Uint8Array } | null {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: asBuffer(pkcs8), format: 'der', type: 'pkcs8' });
  } catch {
    return null;
  }
  const algorithm = algorithmOf(key);
  if (!algorithm) return null;
  const publicKey = createPublicKey(key);
  return { algorithm, publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })) };
}

function algorithmOf(key: KeyObject): KeyAlgorithm | null {
  const details = key.asymmetricKeyDetails;
  if (details?.namedCurve === 'prime256v1') return 'EC-P256';
  if (details?.namedCurve === 'secp384r1') return 'EC-P384';
  if (details?.namedCurve === 'secp521r1') return 'EC-P521';
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519';
  if (key.asymmetricKeyType === 'rsa' && details?.modulusLength === 3072) return 'RSA-3072';
  if (key.asymmetricKeyType === 'rsa' && details?.modulusLength === 4096) return 'RSA-4096';
  return null;
}

/** The same memory as a Buffer, which is what node:crypto takes as a key. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
