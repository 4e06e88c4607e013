import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { appendCheckpoint, note, sampleLedger, verify } from './sample-ledger.ts';

/** Everything that the ledger is: as long as this is the same, a changed byte has changed nothing. */
const TABLES = ['ledger', 'ledger_tree', 'ledger_origin', 'ledger_segment'];

/** The ledger's tables as whoever reads them sees them; null if they cannot be read. */
function contentOf(file: string): string | null {
  try {
    const database = new Database(file, { readonly: true });
    try {
      return JSON.stringify(TABLES.map((table) => database.prepare(`SELECT * FROM ${table}`).raw().all()));
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof Database.SqliteError) return null;
    throw error;
  }
}

/** What verification says of a changed file; null if it says that all is well. */
async function complaint(path: string): Promise<Refusal | null> {
  try {
    await verify(path);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The same rows on small pages, without the vault's empty tables: they would be most of the bytes otherwise. */
function shrink(file: string): void {
  const database = new Database(file);
  database.pragma('foreign_keys = OFF');
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'vault%'").pluck();
  for (const name of tables.all() as string[]) database.exec(`DROP TABLE ${name}`);
  database.pragma('journal_mode = DELETE');
  database.pragma('page_size = 512');
  database.exec('VACUUM');
  database.close();
}

test('each byte of the database, flipped: found, or the rows are the same', { timeout: 600_000 }, async () => {
  const { folder, store, ledger, key } = await sampleLedger(3);
  await appendCheckpoint(ledger, key);
  await ledger.append([note('after')]);
  await store.close();
  const copy = temporaryFolder();
  const file = join(copy, 'claviger.db');
  copyFileSync(join(folder, 'claviger.db'), file);
  shrink(file);
  const bytes = readFileSync(file);
  const before = contentOf(file);
  expect(before).not.toBeNull();
  const rowsAt = [2, 3, 4].map((seq) => ({ seq, at: bytes.indexOf(`"text":"note ${seq - 1}"`) }));

  const handle = openSync(file, 'r+');
  const silent: number[] = [];
  const found = { rows: 0, store: 0, same: 0 };
  for (let at = 0; at < bytes.length; at++) {
    const original = bytes[at] ?? 0;
    writeSync(handle, Uint8Array.of(original ^ (1 << (at % 8))), 0, 1, at);
    if (contentOf(file) === before) {
      found.same += 1;
    } else {
      const refusal = await complaint(copy);
      if (!refusal) silent.push(at);
      else if (refusal.code === 'LEDGER_ALTERED') found.rows += 1;
      else found.store += 1;
      const row = rowsAt.find((note) => at >= note.at && at < note.at + 10);
      if (row) expect(refusal?.params['seq'], `byte ${at}`).toBe(row.seq);
    }
    writeSync(handle, Uint8Array.of(original), 0, 1, at);
  }
  closeSync(handle);
  expect(silent).toEqual([]);
  expect(readFileSync(file).equals(bytes)).toBe(true);
  // Of the flips that change something most change a row, and most of the file is free space and other tables.
  expect(found.rows).toBeGreaterThan(2000);
  expect(found.same).toBeGreaterThan(found.store);
});

test('each byte of an export, flipped, cut off or doubled, is found', { timeout: 600_000 }, async () => {
  const { folder, store, ledger, key } = await sampleLedger(5);
  await appendCheckpoint(ledger, key);
  const path = join(folder, 'slice.ledger');
  await ledger.export({ from: 3, to: 5 }, path);
  await store.close();
  const bytes = readFileSync(path);
  const lines = bytes.toString().split('\n');
  const [header = ''] = lines;
  const starts = lines.map((_, line) => lines.slice(0, line).join('\n').length + 1);
  const changed = join(folder, 'changed.ledger');
  copyFileSync(path, changed);
  const handle = openSync(changed, 'r+');
  for (let at = 0; at < bytes.length; at++) {
    const original = bytes[at] ?? 0;
    writeSync(handle, Uint8Array.of(original ^ (1 << (at % 8))), 0, 1, at);
    const refusal = await complaint(changed);
    expect(refusal, `byte ${at}`).not.toBeNull();
    // The header's own line feed belongs to it.
    if (at > header.length) {
      const line = starts.findLastIndex((start) => start <= at);
      expect(refusal?.code, `byte ${at}`).toBe('LEDGER_ALTERED');
      // A changed line feed joins a row to the next, or leaves the last one without an end.
      expect(refusal?.params['seq'], `byte ${at}`).toBe(Math.min(line + 2, 5));
    }
    writeSync(handle, Uint8Array.of(original), 0, 1, at);
  }
  closeSync(handle);
  expect(await complaint(changed)).toBeNull();
});
