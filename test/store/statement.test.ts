import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { type Store, openStore } from '../../core/store/open.ts';
import { change, firstOf, rowsOf, statement } from '../../core/store/statement.ts';
import { temporaryFolder } from '../cli/claviger.ts';

const LATER = statement((db, values: { secret: string }) =>
  db.selectFrom('vault_trail').selectAll().where('about', '=', values.secret).where('seq', '>', 1).orderBy('seq'),
);
const ADD = statement((db, values: { about: string; seq: number }) =>
  db.insertInto('vault_trail').values({ about: values.about, seq: values.seq }),
);

async function opened(folder = join(temporaryFolder(), 'data')): Promise<Store> {
  const store = await openStore(folder);
  onTestFinished(() => store.close());
  return store;
}

test('a statement takes its values by name, each time anew, and keeps what stands in it', async () => {
  const { db } = await opened();
  for (const seq of [1, 2, 3]) expect(await change(db, ADD, { about: 'a', seq })).toBe(1);
  await change(db, ADD, { about: 'b', seq: 9 });
  expect((await rowsOf(db, LATER, { secret: 'a' })).map(({ seq }) => seq)).toEqual([2, 3]);
  expect(await firstOf(db, LATER, { secret: 'b' })).toEqual({ about: 'b', seq: 9 });
  expect(await firstOf(db, LATER, { secret: 'c' })).toBeUndefined();
});

test('outside a transaction nobody sees what it has not committed, and everybody goes on when it ends', async () => {
  const { db } = await opened();
  const seen: Promise<number>[] = [];
  const look = async () => (await rowsOf(db, LATER, { secret: 'a' })).length;
  const failed = db.transaction().execute(async (transaction) => {
    await change(transaction, ADD, { about: 'a', seq: 2 });
    expect(await rowsOf(transaction, LATER, { secret: 'a' })).toHaveLength(1);
    seen.push(look(), look());
    await transaction.selectFrom('vault_trail').selectAll().execute();
    throw new Error('rolled back');
  });
  await expect(failed).rejects.toThrow('rolled back');
  expect(await Promise.all(seen)).toEqual([0, 0]);

  await db.transaction().execute(async (transaction) => {
    await change(transaction, ADD, { about: 'a', seq: 2 });
    seen.push(look());
  });
  expect(await seen.at(-1)).toBe(1);
});

test('a store of before keeps which rows are about which secret and principal', async () => {
  const folder = join(temporaryFolder(), 'data');
  await (await openStore(folder)).close();
  const database = new Database(join(folder, 'claviger.db'));
  database.exec(`
    DELETE FROM kysely_migration WHERE name >= '0009';
    DROP TABLE vault_trail;
    CREATE TABLE vault_trail (seq integer PRIMARY KEY, secret text, principal text);
    INSERT INTO vault_trail VALUES (1, 's', 'p'), (2, NULL, 'p'), (3, NULL, NULL);
    DROP INDEX ledger_by_ceremony;
    CREATE INDEX ledger_by_ceremony ON ledger (ceremony, seq)`);
  database.close();
  const { db } = await opened(folder);
  expect(await db.selectFrom('vault_trail').selectAll().orderBy('about').orderBy('seq').execute()).toEqual([
    { about: 'p', seq: 1 },
    { about: 'p', seq: 2 },
    { about: 's', seq: 1 },
  ]);
});
