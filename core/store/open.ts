import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { Refusal } from '../contract/errors.ts';
import { copyTables } from './copy.ts';
import { StoreDialect } from './dialect.ts';
import { nameWithoutReplacing, writeRefusal } from './files.ts';
import { filePieces } from './lines.ts';
import { readPostgresPlace, refuseIfOthersMayRead } from './postgres-place.ts';
import { ledgerReaderOf } from './read-only.ts';
import { refusalOf } from './sqlite-errors.ts';
import * as ledger from './migrations/0001-ledger.ts';
import * as sealedShare from './migrations/0002-sealed-share.ts';
import * as ledgerTree from './migrations/0003-ledger-tree.ts';
import * as vault from './migrations/0004-vault.ts';
import * as vaultCount from './migrations/0005-vault-count.ts';
import * as vaultRotation from './migrations/0006-vault-rotation.ts';
import * as vaultEmergency from './migrations/0007-vault-emergency.ts';
import * as vaultRenewal from './migrations/0008-vault-renewal.ts';
import * as trail from './migrations/0009-trail.ts';
import * as segmentPart from './migrations/0010-segment-part.ts';
import * as accessed from './migrations/0011-accessed.ts';
import type { Tables } from './schema.ts';
import type { Store } from './store.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** In the folder of a store that is not on PostgreSQL. */
const DATABASE = 'claviger.db';

export const MIGRATIONS: Record<string, Migration> = {
  '0001-ledger': ledger,
  '0002-sealed-share': sealedShare,
  '0003-ledger-tree': ledgerTree,
  '0004-vault': vault,
  '0005-vault-count': vaultCount,
  '0006-vault-rotation': vaultRotation,
  '0007-vault-emergency': vaultEmergency,
  '0008-vault-renewal': vaultRenewal,
  '0009-trail': trail,
  '0010-segment-part': segmentPart,
  '0011-accessed': accessed,
};

export type { Store } from './store.ts';

/**
 * Opens the store in `folder`, or the one on PostgreSQL that its `store.yaml` names. Refusals: STORE_UNSAFE, STORE_PLACE_INVALID, STORE_UNREACHABLE, STORE_UNSUITED, STORE_DAMAGED, STORE_BUSY.
 */
export async function openStore(folder: string): Promise<Store> {
  makeFolder(folder);
  const place = await readPostgresPlace(folder);
  if (!place) return openSqlite(folder);
  // Its driver is read where a store is there, and by no other start.
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres(folder, place, MIGRATIONS, copyInto);
}

/** A copy of a database on PostgreSQL, as one in a file (0600). */
async function copyInto(db: Kysely<Tables>, path: string): Promise<void> {
  const folder = await mkdtemp(join(dirname(path), '.copy-'));
  try {
    const store = await openSqlite(folder);
    try {
      await copyTables(db, store.db);
    } finally {
      await store.close();
    }
    await nameWithoutReplacing(join(folder, DATABASE), path);
  } catch (failed) {
    throw refusalOf(failed, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (failed) {
    throw writeRefusal(failed, folder);
  }
  refuseIfOthersMayRead(folder);
}

/**
 * The store whose database is in `folder`, made if it is new: folder 0700, files 0600, WAL with synchronous FULL, one holder. STORE_DAMAGED, STORE_BUSY.
 */
async function openSqlite(folder: string): Promise<Store> {
  const path = join(folder, DATABASE);
  const isNew = !existsSync(path);
  for (const file of [path, `${path}-wal`]) if (existsSync(file)) refuseIfOthersMayRead(file);

  const previousMask = process.umask(0o077);
  let database: Database.Database;
  let log: WriteAheadLog;
  try {
    database = new Database(path, { timeout: 500 });
    if (isNew) chmodSync(path, 0o600);
    configure(database);
    log = new WriteAheadLog(database);
  } catch (error) {
    throw refusalOf(error, path);
  } finally {
    process.umask(previousMask);
  }

  const dialect = new StoreDialect(database, log);
  const db = new Kysely<Tables>({ dialect });
  try {
    await migrate(database, db);
    // What was erased before a crash still lies in the log.
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    database.close();
    throw refusalOf(error, path);
  }
  const taken = new Set<string>();
  return {
    folder,
    db,
    shared: false,
    // The file has one holder, and each work of it one turn.
    alone(what, work) {
      if (taken.has(what)) return Promise.resolve(null);
      taken.add(what);
      return work(new AbortController().signal).finally(() => taken.delete(what));
    },
    async write(change) {
      try {
        return await change(db);
      } catch (failed) {
        throw refusalOf(failed, path);
      }
    },
    segment: ({ file }) => filePieces(join(folder, file)),
    // A transaction of its own: nobody's half-written rows are there while it lasts.
    ledgerReader: () =>
      db
        .transaction()
        .execute(() => Promise.resolve({ ...ledgerReaderOf(database, path, 'now'), close: () => Promise.resolve() })),
    async snapshot(copy) {
      try {
        writeFileSync(copy, '', { mode: 0o600, flag: 'wx' });
        await database.backup(copy);
      } catch (failed) {
        throw refusalOf(failed, copy);
      }
    },
    async flush() {
      await dialect.betweenTransactions();
      try {
        log.erase();
      } catch (failed) {
        throw refusalOf(failed, path);
      }
    },
    close: () => db.destroy(),
  };
}

/** All or none: Kysely makes no transaction for SQLite, and a table without its entry would be made again for ever. */
async function migrate(database: Database.Database, db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
  database.exec('BEGIN IMMEDIATE');
  const { error } = await migrator.migrateToLatest();
  if (error) throw refusalOf(error, database.name);
  database.exec('COMMIT');
}

function configure(database: Database.Database): void {
  // One holder: the first transaction takes the file and keeps it.
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  // better-sqlite3 is built with NORMAL for WAL, which can lose a commit on power loss.
  database.pragma('synchronous = FULL');
  database.pragma('secure_delete = ON');
  database.pragma('foreign_keys = ON');
  // 32 MiB of pages, as they are in the file. Not more: a commit that has put pages in another order looks through all of them.
  database.pragma('cache_size = -32768');
  const synchronous = database.pragma('synchronous', { simple: true });
  const journal = database.pragma('journal_mode', { simple: true });
  const secureDelete = database.pragma('secure_delete', { simple: true });
  if (synchronous !== 2 || journal !== 'wal' || secureDelete !== 1) throw new Error('SQLite refused its settings');
  if (database.pragma('quick_check', { simple: true }) !== 'ok')
    throw new Refusal('STORE_DAMAGED', { path: database.name, detail: 'quick_check' });
}
