import { createHash, randomBytes, randomFillSync, randomUUID, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { Refusal } from '../contract/errors.ts';
import { seal, sealed, unseal } from '../hsm/software/sealed.ts';
import { openKey } from '../process/aes-gcm.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { normalisedPassphrase } from '../shares/passphrase.ts';
import { readFileOrRefuse, readRefusal, writeFileDurably } from '../store/files.ts';
import { DERIVATIONS, type Derivation, deriveKey, derivation, hkdfSha256, raised } from './derivation.ts';

/**
 * A software keystore: one KEK in a file, under a passphrase. For training and development; a live vault's KEK lives in a
 * token. docs/formats/keystore.md.
 */

const VERSION = 1;
const KEK_BYTES = 32;
const SALT_BYTES = 16;
const CHECK_BYTES = 8;
const FILE_LIMIT = 16 * 1024;

const header = z.strictObject({
  claviger: z.literal('keystore'),
  version: z.literal(VERSION),
  keyId: z.uuidv4(),
  derivation,
  salt: z.base64(),
  /** Says whether a passphrase is the one, without the KEK. */
  check: z.base64(),
});
const keystore = header.extend({ kek: sealed });
/** Of everything else, so that damage is not taken for a wrong passphrase. It is no protection: whoever alters a file can make it anew. */
const keystoreFile = keystore.extend({ digest: z.base64() });
type Keystore = z.infer<typeof keystore>;
/** What another version has in common with this one. */
const anyVersion = z.looseObject({ claviger: z.literal('keystore'), version: z.int() });

/** `kek`: 32 bytes in guarded memory, which the caller wipes. `raised`: the file was rewritten with dearer parameters, which `derivation` is. */
export type UnlockedKeystore = { keyId: string; kek: Uint8Array; raised: boolean; derivation: Derivation };

/**
 * Makes a KEK and writes its keystore (0600), and answers its id. The caller wipes the passphrase (UTF-8).
 * OUTPUT_EXISTS and what else writing refuses; INPUT_INVALID: not UTF-8.
 */
export async function createKeystore(
  path: string,
  passphrase: Uint8Array,
  how: Derivation = DERIVATIONS.argon2id,
): Promise<string> {
  const kek = randomFillSync(guarded(KEK_BYTES));
  try {
    const keyId = randomUUID();
    await write(path, sealKek(keyId, kek, passphrase, how), false);
    return keyId;
  } finally {
    wipe(kek);
  }
}

/**
 * Opens a keystore. Where its parameters are below `floor`, the file is rewritten with those first. The caller wipes
 * the passphrase and the KEK. KEYSTORE_PASSPHRASE_WRONG, KEYSTORE_DAMAGED, KEYSTORE_VERSION; STORE_UNSAFE: others may
 * read the file; FILE_MISSING and what else reading and writing refuse.
 */
export async function unlockKeystore(
  path: string,
  passphrase: Uint8Array,
  floor?: Derivation,
): Promise<UnlockedKeystore> {
  const stored = await read(path);
  const { keyId } = stored;
  const kek = openKek(path, stored, passphrase);
  try {
    const wanted = raised(stored.derivation, floor ?? DERIVATIONS[stored.derivation.name]);
    if (wanted !== stored.derivation) await write(path, sealKek(keyId, kek, passphrase, wanted), true);
    return { keyId, kek, raised: wanted !== stored.derivation, derivation: wanted };
  } catch (error) {
    wipe(kek);
    throw error;
  }
}

function sealKek(keyId: string, kek: Uint8Array, passphrase: Uint8Array, how: Derivation): Keystore {
  const salt = randomBytes(SALT_BYTES);
  const keys = keysOf(passphrase, salt, how);
  if (!keys) throw new Refusal('INPUT_INVALID', { detail: 'the passphrase is not UTF-8' });
  try {
    const head = {
      ...({ claviger: 'keystore' as const, version: VERSION, keyId } as const),
      derivation: how,
      salt: salt.toString('base64'),
      check: Buffer.from(keys.check).toString('base64'),
    };
    return { ...head, kek: seal(keys.wrapping, kek, head) };
  } finally {
    wipe(keys.wrapping, keys.check);
  }
}

function openKek(path: string, { kek: box, ...head }: Keystore, passphrase: Uint8Array): Uint8Array {
  const keys = keysOf(passphrase, Buffer.from(head.salt, 'base64'), head.derivation);
  if (!keys) throw new Refusal('KEYSTORE_PASSPHRASE_WRONG', { path });
  try {
    const check = Buffer.from(head.check, 'base64');
    if (check.length !== CHECK_BYTES || !timingSafeEqual(check, keys.check)) {
      throw new Refusal('KEYSTORE_PASSPHRASE_WRONG', { path });
    }
    const kek = unseal(keys.wrapping, box, head, openKey);
    if (kek?.length === KEK_BYTES) return kek;
    wipe(kek);
    throw new Refusal('KEYSTORE_DAMAGED', { path, detail: 'its passphrase is right, and its key does not open' });
  } finally {
    wipe(keys.wrapping, keys.check);
  }
}

/** One derivation, two keys of it (RFC 5869): what encrypts the KEK, and what tells a wrong passphrase. Null: not UTF-8. */
function keysOf(
  passphrase: Uint8Array,
  salt: Uint8Array,
  how: Derivation,
): { wrapping: Uint8Array; check: Uint8Array } | null {
  const normalised = normalisedPassphrase(passphrase);
  if (!normalised) return null;
  const derived = deriveKey(normalised, salt, how);
  wipe(normalised);
  try {
    const none = new Uint8Array(0);
    return {
      wrapping: hkdfSha256(derived, none, Buffer.from('claviger keystore 1 wrapping'), KEK_BYTES),
      check: hkdfSha256(derived, none, Buffer.from('claviger keystore 1 check'), CHECK_BYTES),
    };
  } finally {
    wipe(derived);
  }
}

async function write(path: string, content: Keystore, overwrite: boolean): Promise<void> {
  const text = `${JSON.stringify({ ...content, digest: digestOf(content) }, null, 2)}\n`;
  await writeFileDurably(path, Buffer.from(text), { mode: 0o600, overwrite });
}

async function read(path: string): Promise<Keystore> {
  const bytes = await readFileOrRefuse(path, FILE_LIMIT);
  await refuseReadable(path);
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new Refusal('KEYSTORE_DAMAGED', { path, detail: 'it is not JSON' });
  }
  const other = anyVersion.safeParse(content);
  if (other.success && other.data.version !== VERSION) {
    throw new Refusal('KEYSTORE_VERSION', { path, version: other.data.version });
  }
  const parsed = keystoreFile.safeParse(content);
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new Refusal('KEYSTORE_DAMAGED', {
      path,
      detail: `it does not fit its form at ${at === '' ? 'its top' : at}`,
    });
  }
  const { digest, ...rest } = parsed.data;
  if (digest !== digestOf(rest)) throw new Refusal('KEYSTORE_DAMAGED', { path, detail: 'its digest is another' });
  return rest;
}

function digestOf(content: Keystore): string {
  return createHash('sha256')
    .update(canonicalize(content) ?? '')
    .digest('base64');
}

/** STORE_UNSAFE */
async function refuseReadable(path: string): Promise<void> {
  const { mode } = await stat(path).catch((error: unknown) => {
    throw readRefusal(error, path);
  });
  if (mode & 0o077) throw new Refusal('STORE_UNSAFE', { path, mode: (mode & 0o777).toString(8) });
}
