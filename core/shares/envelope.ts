import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Refusal } from '../contract/errors.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { normalisedPassphrase } from './passphrase.ts';
import { Y_BYTES } from './shamir.ts';
import { type SealedShare, type ShareHeader, headerBytes } from './share.ts';

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** scrypt's r and p (RFC 7914 section 2). */
const BLOCK_SIZE = 8;
const PARALLELISATION = 1;

const scryptAsync = promisify<Uint8Array, Uint8Array, number, object, Buffer>(scrypt);

/**
 * Encrypts y (32 bytes) under a custodian's passphrase (UTF-8) with a fresh salt. docs/formats/share.md, Creation.
 * The caller wipes y and the passphrase.
 */
export async function sealShare(
  header: Omit<ShareHeader, 'salt'>,
  y: Uint8Array,
  passphrase: Uint8Array,
): Promise<SealedShare> {
  const salted = { ...header, salt: new Uint8Array(randomBytes(SALT_BYTES)) };
  const additionalData = headerBytes(salted);
  const derived = await keyAndNonce(passphrase, salted);
  if (derived === null) throw new RangeError('the passphrase is not UTF-8');
  try {
    const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, KEY_BYTES), derived.subarray(KEY_BYTES), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(additionalData);
    const ciphertext = Buffer.concat([cipher.update(y), cipher.final()]);
    return { ...salted, ciphertext: new Uint8Array(ciphertext), tag: new Uint8Array(cipher.getAuthTag()) };
  } finally {
    wipe(derived);
  }
}

/**
 * Decrypts a share: the plain share (33 bytes, y[32] || x, guarded), which the caller wipes, as well as the passphrase
 * (UTF-8).
 * SHARE_PASSPHRASE_WRONG: the tag does not match.
 */
export async function openShare(share: SealedShare, passphrase: Uint8Array): Promise<Uint8Array> {
  const derived = await keyAndNonce(passphrase, share);
  if (derived === null) throw new Refusal('SHARE_PASSPHRASE_WRONG', { x: share.x });
  const plainShare = guarded(Y_BYTES + 1);
  try {
    const decipher = createDecipheriv('aes-256-gcm', derived.subarray(0, KEY_BYTES), derived.subarray(KEY_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(headerBytes(share));
    decipher.setAuthTag(share.tag);
    // Byte by byte: update() lets go of a buffer with a copy of what it answers, and one byte is the least to leave there.
    for (const [index, byte] of share.ciphertext.entries()) {
      const plain = decipher.update(Uint8Array.of(byte));
      plainShare.set(plain, index);
      plain.fill(0);
    }
    plainShare[Y_BYTES] = share.x;
    if (!tagHolds(decipher)) {
      wipe(plainShare);
      throw new Refusal('SHARE_PASSPHRASE_WRONG', { x: share.x });
    }
    return plainShare;
  } finally {
    wipe(derived);
  }
}

/** final() throws on a wrong tag and on nothing else here: GCM holds no bytes back. */
function tagHolds(decipher: { final(): Buffer }): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

/** AES key (32 bytes) and nonce (12), guarded; the caller wipes them. Null if the passphrase is not UTF-8. */
async function keyAndNonce(passphrase: Uint8Array, { salt, log2N }: ShareHeader): Promise<Uint8Array | null> {
  const normalised = normalisedPassphrase(passphrase);
  if (normalised === null) return null;
  try {
    const cost = 2 ** log2N;
    const maxmem = 128 * BLOCK_SIZE * (cost + PARALLELISATION + 2);
    const bytes = await scryptAsync(normalised, salt, KEY_BYTES + NONCE_BYTES, {
      N: cost,
      r: BLOCK_SIZE,
      p: PARALLELISATION,
      maxmem,
    });
    const derived = guarded(bytes.length);
    derived.set(bytes);
    wipe(bytes);
    return derived;
  } finally {
    wipe(normalised);
  }
}
