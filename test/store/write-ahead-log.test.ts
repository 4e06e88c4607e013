import { closeSync, copyFileSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { type Store, openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';

/** A share as a ceremony keeps it for a while: what is erased for certain. */
const share = (number: number) => ({ ceremony: 'c', number, x: 7, text: `CLV1${'Q'.repeat(400)}${number}` });

async function keep(store: Store, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    await store.db.transaction().execute((db) => db.insertInto('sealed_share').values(share(number)).execute());
  }
}

const logOf = ({ folder }: Store) => join(folder, 'claviger.db-wal');

/** As after a loss of power: the files as they are, in a folder of their own. */
function copied(store: Store, change: (log: string) => void = () => undefined): string {
  const folder = temporaryFolder();
  for (const file of ['claviger.db', 'claviger.db-wal']) copyFileSync(join(store.folder, file), join(folder, file));
  change(join(folder, 'claviger.db-wal'));
  return folder;
}

async function numbersIn(folder: string): Promise<number[]> {
  const store = await openStore(folder);
  const rows = await store.db.selectFrom('sealed_share').select('number').orderBy('number').execute();
  await store.close();
  const database = new Database(join(folder, 'claviger.db'), { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
  return rows.map(({ number }) => number);
}

test('has its room before it is needed, up to its limit', async () => {
  const store = await openStore(join(temporaryFolder(), 'data'));
  let [grown, before] = [0, 0];
  for (let number = 0; number < 300; number++) {
    await keep(store, number, number + 1);
    const { size } = statSync(logOf(store));
    if (size !== before) grown += 1;
    before = size;
  }
  expect(grown).toBeLessThan(12);
  // SQLite moves it to the database when it has 64 MiB.
  const text = 'Q'.repeat(8 * 1024 * 1024);
  for (let number = 300; number < 340; number++) {
    await store.db.transaction().execute(async (db) => {
      await db
        .insertInto('sealed_share')
        .values({ ...share(number), text })
        .execute();
      await db.deleteFrom('sealed_share').where('number', '=', number).execute();
    });
  }
  expect(statSync(logOf(store)).size).toBeLessThan(84 * 1024 * 1024);
  await store.close();
});

test('what was erased is overwritten there, and the file keeps its size', async () => {
  const store = await openStore(join(temporaryFolder(), 'data'));
  await keep(store, 0, 50);
  const { size } = statSync(logOf(store));
  expect(readFileSync(logOf(store)).includes('CLV1QQQQ')).toBe(true);
  await store.db.deleteFrom('sealed_share').where('number', '<', 10).execute();
  await store.flush();
  expect(statSync(logOf(store)).size).toBe(size);
  expect(readFileSync(logOf(store)).every((byte) => byte === 0)).toBe(true);
  // Once more, with nothing in it, and it goes on.
  await store.flush();
  await keep(store, 50, 60);
  await store.flush();
  await keep(store, 60, 70);
  const numbers = Array.from({ length: 60 }, (_, index) => index + 10);
  expect(await numbersIn(copied(store))).toEqual(numbers);
  await store.close();
  expect(await numbersIn(store.folder)).toEqual(numbers);
});

test('a loss of power while it is overwritten loses nothing', async () => {
  const store = await openStore(join(temporaryFolder(), 'data'));
  await keep(store, 0, 30);
  const full = readFileSync(logOf(store));
  await store.db.deleteFrom('sealed_share').where('number', '<', 10).execute();
  const whole = readFileSync(logOf(store));
  await store.flush();
  const numbers = Array.from({ length: 20 }, (_, index) => index + 10);
  const frames = whole.subarray(32, full.length);
  // Its header is gone, and of the frames anything may still be there: all, the first half, the second.
  for (const [from, to] of [
    [0, frames.length],
    [0, frames.length / 2],
    [frames.length / 2, frames.length],
  ] as const) {
    const folder = copied(store, (log) => {
      const file = openSync(log, 'r+');
      writeSync(file, frames.subarray(from, to), 0, undefined, 32 + from);
      closeSync(file);
    });
    expect(await numbersIn(folder)).toEqual(numbers);
  }
  await store.close();
});

test('waits for a transaction that is open', async () => {
  const store = await openStore(join(temporaryFolder(), 'data'));
  await keep(store, 0, 5);
  let flushed = Promise.resolve();
  await store.db.transaction().execute(async (db) => {
    flushed = store.flush();
    await db.deleteFrom('sealed_share').execute();
    expect(readFileSync(logOf(store)).includes('CLV1QQQQ')).toBe(true);
  });
  await flushed;
  expect(readFileSync(logOf(store)).includes('CLV1QQQQ')).toBe(false);
  await store.close();
});
