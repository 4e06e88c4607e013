import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LedgerRow } from '../../core/ledger/ledger.ts';
import { rowPages } from '../../core/ledger/rows.ts';
import { SEGMENT_ROWS } from '../../core/ledger/segment.ts';
import { verifyOpenStore } from '../../core/ledger/verify-store.ts';
import { KINDS, appendCheckpoint, appendKey, note, sampleLedger, selfSignedKey, verify } from './sample-ledger.ts';

/** What others do while rows go to a segment. */

/** Rows enough for several pages of whoever reads them page by page. */
async function manyRows(count: number) {
  const sample = await sampleLedger(1);
  await sample.ledger.append(Array.from({ length: count }, (_, index) => note(`row ${index}`)));
  await appendCheckpoint(sample.ledger, sample.key);
  return sample;
}

const numbers = (rows: { seq: number }[]) => rows.map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test('every reading has every row once, whenever it begins, and what is appended meanwhile is there', async () => {
  const { folder, store, ledger, key } = await manyRows(2500);
  let over = false as boolean;
  const sealing = (async () => {
    for (const to of [500, 1200, 2400]) await ledger.seal(to);
    over = true;
  })();
  const appended: LedgerRow[] = [];
  do {
    // Two on their way at once, and a row that is appended beside them.
    const [all, newest, row] = await Promise.all([
      ledger.read(),
      ledger.read({ limit: 1500 }),
      ledger.append([note('meanwhile')]),
    ]);
    expect(numbers(all)).toEqual(upTo(all.length));
    const last = newest.at(-1)?.seq ?? 0;
    expect(numbers(newest)).toEqual(upTo(last).slice(-1500));
    appended.push(...row);
    // The sealing waits for files, and nothing of the above does.
    await setImmediate();
  } while (!over);
  await sealing;
  const rows = await ledger.read();
  expect(numbers(rows)).toEqual(upTo(rows.length));
  for (const row of appended) expect(rows[row.seq - 1]).toEqual(row);
  await appendCheckpoint(ledger, key);
  await store.close();
  expect(await verify(folder)).toMatchObject({ segments: 3, size: rows.length + 1 });
});

test('a slice that is being written goes on in the segment', async () => {
  const { store, ledger } = await manyRows(3000);
  const before = await ledger.read();
  const pages = rowPages(store, 1, 3000);
  const first = await pages.next();
  const seen = first.done === true ? [] : numbers(first.value);
  await ledger.seal(2500);
  for await (const rows of pages) seen.push(...numbers(rows));
  expect(seen).toEqual(numbers(before).slice(0, 3000));
  await store.close();
});

test('a verification of the open store begins again where rows go to a segment under it', async () => {
  const { store, ledger } = await manyRows(4500);
  let paces = 0;
  const verified = await verifyOpenStore(store, KINDS, null, async () => {
    paces += 1;
    // The next page is read already, and those after it are not.
    if (paces === 1) await ledger.seal(4200);
  });
  expect(verified).toMatchObject({ segments: 1, size: (await ledger.head()).size });
  await store.close();
});

test('no segment has more rows than one page of a reader is worth, and each names the keys that it rests on', async () => {
  const { folder, store, ledger, key } = await manyRows(SEGMENT_ROWS);
  const second = selfSignedKey('second');
  await appendKey(ledger, second, key);
  // Between the end of what is sealed and the checkpoint above it.
  const signed = (await ledger.head()).size;
  await appendCheckpoint(ledger, second);
  const first = await ledger.sealBefore('2100-01-01T00:00:00.000Z');
  expect(first.map(({ from, to }) => [from, to])).toEqual([
    [1, SEGMENT_ROWS],
    [SEGMENT_ROWS + 1, signed],
  ]);
  const third = selfSignedKey('third');
  await appendKey(ledger, third, second);
  await appendCheckpoint(ledger, third);
  const [last] = await ledger.sealBefore('2100-01-01T00:00:00.000Z');
  const header = readFileSync(join(folder, last?.file ?? ''), 'utf8').split('\n')[0] ?? '';
  const { keys } = JSON.parse(header) as { keys: { certificate: string }[] };
  expect(keys.map(({ certificate }) => certificate)).toEqual(
    [key, second, third].map(({ certificate }) => Buffer.from(certificate).toString('base64')),
  );
  // Sealed to the row: nothing is left that is signed and old.
  expect(await ledger.sealBefore('2100-01-01T00:00:00.000Z')).toEqual([]);
  await store.close();
  expect(await verify(folder)).toMatchObject({ segments: 3, keys: [{}, {}, {}] });
});

test('only rows from before the time are sealed, and of two sealings at once one comes after the other', async () => {
  const { store, ledger, key } = await sampleLedger(9);
  await appendCheckpoint(ledger, key);
  const rows = await ledger.read();
  const at = (seq: number) => rows[seq - 1]?.at ?? '';
  const [one, two] = await Promise.all([ledger.sealBefore(at(4)), ledger.sealBefore(at(7))]);
  expect([...one, ...two].map(({ from, to }) => [from, to])).toEqual([
    [1, 3],
    [4, 6],
  ]);
  expect(await ledger.sealBefore(at(7))).toEqual([]);
  const ended = new AbortController();
  ended.abort();
  expect(await ledger.sealBefore(at(9), ended.signal)).toEqual([]);
  expect((await ledger.read()).slice(0, rows.length)).toEqual(rows);
  await store.close();
});
