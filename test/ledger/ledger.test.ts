import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseCheckpoint } from '../../core/ledger/checkpoint.ts';
import { type Ledger, type LedgerRow, openLedger } from '../../core/ledger/ledger.ts';
import { verifyConsistency, verifyInclusion } from '../../core/ledger/proof.ts';
import { storedRows } from '../../core/ledger/read.ts';
import { leafHash } from '../../core/ledger/tree.ts';
import canonicalize from 'canonicalize';
import { type Store, openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { naiveRoot } from './naive-tree.ts';

const KINDS = { note: z.strictObject({ text: z.string() }) };
const note = (text: string) => ({ kind: 'note', ceremony: null, body: { text } });

async function opened(): Promise<{ folder: string; store: Store; ledger: Ledger }> {
  const folder = join(temporaryFolder(), 'data');
  const store = await openStore(folder);
  return { folder, store, ledger: openLedger(store, () => new Date('2026-01-01T00:00:00Z'), KINDS) };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The leaf of a row, by the definition: RFC 8785 over the row as it was read. */
function leavesOf(rows: LedgerRow[]): string[] {
  return rows.map((row) => canonicalize(row) ?? '');
}

test('rows of ceremonies are found by their index, however many others there are', async () => {
  const { store } = await opened();
  for (const filter of [{ ofCeremonies: true }, { ofCeremonies: true, kind: 'note', limit: 1 }, { ceremony: 'c' }]) {
    const plan = await storedRows(store, filter).explain<{ detail: string }>(undefined, sql`query plan`);
    expect(plan[0]?.detail).toMatch(/^SEARCH ledger USING INDEX ledger_by_(ceremony \(ceremony[>=]|kind \(kind=)/);
  }
  await store.close();
});

describe('appending', () => {
  test('grows the tree of the canonical rows, over several openings of the store', async () => {
    const { folder, store, ledger } = await opened();
    await ledger.append([note('a'), note('ü\u0000\u2028"\\ \ud83d\ude00')]);
    await ledger.append([note('c')]);
    await store.close();
    const again = await openStore(folder);
    const resumed = openLedger(again, () => new Date(), KINDS);
    await resumed.append([note('d'), note('e'), note('f')]);
    const rows = await resumed.read();
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    for (let size = 0; size <= 6; size++) {
      const { root } = await resumed.checkpoint(size);
      expect(hex(root), `${size}`).toBe(hex(naiveRoot(leavesOf(rows.slice(0, size)))));
    }
    const head = await resumed.head();
    expect(hex(head.root)).toBe(hex((await resumed.checkpoint()).root));
    await again.close();
  });

  test.each([
    ['of an unknown kind', { kind: 'rumour', ceremony: null, body: {} }, 'there is no kind rumour'],
    ['named like something every object has', { kind: 'constructor', ceremony: null, body: {} }, 'there is no kind'],
    ['that lacks a member', { kind: 'note', ceremony: null, body: {} }, 'note text'],
    ['with a member too many', { kind: 'note', ceremony: null, body: { text: '', more: 1 } }, 'note'],
    ['of the ledger itself, malformed', { kind: 'ledger.checkpoint', ceremony: null, body: {} }, 'ledger.checkpoint'],
  ])('refuses a row %s before anything is written', async (_, row, says) => {
    const { store, ledger } = await opened();
    await expect(ledger.append([note('before'), row])).rejects.toThrow(says);
    expect(await ledger.read()).toEqual([]);
    await store.close();
  });

  test('callers at the same time share a transaction, each with rows of its own in a row', async () => {
    const { folder, store, ledger } = await opened();
    await ledger.head();
    await store.flush();
    const before = commitsIn(folder);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, caller) => ledger.append([note(`${caller} a`), note(`${caller} b`)])),
    );
    expect(commitsIn(folder) - before).toBe(1);
    const rows = await ledger.read();
    expect(rows).toHaveLength(100);
    answers.forEach(([a, b], caller) => {
      expect(b?.seq).toBe((a?.seq ?? 0) + 1);
      expect(rows[(a?.seq ?? 0) - 1]).toEqual(a);
      expect(a?.body).toEqual({ text: `${caller} a` });
    });
    expect(hex((await ledger.head()).root)).toBe(hex(naiveRoot(leavesOf(rows))));
    await store.close();
  });

  test('of callers at the same time the one that is refused fails alone, and whole', async () => {
    const { store, ledger } = await opened();
    await sql`CREATE TRIGGER poison BEFORE INSERT ON ledger WHEN NEW.body LIKE '%poison%'
      BEGIN SELECT RAISE(ABORT, 'no'); END`.execute(store.db);
    const outcomes = await Promise.allSettled([
      ledger.append([note('a')]),
      ledger.append([note('b'), note('poison'), note('c')]),
      ledger.append([{ kind: 'rumour', ceremony: null, body: {} }]),
      ledger.append([note('d'), note('e')]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    const rows = await ledger.read();
    expect(rows.map(({ seq, body }) => [seq, (body as { text: string }).text])).toEqual([
      [1, 'a'],
      [2, 'd'],
      [3, 'e'],
    ]);
    await ledger.append([note('f')]);
    expect(hex((await ledger.head()).root)).toBe(hex(naiveRoot(leavesOf(await ledger.read()))));
    await store.close();
  });
});

describe('heads and proofs', () => {
  test('a checkpoint is a C2SP tlog-checkpoint under a name that stays', async () => {
    const { folder, store, ledger } = await opened();
    await ledger.append([note('a'), note('b')]);
    const { text, origin, root } = await ledger.checkpoint();
    expect(origin).toMatch(/^claviger\/ledger\/[0-9a-f]{16}$/);
    expect(text).toBe(`${origin}\n2\n${Buffer.from(root).toString('base64')}\n`);
    expect(parseCheckpoint(text)).toMatchObject({ origin, size: 2 });
    for (const wrong of [text.slice(0, -1), `${text}\n`, text.replace('\n2\n', '\n02\n'), text.replace('=', '')]) {
      expect(parseCheckpoint(wrong), JSON.stringify(wrong)).toBeNull();
    }
    await store.close();
    const again = await openStore(folder);
    expect(await openLedger(again, () => new Date(), KINDS).origin()).toBe(origin);
    await again.close();
    const other = await opened();
    expect(await other.ledger.origin()).not.toBe(origin);
    await other.store.close();
  });

  test('every row is proven in every tree that has it, and every tree in every later one', async () => {
    const { store, ledger } = await opened();
    for (let count = 0; count < 13; count++) await ledger.append([note(`${count}`)]);
    const leaves = leavesOf(await ledger.read());
    for (let size = 1; size <= 13; size++) {
      const { root } = await ledger.checkpoint(size);
      for (let seq = 1; seq <= size; seq++) {
        const proof = await ledger.proveInclusion(seq, size);
        const leaf = leafHash(leaves[seq - 1] ?? '');
        expect(verifyInclusion(leaf, { index: seq - 1, size, root, proof }), `${seq} in ${size}`).toBe(true);
        const old = await ledger.checkpoint(seq);
        expect(verifyConsistency(old, { size, root }, await ledger.proveConsistency(seq, size))).toBe(true);
      }
    }
    expect(await refused('LEDGER_ROW_UNKNOWN', () => ledger.proveInclusion(14))).toEqual({ seq: 14, size: 13 });
    await refused('LEDGER_ROW_UNKNOWN', () => ledger.proveInclusion(0));
    await refused('LEDGER_ROW_UNKNOWN', () => ledger.proveConsistency(14));
    await refused('LEDGER_ROW_UNKNOWN', () => ledger.checkpoint(14));
    await store.close();
  });
});

test('a store of before has its tree computed when it is opened', async () => {
  const { folder, store, ledger } = await opened();
  const rows = [];
  for (let count = 0; count < 21; count++) rows.push(...(await ledger.append([note(`ü ${count}`)])));
  const { root } = await ledger.head();
  await store.close();
  backToBefore(folder);
  const migrated = await openStore(folder);
  const again = openLedger(migrated, () => new Date(), KINDS);
  expect(await again.read()).toEqual(rows);
  expect(hex((await again.head()).root)).toBe(hex(root));
  await again.append([note('after')]);
  expect(hex((await again.head()).root)).toBe(hex(naiveRoot(leavesOf(await again.read()))));
  await migrated.close();
});

/** The transactions in a write-ahead log (SQLite file format 4.1): frames that give the size of the database after a commit. */
function commitsIn(folder: string): number {
  const log = readFileSync(join(folder, 'claviger.db-wal'));
  if (log.length === 0) return 0;
  const frame = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frame <= log.length; at += frame) if (log.readUInt32BE(at + 4) !== 0) commits++;
  return commits;
}

/** Takes from a store what migration 0003 adds. */
function backToBefore(folder: string): void {
  const database = new Database(join(folder, 'claviger.db'));
  // Nothing of what came later.
  database.pragma('foreign_keys = OFF');
  const later = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'vault_%'").pluck();
  for (const name of later.all()) database.exec(`DROP TABLE ${String(name)}`);
  database.exec(`
    DROP TABLE ledger_tree; DROP TABLE ledger_origin; DROP TABLE ledger_segment; DROP INDEX ledger_by_kind;
    DROP TRIGGER ledger_no_delete;
    CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    DELETE FROM kysely_migration WHERE name >= '0003-ledger-tree';
  `);
  database.close();
}
