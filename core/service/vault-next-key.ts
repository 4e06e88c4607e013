import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../contract/errors.ts';
import { TokenProcess } from '../hsm/process/client.ts';
import { readTokenFile } from '../hsm/token-file.ts';
import { createKeystore, unlockKeystore } from '../kms/keystore.ts';
import { LocalKms } from '../kms/local.ts';
import { Pkcs11Kms } from '../kms/pkcs11.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { guardedCopy, wipe } from '../process/guarded.ts';
import { errnoOf, syncFolder, writeFileDurably, writeRefusal } from '../store/files.ts';
import type { Store } from '../store/open.ts';
import type { VaultKeyTable } from '../store/schema.ts';
import type { KekBackup, NextKeys } from '../vault/rotation/next-key.ts';
import { activeKey } from '../vault/vault.ts';
import { kekPlace, openKey, openToken, placeSchema } from './vault-key.ts';

/** The KEKs that take one another's place: in the token that has the vault's key, or in keystores beside its own. */

const BACKUPS = 'kek-backup';

type Parts = { data: string; store: Store; ledger: Ledger };

/** `pin`: of the token, if its file does not name a file; kept until `close`. */
export function nextKeysOf(
  active: VaultKeyTable,
  pin: Uint8Array | null,
  parts: Parts,
): { keys: NextKeys; close: () => void } {
  const place = placeSchema.parse(JSON.parse(active.place));
  if ('keystore' in place) return { keys: keystores(parts), close: () => undefined };
  const kept = pin && guardedCopy(pin);
  const close = () => {
    wipe(kept);
  };
  return { keys: inToken(place.token, kept, parts), close };
}

/** A keystore of its own for each, under the passphrase that opens the present one. */
function keystores(parts: Parts): NextKeys {
  const passphraseOf = (secret: Uint8Array | null) => {
    if (!secret) throw new Refusal('INPUT_INVALID', { detail: 'the passphrase is missing' });
    return secret;
  };
  const derivationOf = async (secret: Uint8Array) => {
    const active = await activeKey(parts.store.db);
    if (!active) throw new Refusal('VAULT_NEW');
    const { kek, derivation } = await unlockKeystore(fileOf(active.place), secret);
    wipe(kek);
    return derivation;
  };
  const fileOf = (place: string) => {
    const parsed = placeSchema.parse(JSON.parse(place));
    if (!('keystore' in parsed)) throw new Error('a keystore in the place of a token');
    return join(parts.data, parsed.keystore);
  };
  return {
    plan: (rotation) => JSON.stringify({ keystore: `vault-${rotation.slice(0, 8)}.keystore` }),
    async check(secret) {
      await derivationOf(passphraseOf(secret));
    },
    async make(place, secret) {
      const passphrase = passphraseOf(secret);
      const derivation = await derivationOf(passphrase);
      await erase(fileOf(place));
      await createKeystore(fileOf(place), passphrase, derivation);
      return { kms: await LocalKms.open(fileOf(place), passphrase), place, backup: null };
    },
    open: (key, secret) => openKey(key, secret, parts),
    destroy: (place) => erase(fileOf(place)),
  };
}

/** A key of the same token under a label of its own, made there and backed up under the master key that the token holds. */
function inToken(token: string, pin: Uint8Array | null, { data, ledger }: Parts): NextKeys {
  const labelOf = (place: string) => {
    const parsed = placeSchema.parse(JSON.parse(place));
    if (!('label' in parsed)) throw new Error('a token in the place of a keystore');
    return parsed.label;
  };
  const backupOf = (label: string) => `${BACKUPS}/${label}.kwp`;
  return {
    plan: (rotation) => JSON.stringify({ token, label: `vault-kek-${rotation.slice(0, 8)}`, check: '' }),
    async check() {
      await withToken(token, pin, (process) => masterKeyIn(process, token));
    },
    async make(place, _secret) {
      const label = labelOf(place);
      const backup = await withToken(token, pin, async (process) => {
        const masterKey = await masterKeyIn(process, token);
        await destroyIn(process, label);
        const { id } = await process.call('generateKey', { label, algorithm: 'AES-256', purpose: 'kek' });
        const wrapped = await process.call('wrap', { masterKeyLabel: masterKey, label });
        // What it was wrapped to comes back, and is the key: tried before anything depends on it.
        const challenge = randomBytes(32).toString('base64');
        const sealed = await process.call('encryptChallenge', { label, challenge });
        const proof = await process.call('proveBackup', {
          masterKeyLabel: masterKey,
          backup: { label, id, algorithm: 'AES-256', ...wrapped, ...sealed },
        });
        if (!('opened' in proof) || proof.opened !== challenge) throw new Refusal('BACKUP_UNOPENED', { label });
        const sha256 = createHash('sha256').update(Buffer.from(wrapped.blob, 'base64')).digest('hex');
        return { label, masterKey, ...wrapped, file: backupOf(label), sha256 } satisfies KekBackup;
      });
      await writeBackup(data, backup);
      const made = await Pkcs11Kms.enrol(kekPlace(token, pin, ledger), label);
      const found = { token, label, check: made.check };
      return { kms: await openToken(found, made.keyId, pin, ledger), place: JSON.stringify(found), backup };
    },
    open: (key) => openKey(key, pin, { data, ledger }),
    async destroy(place) {
      const label = labelOf(place);
      await withToken(token, pin, (process) => destroyIn(process, label));
      await erase(join(data, backupOf(label)));
    },
  };
}

/** A token process of its own, logged in, which ends with the work. */
async function withToken<T>(
  token: string,
  pin: Uint8Array | null,
  work: (process: TokenProcess) => Promise<T>,
): Promise<T> {
  const [member] = kekPlace(token, pin, null).members;
  const process = TokenProcess.start();
  let given: Awaited<ReturnType<NonNullable<typeof member>['login']>> | null = null;
  try {
    await process.call('open', { location: readTokenFile(token).location });
    given = (await member?.login()) ?? null;
    const ticket = given?.pin ? await process.sendSecret(given.pin) : null;
    await process.call('login', { pin: ticket, securityOfficerPin: null });
    return await work(process);
  } finally {
    wipe(given?.pin);
    await process.close();
  }
}

/** The one key of the token that wraps and unwraps. ROTATION_NO_MASTER_KEY, KEY_AMBIGUOUS. */
async function masterKeyIn(process: TokenProcess, token: string): Promise<string> {
  const { keys } = await process.call('inventory', {});
  const [master, another] = keys.filter(
    ({ algorithm, attributes: { wrap, unwrap } }) => algorithm === 'AES-256' && wrap && unwrap,
  );
  if (!master) throw new Refusal('ROTATION_NO_MASTER_KEY', { token: readTokenFile(token).location.token });
  if (another) throw new Refusal('KEY_AMBIGUOUS', { label: master.label });
  return master.label;
}

async function destroyIn(process: TokenProcess, label: string): Promise<void> {
  const { keys } = await process.call('inventory', {});
  if (keys.some((key) => key.label === label)) await process.call('destroy', { label });
}

async function writeBackup(data: string, { file, blob }: KekBackup): Promise<void> {
  try {
    await mkdir(join(data, BACKUPS), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw writeRefusal(error, join(data, BACKUPS));
  }
  await writeFileDurably(join(data, file), Buffer.from(blob, 'base64'), { mode: 0o600, overwrite: true });
}

/** Overwritten, then unlinked; what a medium keeps of it is another matter (docs/ops/secure-deletion.md). Gone already is gone. OUTPUT_UNWRITABLE. */
async function erase(path: string): Promise<void> {
  try {
    const file = await open(path, 'r+');
    try {
      const { size } = await file.stat();
      await file.write(new Uint8Array(size), 0, size, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await unlink(path);
    await syncFolder(join(path, '..'));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw writeRefusal(error, path);
  }
}
