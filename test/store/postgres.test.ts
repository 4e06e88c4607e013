import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openLedger } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { verifyOpenStore } from '../../core/ledger/verify-store.ts';
import { MIGRATIONS, openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { type PostgresServer, pointAt, startPostgres } from './postgres-server.ts';

/** A store on PostgreSQL: what it refuses, what its tables keep, and the ledger that several processes append to. */

const KINDS = { a: z.strictObject({ node: z.int(), turn: z.int() }) };
const clock = () => new Date('2026-01-01T00:00:00Z');
const none = () => Promise.resolve();

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => {
  server.stop();
});

async function newPlace(as?: string, more?: string[]): Promise<{ data: string; database: string }> {
  const [data, database] = [join(temporaryFolder(), 'data'), await server.database(as)];
  pointAt(data, server, database, more);
  return { data, database };
}

test('every migration makes the same tables and columns on SQLite and on PostgreSQL', async () => {
  const lite = await openStore(join(temporaryFolder(), 'data'));
  const store = await openStore((await newPlace()).data);
  const columns = async ({ db }: typeof store) =>
    (await db.introspection.getTables())
      // Segments are files where nobody shares the store.
      .filter(({ name }) => name !== 'ledger_segment_part')
      .flatMap(({ name, columns: own }) =>
        own.map((column) => {
          const type = { bigint: 'integer', int8: 'integer', bytea: 'blob' }[column.dataType] ?? column.dataType;
          return `${name}.${column.name} ${type.toLowerCase()} ${column.isNullable ? 'null' : 'not null'}`;
        }),
      )
      .sort();
  const [here, there] = [await columns(lite), await columns(store)];
  // SQLite lets a primary key of text be null, and so says of every primary key.
  const keys = new Set(here.filter((column) => column.endsWith(' null') && !column.endsWith('not null')));
  const strict = (all: string[]) => all.map((column) => column.replace(/ (not )?null$/, ''));
  expect(strict(here)).toEqual(strict(there));
  for (const column of there.filter((one) => !one.endsWith('not null'))) expect(keys).toContain(column);
  for (const table of ['kysely_migration'] as const) {
    for (const one of [lite, store]) {
      const { rows } = await sql<{ name: string }>`SELECT name FROM ${sql.table(table)} ORDER BY name`.execute(one.db);
      expect(rows.map(({ name }) => name)).toEqual(Object.keys(MIGRATIONS));
    }
  }
  await lite.close();
  await store.close();
});

test('rows of the ledger are neither changed nor erased, and none has a number out of turn', async () => {
  const { data, database } = await newPlace();
  const store = await openStore(data);
  await openLedger(store, clock, KINDS).append([{ kind: 'a', ceremony: null, body: { node: 1, turn: 1 } }]);
  for (const text of [
    'UPDATE ledger SET kind = kind',
    'DELETE FROM ledger',
    'TRUNCATE ledger',
    'UPDATE ledger_tree SET seq = seq',
    'DELETE FROM ledger_tree',
    "UPDATE ledger_origin SET origin = 'another'",
  ]) {
    await expect(server.sql(database, text), text).rejects.toThrow('append-only');
  }
  const row = (seq: number) => `INSERT INTO ledger VALUES (${seq}, '', 'a', NULL, '{}');`;
  const leaf = (seq: number) => `INSERT INTO ledger_tree VALUES (${seq}, '\\x00');`;
  for (const text of [row(3) + leaf(3), leaf(2), row(0) + leaf(0)]) {
    await expect(server.sql(database, text), text).rejects.toThrow('is not the next one');
  }
  await store.close();
});

test('several stores append at the same time: one order, no gap, and the tree of all of it', async () => {
  const { data } = await newPlace();
  const stores = [await openStore(data), await openStore(data), await openStore(data)];
  const ledgers = stores.map((store) => openLedger(store, clock, KINDS));
  await Promise.all(
    ledgers.flatMap((ledger, node) =>
      Array.from({ length: 30 }, (_, turn) => ledger.append([{ kind: 'a', ceremony: null, body: { node, turn } }])),
    ),
  );
  const rows = (await ledgers[0]?.read()) ?? [];
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
  for (const node of [0, 1, 2]) {
    const own = rows.map(({ body }) => body as { node: number; turn: number }).filter((body) => body.node === node);
    expect(own.map(({ turn }) => turn)).toEqual(Array.from({ length: 30 }, (_, turn) => turn));
  }
  const heads = await Promise.all(ledgers.map((ledger) => ledger.head()));
  for (const head of heads) expect(head).toEqual(heads[0]);
  expect(await ledgers[1]?.read({ find: '"NODE":2', limit: 1 })).toMatchObject([{ body: { node: 2, turn: 29 } }]);
  for (const ledger of ledgers) await ledger.checkLeaves();
  const verified = await verifyOpenStore(stores[0] as (typeof stores)[0], KINDS, null, none);
  const root = Buffer.from(heads[0]?.root ?? []).toString('base64');
  expect(verified).toMatchObject({ size: 90, root });
  expect(await verifyLedger(data, { kinds: KINDS, paper: null })).toMatchObject({ size: 90, root });
  for (const store of stores) await store.close();
});

test('a row that was changed beside its triggers, or is gone, is found', async () => {
  const { data, database } = await newPlace();
  const store = await openStore(data);
  const ledger = openLedger(store, clock, KINDS);
  for (let turn = 1; turn <= 5; turn += 1) {
    await ledger.append([{ kind: 'a', ceremony: null, body: { node: 1, turn } }]);
  }
  const forge = (text: string) => server.sql(database, `SET session_replication_role = replica; ${text}`);
  await forge(`UPDATE ledger SET body = '{"node":1,"turn":7}' WHERE seq = 3`);
  const verify = () => verifyLedger(data, { kinds: KINDS, paper: null });
  expect(await refused('LEDGER_ALTERED', verify)).toMatchObject({ seq: 3 });
  await refused('LEDGER_ALTERED', () => ledger.checkLeaves());
  await forge(`UPDATE ledger SET body = '{"node":1,"turn":3}' WHERE seq = 3; DELETE FROM ledger WHERE seq = 5`);
  expect(await refused('LEDGER_ALTERED', verify)).toMatchObject({ seq: 5 });
  await forge('DELETE FROM ledger_tree WHERE seq = 5');
  expect(await verify()).toMatchObject({ size: 4 });
  await store.close();
});

test('what was answered is there after the server was ended at once', async () => {
  const { data } = await newPlace();
  const store = await openStore(data);
  const ledger = openLedger(store, clock, KINDS);
  const row = { kind: 'a', ceremony: null, body: { node: 1, turn: 1 } };
  await ledger.append([row]);
  const answered = (await ledger.append([row])).length;
  server.crash();
  // A connection that was idle has ended with it: whoever used it hears so, and the next opens another.
  await ledger.append([row]).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE' });
  });
  expect((await ledger.read()).length).toBeGreaterThanOrEqual(1 + answered);
  expect((await verifyLedger(data, { kinds: KINDS, paper: null })).size).toBe((await ledger.read()).length);
  await store.close();
});

test('one at a time does some work, and the next when it has ended or its node died', async () => {
  const { data, database } = await newPlace();
  const [one, other] = [await openStore(data), await openStore(data)];
  let lostInTime = false;
  await one.alone('rotation', async (lost) => {
    expect(await other.alone('rotation', () => Promise.resolve('too'))).toBeNull();
    expect(await other.alone('another', () => Promise.resolve('too'))).toBe('too');
    // The server lets go of whoever holds it, as it does when a process is gone.
    await new Promise<void>((gone) => {
      lost.addEventListener('abort', () => {
        gone();
      });
      void server.sql(
        database,
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()`,
      );
    });
    lostInTime = lost.aborted;
    expect(await other.alone('rotation', () => Promise.resolve('taken over'))).toBe('taken over');
  });
  expect(lostInTime).toBe(true);
  expect(await one.alone('rotation', () => Promise.resolve('again'))).toBe('again');
  for (const store of [one, other]) await store.close();
});

test('a database that would lose or reorder what it is given is refused', async () => {
  const unsuited = async (place: { data: string }) =>
    (await refused('STORE_UNSUITED', () => openStore(place.data)))['detail'];
  expect(await unsuited(await newPlace("TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"))).toBe(
    'its collation is not C',
  );
  expect(await unsuited(await newPlace("TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"))).toContain(
    'server_encoding',
  );
  const standby = await newPlace();
  await server.sql('postgres', `ALTER DATABASE ${standby.database} SET default_transaction_read_only = on`);
  expect(await unsuited(standby)).toContain('transaction_read_only');
  const newer = await newPlace();
  await (await openStore(newer.data)).close();
  await server.sql(newer.database, "INSERT INTO kysely_migration VALUES ('9999-later', '')");
  expect(await unsuited(newer)).toContain('another version');
});

test('a password comes from its file, and a place that is none is named', async () => {
  await server.sql('postgres', "CREATE ROLE asked LOGIN SUPERUSER PASSWORD 'hush-hush'");
  const passwordFile = join(temporaryFolder(), 'password');
  writeFileSync(passwordFile, 'hush-hush\n', { mode: 0o600 });
  const { data } = await newPlace(undefined, ['user: asked', `passwordFile: ${passwordFile}`]);
  await (await openStore(data)).close();
  writeFileSync(passwordFile, 'another\n');
  expect(await refused('STORE_UNREACHABLE', () => openStore(data))).toMatchObject({ detail: '28P01' });

  const file = join(data, 'store.yaml');
  const text = readFileSync(file, 'utf8');
  for (const [wrong, detail] of [
    ['postgres: {}', 'is missing'],
    [text.replace(/host: .*/, 'host: db.example.org'), 'a host takes tls'],
    [text.replace('passwordFile', 'password'), 'no such key'],
  ] as const) {
    writeFileSync(file, wrong);
    expect((await refused('STORE_PLACE_INVALID', () => openStore(data)))['detail']).toContain(detail);
  }
  writeFileSync(file, text.replace(/host: .*/, 'host: /nowhere'));
  expect(await refused('STORE_UNREACHABLE', () => openStore(data))).toMatchObject({ detail: 'ENOENT' });
  chmodSync(file, 0o644);
  await refused('STORE_UNSAFE', () => openStore(data));
});
