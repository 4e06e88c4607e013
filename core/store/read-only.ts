import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { Refusal } from '../contract/errors.ts';
import { filePieces } from './lines.ts';
import { readPostgresPlace } from './postgres-place.ts';
import { refusalOf } from './sqlite-errors.ts';
import type { LedgerReader, RawRow } from './ledger-reader.ts';
import type { LedgerSegmentTable } from './schema.ts';

/**
 * Opens a store to read its ledger, without its lock for writing: a store that is in use is STORE_BUSY. FILE_MISSING,
 * STORE_DAMAGED, STORE_BUSY.
 */
export async function openLedgerReader(folder: string): Promise<LedgerReader> {
  const place = await readPostgresPlace(folder);
  if (place) {
    const { connectTo, nameOf } = await import('./postgres.ts');
    const { postgresLedgerReader } = await import('./postgres-ledger.ts');
    const { db } = await connectTo(place);
    const reader = await postgresLedgerReader(db, nameOf(place)).catch(async (error: unknown) => {
      await db.destroy();
      throw error;
    });
    const close = async () => {
      await reader.close();
      await db.destroy();
    };
    return { ...reader, close };
  }
  const path = join(folder, 'claviger.db');
  if (!existsSync(path)) throw new Refusal('FILE_MISSING', { path });
  const database = readOrRefuse(path, () => new Database(path, { readonly: true, timeout: 500 }));
  try {
    database.exec('BEGIN');
    return {
      ...ledgerReaderOf(database, path, Number.MAX_SAFE_INTEGER),
      close: () => {
        database.close();
        return Promise.resolve();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Rows after `last` are not seen; `now`: those that come later, while others go on writing. */
export function ledgerReaderOf(
  database: Database.Database,
  path: string,
  last: number | 'now',
): Omit<LedgerReader, 'close'> {
  const one = (query: string) => database.prepare(query).pluck().get();
  return readOrRefuse(path, () => {
    const lastGiven = Number(one("SELECT max(seq) FROM sqlite_sequence WHERE name = 'ledger'") ?? 0);
    const lastInTree = Number(one('SELECT max(seq) FROM ledger_tree') ?? 0);
    const end =
      last === 'now' ? Math.max(lastGiven, lastInTree, Number(one('SELECT max(seq) FROM ledger') ?? 0)) : last;
    const rows = database
      .prepare('SELECT seq, at, kind, ceremony, body FROM ledger WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?')
      .raw();
    // As one blob, for a million small ones take longer than their hashes. SQLite joins bytes as they are, whatever they say.
    const hashes = database
      .prepare(
        `SELECT CAST(group_concat(hashes, '') AS BLOB)
         FROM (SELECT hashes FROM ledger_tree WHERE seq BETWEEN ? AND ? ORDER BY seq)`,
      )
      .pluck();
    return {
      // One row: a name that is there twice is none.
      origin: String(one('SELECT CASE count(*) WHEN 1 THEN max(origin) END FROM ledger_origin')),
      segments: database
        .prepare('SELECT * FROM ledger_segment ORDER BY first')
        .all()
        .map((row) => segmentOf(row, path)),
      lastGiven,
      lastInTree,
      rows: (after, limit) => readOrRefuse(path, () => rows.all(after, end, limit) as RawRow[]),
      segment: ({ file }) => filePieces(join(dirname(path), file)),
      hashes: (from, to) => readOrRefuse(path, () => (hashes.get(from, to) as Buffer | null) ?? Buffer.alloc(0)),
    };
  });
}

/** In a damaged file the table can be another one's pages. */
function segmentOf(row: unknown, path: string): LedgerSegmentTable {
  const { first, last, file, sha256 } = row as Record<keyof LedgerSegmentTable, unknown>;
  const isOne =
    typeof first === 'number' && typeof last === 'number' && typeof file === 'string' && typeof sha256 === 'string';
  if (!isOne) throw new Refusal('STORE_DAMAGED', { path, detail: 'ledger_segment' });
  return { first, last, file, sha256 };
}

function readOrRefuse<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const refusal = refusalOf(error, path);
    if (!(error instanceof Database.SqliteError) || refusal instanceof Refusal) throw refusal;
    // A table that is not there, or is not what it was.
    throw new Refusal('STORE_DAMAGED', { path, detail: error.code });
  }
}
