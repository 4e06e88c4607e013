import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openLedger } from '../../core/ledger/ledger.ts';
import { openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';

const KINDS = { a: z.object({ z: z.int().optional(), a: z.int().optional() }), b: z.strictObject({}) };

describe('the store', () => {
  test('is private, keeps its rows, and gives them back in order', async () => {
    const folder = join(temporaryFolder(), 'data');
    const store = await openStore(folder);
    const ledger = openLedger(store, () => new Date('2026-01-01T00:00:00Z'), KINDS);
    await ledger.append([{ kind: 'a', ceremony: 'c', body: { z: 1, a: 2 } }]);
    await ledger.append([{ kind: 'b', ceremony: null, body: {} }]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of ['claviger.db', 'claviger.db-wal'])
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    await store.close();

    const again = await openStore(folder);
    const rows = await openLedger(again, () => new Date(), KINDS).read();
    expect(rows).toEqual([
      { seq: 1, at: '2026-01-01T00:00:00.000Z', kind: 'a', ceremony: 'c', body: { a: 2, z: 1 } },
      { seq: 2, at: '2026-01-01T00:00:00.000Z', kind: 'b', ceremony: null, body: {} },
    ]);
    await again.close();
    const database = new Database(join(folder, 'claviger.db'), { readonly: true });
    expect(database.prepare('SELECT body FROM ledger WHERE seq = 1').pluck().get()).toBe('{"a":2,"z":1}');
    database.close();
  });

  test('takes no change to a ledger row, and no deletion', async () => {
    const store = await openStore(join(temporaryFolder(), 'data'));
    await openLedger(store, () => new Date(), KINDS).append([{ kind: 'a', ceremony: null, body: {} }]);
    await expect(store.db.updateTable('ledger').set({ kind: 'b' }).execute()).rejects.toThrow('append-only');
    await expect(store.db.deleteFrom('ledger').execute()).rejects.toThrow('append-only');
    await store.close();
  });

  test('has one holder', async () => {
    const folder = join(temporaryFolder(), 'data');
    const store = await openStore(folder);
    await refused('STORE_BUSY', () => openStore(folder));
    await store.close();
  });

  test('refuses a folder or a file that others may read', async () => {
    const folder = join(temporaryFolder(), 'data');
    await (await openStore(folder)).close();
    chmodSync(folder, 0o755);
    expect(await refused('STORE_UNSAFE', () => openStore(folder))).toEqual({ path: folder, mode: '755' });
    chmodSync(folder, 0o700);
    chmodSync(join(folder, 'claviger.db'), 0o640);
    await refused('STORE_UNSAFE', () => openStore(folder));
  });

  test('refuses a file that is no database, and leaves it as it is', async () => {
    const folder = join(temporaryFolder(), 'data');
    await (await openStore(folder)).close();
    writeFileSync(join(folder, 'claviger.db'), 'not a database, for certain'.repeat(100));
    await refused('STORE_DAMAGED', () => openStore(folder));
  });

  test('what is erased leaves its files', async () => {
    const folder = join(temporaryFolder(), 'data');
    const store = await openStore(folder);
    const text = `CLV1${'Q'.repeat(151)}`;
    await store.db.insertInto('sealed_share').values({ ceremony: 'c', number: 1, x: 7, text }).execute();
    await store.db.deleteFrom('sealed_share').execute();
    await store.flush();
    await store.close();
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file)).includes('CLV1QQQQ'), file).toBe(false);
  });
});
