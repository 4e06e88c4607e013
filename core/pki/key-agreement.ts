import { id_ecPublicKey } from '@peculiar/asn1-ecc';
import { KeyEncryptionAlgorithmIdentifier } from '@peculiar/asn1-cms';
import { AsnProp, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
} from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { wipe } from '../process/guarded.ts';
import { bufferOf, derOf, parseDer } from './der.ts';
import { sameBytes } from './same-bytes.ts';
import { publicKeyOf } from './signature-algorithm.ts';

/** RFC 5753: ephemeral-static ECDH, X9.63 key derivation, AES-256 key wrap (RFC 3394). */

/** id-aes256-wrap (RFC 3565 2.3.2): no parameters. */
const id_aes256_wrap = '2.16.840.1.101.3.4.1.45';
const KEK_BYTES = 32;
/** RFC 3394 2.2.3.1. */
const WRAP_IV = Buffer.alloc(8, 0xa6);

/** dhSinglePass-stdDH-*kdf-scheme (RFC 5753 7.1.4) by the hash of the derivation. */
const KDF_SCHEMES = [
  { oid: '1.3.132.1.11.1', hash: 'sha256' },
  { oid: '1.3.132.1.11.2', hash: 'sha384' },
] as const;
type KdfHash = (typeof KDF_SCHEMES)[number]['hash'];

/** ECC-CMS-SharedInfo (RFC 5753 7.2). */
class SharedInfo {
  keyInfo = new AlgorithmIdentifier();
  suppPubInfo = new OctetString();
}
AsnProp({ type: AlgorithmIdentifier })(SharedInfo.prototype, 'keyInfo');
AsnProp({ type: OctetString, context: 2 })(SharedInfo.prototype, 'suppPubInfo');

/**
 * Wraps a 32-byte content-encryption key for an EC key on P-256 or P-384, under `agreementAlgorithm` of that key. The
 * caller wipes `contentKey`. `ephemeral`: the originator's point; `encryptedKey`: 40 bytes (RFC 3394).
 */
export function agreeAndWrap(
  recipient: KeyObject,
  contentKey: Uint8Array,
): { ephemeral: Uint8Array; encryptedKey: Uint8Array } {
  const namedCurve = recipient.asymmetricKeyDetails?.namedCurve ?? '';
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  const kek = keyEncryptionKey(privateKey, recipient, kdfHashFor(recipient));
  try {
    const cipher = createCipheriv('id-aes256-wrap', kek, WRAP_IV);
    return {
      ephemeral: new Uint8Array(publicPart(publicKey).subjectPublicKey),
      encryptedKey: Buffer.concat([cipher.update(contentKey), cipher.final()]),
    };
  } finally {
    wipe(kek);
  }
}

/** What the message says of the agreement with this key. */
export function agreementAlgorithm(recipient: KeyObject): KeyEncryptionAlgorithmIdentifier {
  return keyEncryptionAlgorithm(kdfHashFor(recipient));
}

function kdfHashFor(recipient: KeyObject): KdfHash {
  return recipient.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'sha384' : 'sha256';
}

/**
 * The opposite, with the recipient's private key. Null if the key is on another curve or does not open it. The caller
 * wipes what comes back. BUNDLE_DAMAGED for a scheme that is not one of the two.
 */
export function agreeAndUnwrap(
  recipient: KeyObject,
  agreed: {
    ephemeral: { algorithm: AlgorithmIdentifier; publicKey: ArrayBuffer };
    algorithm: AlgorithmIdentifier;
    encryptedKey: Uint8Array;
  },
): Uint8Array | null {
  const scheme = KDF_SCHEMES.find(({ hash }) =>
    sameBytes(derOf(keyEncryptionAlgorithm(hash)), derOf(agreed.algorithm)),
  );
  if (!scheme) throw new Refusal('BUNDLE_DAMAGED', { detail: 'its key agreement is not one of ours' });
  const ephemeral = ephemeralKey(recipient, agreed.ephemeral);
  if (!ephemeral) return null;
  const kek = keyEncryptionKey(recipient, ephemeral, scheme.hash);
  try {
    const decipher = createDecipheriv('id-aes256-wrap', kek, WRAP_IV);
    const contentKey = decipher.update(agreed.encryptedKey);
    decipher.final();
    return contentKey;
  } catch {
    return null;
  } finally {
    wipe(kek);
  }
}

/** The originator's point on the recipient's curve; null if it is not on it. */
function ephemeralKey(
  recipient: KeyObject,
  { algorithm, publicKey }: { algorithm: AlgorithmIdentifier; publicKey: ArrayBuffer },
): KeyObject | null {
  const own = publicPart(createPublicKey(recipient)).algorithm;
  const curve = algorithm.parameters;
  if (algorithm.algorithm !== id_ecPublicKey || (curve && own.parameters && !sameBytes(curve, own.parameters))) {
    return null;
  }
  try {
    return publicKeyOf(derOf(new SubjectPublicKeyInfo({ algorithm: own, subjectPublicKey: publicKey })));
  } catch {
    return null;
  }
}

/**
 * ANSI X9.63 key derivation (SEC 1 3.6.1): Hash(Z || counter || SharedInfo). Both hashes are as long as the key or
 * longer, so that one round with counter 1 gives all of it.
 */
function keyEncryptionKey(privateKey: KeyObject, publicKey: KeyObject, hash: KdfHash): Uint8Array {
  const sharedInfo = new SharedInfo();
  sharedInfo.keyInfo = new AlgorithmIdentifier({ algorithm: id_aes256_wrap });
  sharedInfo.suppPubInfo = new OctetString(Uint8Array.of(0, 0, 1, 0)); // 256 bits
  const z = diffieHellman({ privateKey, publicKey });
  const derived = createHash(hash)
    .update(z)
    .update(Uint8Array.of(0, 0, 0, 1))
    .update(derOf(sharedInfo))
    .digest();
  const kek = derived.subarray(0, KEK_BYTES);
  wipe(z, derived.subarray(KEK_BYTES));
  return kek;
}

/** The scheme with the wrap algorithm as its parameters (RFC 5753 7.1.4 and 7.1.5). */
function keyEncryptionAlgorithm(kdfHash: KdfHash): KeyEncryptionAlgorithmIdentifier {
  const algorithm = KDF_SCHEMES.find(({ hash }) => hash === kdfHash)?.oid ?? '';
  const parameters = bufferOf(derOf(new AlgorithmIdentifier({ algorithm: id_aes256_wrap })));
  return new KeyEncryptionAlgorithmIdentifier({ algorithm, parameters });
}

function publicPart(key: KeyObject): SubjectPublicKeyInfo {
  const parsed = parseDer(key.export({ format: 'der', type: 'spki' }), SubjectPublicKeyInfo);
  if (!parsed) throw new Error('the public key does not parse');
  return parsed;
}
