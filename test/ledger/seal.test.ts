import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import canonicalize from 'canonicalize';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../core/ledger/ledger.ts';
import { verifyInclusion } from '../../core/ledger/proof.ts';
import { leafHash } from '../../core/ledger/tree.ts';
import { openStore } from '../../core/store/open.ts';
import { refused } from '../hsm/refused.ts';
import { KINDS, type SampleLedger, appendCheckpoint, note, sampleLedger, verify } from './sample-ledger.ts';

/** Two segments, rows 1 to 4 and 5 to 9, and rows 10 to 14 in the store. Row 8 seals the first, row 11 the second. */
async function sealedTwice(): Promise<SampleLedger> {
  const sample = await sampleLedger(5);
  const { ledger, key } = sample;
  await appendCheckpoint(ledger, key);
  expect(await ledger.seal(4)).toMatchObject([{ from: 1, to: 4, file: 'segments/1-4.ledger' }]);
  await ledger.append([note('between', 'c')]);
  await appendCheckpoint(ledger, key);
  expect(await ledger.seal(9)).toMatchObject([{ from: 5, to: 9 }]);
  await appendCheckpoint(ledger, key);
  await ledger.append([note('last', 'd')]);
  return sample;
}

describe('sealing', () => {
  test('moves rows to files, and everything stays readable, provable and verified', async () => {
    const { folder, store, ledger } = await sealedTwice();
    expect(readdirSync(join(folder, 'segments')).sort()).toEqual(['1-4.ledger', '5-9.ledger']);
    for (const name of readdirSync(join(folder, 'segments'))) {
      expect(statSync(join(folder, 'segments', name)).mode & 0o777).toBe(0o600);
      expect((await verify(join(folder, 'segments', name))).of).toBe('export');
    }
    const inTable = await store.db.selectFrom('ledger').select('seq').orderBy('seq').execute();
    expect(inTable.map(({ seq }) => seq)).toEqual([10, 11, 12, 13]);
    const rows = await ledger.read();
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
    const seqs = async (filter: Parameters<typeof ledger.read>[0]) => (await ledger.read(filter)).map(({ seq }) => seq);
    expect(await seqs({ kind: 'ledger.sealed' })).toEqual([8, 11]);
    expect(await seqs({ ceremony: 'c' })).toEqual([2, 3, 4, 5, 6, 9]);
    const ofCeremonies = rows.filter(({ ceremony }) => ceremony !== null).map(({ seq }) => seq);
    expect(ofCeremonies).not.toHaveLength(rows.length);
    expect(await seqs({ ofCeremonies: true })).toEqual(ofCeremonies);
    expect(await seqs({ ofCeremonies: true, limit: 2 })).toEqual(ofCeremonies.slice(-2));
    expect(await seqs({ kind: 'note', limit: 3 })).toEqual([6, 9, 13]);
    expect(await seqs({ from: 4, to: 6 })).toEqual([4, 5, 6]);
    expect(await seqs({ limit: 2 })).toEqual([12, 13]);
    expect(await seqs({ before: rows[2]?.at ?? '' })).toEqual([1, 2]);
    expect(await seqs({ since: rows[10]?.at ?? '' })).toEqual([11, 12, 13]);
    const { root, size } = await ledger.head();
    const proof = await ledger.proveInclusion(2, size);
    const leaf = leafHash(canonicalize(rows[1]) ?? '');
    expect(verifyInclusion(leaf, { index: 1, size, root, proof })).toBe(true);
    const slice = join(folder, 'slice.ledger');
    await ledger.export({ from: 3, to: 10 }, slice);
    expect(await verify(slice)).toMatchObject({ from: 3, to: 10 });
    await store.close();
    expect(await verify(folder)).toMatchObject({ size: 13, segments: 2, signed: 11, notYetSigned: 2 });
    const again = await openStore(folder);
    expect(await openLedger(again, () => new Date(), KINDS).read()).toEqual(rows);
    await again.close();
  });

  test('takes only rows that are signed, and each once', async () => {
    const { store, ledger, key } = await sampleLedger(3);
    expect(await refused('LEDGER_NOT_SIGNED', () => ledger.seal(2))).toEqual({ signed: 0, seq: 2 });
    await appendCheckpoint(ledger, key);
    expect(await refused('LEDGER_NOT_SIGNED', () => ledger.seal(5))).toEqual({ signed: 4, seq: 5 });
    await ledger.seal(2);
    expect(await ledger.seal(2)).toEqual([]);
    expect(await ledger.seal(1)).toEqual([]);
    await expect(store.db.deleteFrom('ledger').where('seq', '=', 3).execute()).rejects.toThrow('append-only');
    await store.close();
  });

  test('that was interrupted before its row has moved nothing, and is done again', async () => {
    const { folder, store, ledger, key } = await sampleLedger(3);
    await appendCheckpoint(ledger, key);
    const rows = await ledger.read();
    // The row is refused as a full disk would refuse it: the file is there, and nothing else.
    const database = store.db;
    const { sql } = await import('kysely');
    await sql`CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'full'); END`.execute(database);
    await expect(ledger.seal(3)).rejects.toThrow('full');
    await sql`DROP TRIGGER full`.execute(database);
    expect(readdirSync(join(folder, 'segments'))).toEqual(['1-3.ledger']);
    expect(await ledger.read()).toEqual(rows);
    // Of other attempts: a half, another end, and a file of rows that this store does not have, which is nobody's to remove.
    const others = ['.1-2.ledger.0123456789ab.tmp', '1-2.ledger', '1-99.ledger'];
    for (const name of others) writeFileSync(join(folder, 'segments', name), 'rows');
    await ledger.seal(3);
    expect(readdirSync(join(folder, 'segments')).sort()).toEqual(['1-3.ledger', '1-99.ledger']);
    expect((await ledger.read()).slice(0, 5)).toEqual(rows);
    await store.close();
    expect(await verify(folder)).toMatchObject({ segments: 1 });
  });
});

describe('a segment that is not as it was', () => {
  test('is named when it is missing, and nothing is left out of what is read', async () => {
    const { folder, store, ledger } = await sealedTwice();
    rmSync(join(folder, 'segments/5-9.ledger'));
    const missing = { file: 'segments/5-9.ledger', from: 5, to: 9 };
    expect(await refused('LEDGER_SEGMENT_MISSING', () => ledger.read())).toEqual(missing);
    expect(await ledger.read({ from: 10, kind: 'note' })).toHaveLength(1);
    await store.close();
    expect(await refused('LEDGER_SEGMENT_MISSING', () => verify(folder))).toEqual(missing);
  });

  test('is named when a row, its header or its end has changed', async () => {
    const { folder, store, ledger } = await sealedTwice();
    const path = join(folder, 'segments/1-4.ledger');
    const text = readFileSync(path, 'utf8');
    const whole = { file: 'segments/1-4.ledger', from: 1, to: 4 };
    writeFileSync(path, text.replace('note 2', 'note 9'));
    expect(await refused('LEDGER_SEGMENT_DAMAGED', () => ledger.read())).toEqual(whole);
    await store.close();
    expect((await refused('LEDGER_ALTERED', () => verify(folder)))['seq']).toBe(3);
    writeFileSync(path, text.replace(/"after":\["./, '"after":["_'));
    expect(await refused('LEDGER_SEGMENT_DAMAGED', () => verify(folder))).toEqual(whole);
    writeFileSync(path, text.split('\n').slice(0, -2).join('\n') + '\n');
    expect((await refused('LEDGER_ALTERED', () => verify(folder)))['seq']).toBe(4);
    writeFileSync(path, text);
    expect((await verify(folder)).segments).toBe(2);
  });

  test('is named when another was put in its place, or the store forgets it', async () => {
    const { folder, store } = await sealedTwice();
    await store.close();
    const database = new Database(join(folder, 'claviger.db'));
    database.exec('DROP TRIGGER ledger_segment_no_delete; DROP TRIGGER ledger_segment_no_update');
    database.exec("UPDATE ledger_segment SET file = 'segments/1-4.ledger' WHERE first = 5");
    expect((await refused('LEDGER_ALTERED', () => verify(folder)))['seq']).toBe(5);
    database.exec("UPDATE ledger_segment SET file = 'segments/5-9.ledger' WHERE first = 5");
    expect((await verify(folder)).segments).toBe(2);
    database.exec('UPDATE ledger_segment SET sha256 = upper(sha256) WHERE first = 5');
    expect(await refused('LEDGER_SEGMENT_DAMAGED', () => verify(folder))).toMatchObject({ from: 5 });
    database.exec('DELETE FROM ledger_segment WHERE first = 5');
    expect((await refused('LEDGER_ALTERED', () => verify(folder)))['seq']).toBe(5);
    database.close();
  });
});
