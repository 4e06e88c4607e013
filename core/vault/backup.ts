import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';
import { Refusal } from '../contract/errors.ts';
import type { EncryptionContext, KmsProvider } from '../kms/provider.ts';
import type { Kinds } from '../ledger/kinds.ts';
import { openLedger } from '../ledger/ledger.ts';
import { segmentsOf } from '../ledger/rows.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { wipe } from '../process/guarded.ts';
import { entryAt, syncFolder, writeRefusal } from '../store/files.ts';
import { openStore } from '../store/open.ts';
import { piecesOf, writePieces } from './file.ts';
import { EVERYTHING, requireAdmin } from './grants.ts';
import { type Caller, type Db, type VaultParts, byOf, record, vaultRow } from './parts.ts';
import { OWN, openVersion } from './rows.ts';
import { type Pieces, headOfFile, openStream, sealStream } from './sealed-file.ts';
import { activeKey, checkKey } from './vault.ts';

/**
 * A copy of a store: its database and the sealed segments of its ledger, a tar archive in a sealed file (docs/formats/vault-backup.md). What opens it is the vault's KEK, which is
 * backed up on its own: a keystore's file, or the key's backup under the master key.
 */

const USE = 'vault-backup';
const DATABASE = 'claviger.db';
const SEGMENT = /^segments\/\d+-\d+\.ledger$/;

/**
 * Writes a backup while the vault works, and opens it again: the ledger is verified from its rows up, and the key opens what it sealed. ADMIN of everything. VAULT_REFUSED,
 * OUTPUT_EXISTS and its like, VAULT_BACKUP_DAMAGED.
 */
export async function backUp(
  parts: VaultParts,
  caller: Caller,
  out: string,
  kinds: Kinds,
): Promise<{ path: string; sha256: string; bytes: number; ledgerRows: number }> {
  const { store, ledger, kms, clock } = parts;
  await requireAdmin(parts, caller, EVERYTHING, 'backup');
  if (await entryAt(out)) throw new Refusal('OUTPUT_EXISTS', { path: out });
  const key = await activeKey(store.db);
  if (!key) throw new Refusal('VAULT_NEW');
  const folder = await mkdtemp(join(store.folder, '.backup-'));
  try {
    const snapshot = join(folder, DATABASE);
    await store.snapshot(snapshot);
    const files: { name: string; path: string }[] = [];
    for (const segment of await segmentsOf(store)) {
      const { file: name } = segment;
      if (store.shared) await writePieces(join(folder, basename(name)), store.segment(segment));
      files.push({ name, path: store.shared ? join(folder, basename(name)) : join(store.folder, name) });
    }
    const context: EncryptionContext = {
      ...{ use: USE, origin: await ledger.origin(), at: clock().toISOString() },
      ...{ key: key.id, provider: key.provider, place: key.place },
    };
    await writePieces(out, sealStream(kms, context, archiveOf([{ name: DATABASE, path: snapshot }, ...files])));
    const check = join(folder, 'check');
    const { ledgerRows } = await openInto(check, out, kms, kinds);
    const { size: bytes } = await stat(out);
    const sha256 = await sha256OfFile(out);
    const row = vaultRow(
      'vault.backup',
      { sha256, bytes, ledgerRows, ...byOf(caller) },
      { principal: caller.principal.id },
    );
    await record(ledger, [row]);
    return { path: out, sha256, bytes, ledgerRows };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a backup says of itself, before any key is there: which key opens it. VAULT_BACKUP_DAMAGED, FILE_MISSING and its like. */
export async function readBackupHead(file: string): Promise<{ key: string; provider: string; place: string }> {
  const { context } = await headOfFile(piecesOf(file));
  const { use, key, provider, place } = context;
  if (use !== USE || !key || !provider || !place) throw damaged('it is no backup of a vault');
  return { key, provider, place };
}

/**
 * Restores a backup into a folder that is not there, or is empty: all of it, verified, or nothing. `place`: where the key is now. A row of the restored ledger says so. FOLDER_NOT_EMPTY,
 * VAULT_BACKUP_DAMAGED, FILE_SEALED_DAMAGED, KMS_KEY_UNKNOWN and what else the key refuses.
 */
export async function restore(
  { file, folder, place }: { file: string; folder: string; place: string },
  { kms, kinds, clock }: { kms: KmsProvider; kinds: Kinds; clock: () => Date },
): Promise<{ folder: string; ledgerRows: number; keyId: string }> {
  const entry = await entryAt(folder);
  if (entry && (!entry.isDirectory() || (await readdir(folder)).length > 0)) {
    throw new Refusal('FOLDER_NOT_EMPTY', { path: folder });
  }
  const sha256 = await sha256OfFile(file);
  let making: string;
  try {
    making = await mkdtemp(`${folder}.restoring-`);
  } catch (error) {
    throw writeRefusal(error, folder);
  }
  try {
    const inside = join(making, 'data');
    const { ledgerRows } = await openInto(inside, file, kms, kinds);
    const store = await openStore(inside);
    try {
      const ledger = openLedger(store, clock, kinds);
      await record(ledger, [vaultRow('vault.restored', { sha256, key: kms.keyId, ledgerRows })], async (db) => {
        await db.updateTable('vault_key').set({ place }).where('id', '=', kms.keyId).execute();
        await endRotation(db, kms.keyId, clock().toISOString());
      });
    } finally {
      await store.close();
    }
    if (entry) await rm(folder, { recursive: true });
    await rename(inside, folder);
    await syncFolder(dirname(folder));
    return { folder, ledgerRows, keyId: kms.keyId };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** Of a rotation that was under way when the backup was made, the key that opens the backup stays alone. */
async function endRotation(db: Db, keyId: string, at: string): Promise<void> {
  await db.deleteFrom('vault_data_key').where('key_id', '!=', keyId).execute();
  await db
    .updateTable('vault_key')
    .set({ state: 'destroyed' })
    .where('state', 'in', ['next', 'retiring'])
    .where('id', '!=', keyId)
    .execute();
  await db
    .updateTable('vault_rotation')
    .set({ phase: 'rolled-back', finished_at: at })
    .where('finished_at', 'is', null)
    .execute();
}

/** Unpacks a backup into a new folder and proves it: the ledger, the key's check, and one value that the vault keeps for itself. */
async function openInto(folder: string, file: string, kms: KmsProvider, kinds: Kinds): Promise<{ ledgerRows: number }> {
  await readBackupHead(file);
  await mkdir(folder, { mode: 0o700 });
  await unpack(openStream(kms, null, piecesOf(file)), folder);
  if (!(await entryAt(join(folder, DATABASE)))) throw damaged('the database is missing');
  const { size } = await verifyLedger(folder, { kinds, paper: null });
  const store = await openStore(folder);
  try {
    await checkKey(store, kms);
    const secret = await store.db.selectFrom('vault_secret').selectAll().where('owner', '=', OWN).executeTakeFirst();
    const value = secret ? await openVersion({ store, kms }, secret) : null;
    if (!value) throw damaged('no credential is in it');
    wipe(value);
  } finally {
    await store.close();
  }
  return { ledgerRows: size };
}

function archiveOf(files: { name: string; path: string }[]): Pieces {
  const archive = pack();
  const filling = async () => {
    for (const { name, path } of files) {
      const { size } = await stat(path);
      await pipeline(createReadStream(path), archive.entry({ name, size, mode: 0o600 }));
    }
    archive.finalize();
  };
  filling().catch((error: unknown) => {
    archive.destroy(error as Error);
  });
  return archive as AsyncIterable<Uint8Array>;
}

async function unpack(pieces: Pieces, folder: string): Promise<void> {
  const archive = extract();
  const filled = pipeline(Readable.from(copied(pieces)), archive);
  // Waited for below; a refusal before that is not to end the process.
  filled.catch(() => undefined);
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header;
      if (type !== 'file' || (name !== DATABASE && !SEGMENT.test(name))) throw damaged(`it has ${name} in it`);
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
    }
  } catch (error) {
    // What ended the archive early is the cause.
    await filled;
    throw writeRefusal(error, folder);
  }
  await filled;
}

/** What is read of a database is no secret in the clear: it leaves guarded memory, which has little room. */
async function* copied(pieces: Pieces): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    const copy = Buffer.from(piece);
    wipe(piece);
    yield copy;
  }
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(path)) hash.update(piece);
  return hash.digest('hex');
}

function damaged(detail: string): Refusal {
  return new Refusal('VAULT_BACKUP_DAMAGED', { detail });
}
