import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, openLedger } from '../../core/ledger/ledger.ts';
import { rowPages } from '../../core/ledger/rows.ts';
import { verifyOpenStore } from '../../core/ledger/verify-store.ts';
import { type Store, openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { type PostgresServer, pointAt, startPostgres } from '../store/postgres-server.ts';
import { KINDS, type SigningKey, appendCheckpoint, appendKey, note, selfSignedKey, verify } from './sample-ledger.ts';

/** Rows that leave a store on PostgreSQL for segments: several nodes, each with a folder of its own. */

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => {
  server.stop();
});

type Node = { data: string; store: Store; ledger: Ledger };

/** Nodes of one ledger: rows 1 to `count` + 1, and the checkpoint that covers them. */
async function nodesOf(
  count: number,
): Promise<{ database: string; key: SigningKey; nodes: [Node, Node]; close: () => Promise<void> }> {
  const database = await server.database();
  const node = async (): Promise<Node> => {
    const data = join(temporaryFolder(), 'data');
    pointAt(data, server, database);
    const store = await openStore(data);
    return { data, store, ledger: openLedger(store, () => new Date(), KINDS) };
  };
  const nodes: [Node, Node] = [await node(), await node()];
  const [{ ledger }] = nodes;
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  await ledger.append(Array.from({ length: count }, (_, index) => note(`row ${index}`, index % 2 ? 'c' : null)));
  await appendCheckpoint(ledger, key);
  return {
    ...{ database, key, nodes },
    close: async () => {
      for (const { store } of nodes) await store.close();
    },
  };
}

const numbers = (rows: { seq: number }[]) => rows.map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const inTable = async ({ db }: Store) => numbers(await db.selectFrom('ledger').select('seq').orderBy('seq').execute());
const filesIn = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

test('rows leave the table for the database, and every node reads, proves, exports and verifies them as before', async () => {
  const { nodes, key, database, close } = await nodesOf(9);
  const [here, there] = nodes;
  const before = await there.ledger.read();
  expect(await here.ledger.seal(4)).toMatchObject([{ from: 1, to: 4, file: 'segments/1-4.ledger' }]);
  expect(await there.ledger.seal(9)).toMatchObject([{ from: 5, to: 9, file: 'segments/5-9.ledger' }]);
  expect(await inTable(here.store)).toEqual([10, 11, 12, 13]);
  for (const { data, store, ledger } of nodes) {
    expect((await ledger.read()).slice(0, before.length)).toEqual(before);
    expect(numbers(await ledger.read({ ceremony: 'c' }))).toEqual([3, 5, 7, 9]);
    expect(numbers(await ledger.read({ from: 3, to: 6 }))).toEqual([3, 4, 5, 6]);
    const slice = join(data, 'slice.ledger');
    await ledger.export({ from: 2, to: 10 }, slice);
    expect(await verify(slice)).toMatchObject({ from: 2, to: 10 });
    expect(await verify(data)).toMatchObject({ size: 13, segments: 2, signed: 10, keys: [{}] });
    const open = await verifyOpenStore(store, KINDS, null, () => Promise.resolve());
    expect(open).toMatchObject({ size: 13, segments: 2 });
    // Nothing of it lies in a folder that only one of them has.
    expect(filesIn(data)).toEqual(['.sealing', 'slice.ledger', 'store.yaml']);
  }
  // A second checkpoint rests on a key that is in a segment by now.
  await appendCheckpoint(there.ledger, key);
  expect(await here.ledger.seal(12)).toMatchObject([{ from: 10, to: 12 }]);
  expect(await verify(there.data)).toMatchObject({ segments: 3, keys: [{}] });
  for (const text of [
    'DELETE FROM ledger',
    'DELETE FROM ledger WHERE seq = 13',
    'TRUNCATE ledger',
    'DELETE FROM ledger_segment_part',
    'TRUNCATE ledger_segment_part',
    'UPDATE ledger_segment_part SET number = number',
    // Named, but not there.
    "INSERT INTO ledger_segment VALUES (13, 14, 'segments/13-14.ledger', ''); DELETE FROM ledger WHERE seq = 13",
  ]) {
    await expect(server.sql(database, text), text).rejects.toThrow('append-only');
  }
  await close();
});

test('what another node reads while this one seals and appends has every row once', async () => {
  const { nodes, close } = await nodesOf(1500);
  const [here, there] = nodes;
  let over = false as boolean;
  const sealing = (async () => {
    for (const to of [300, 700, 1400]) await here.ledger.seal(to);
    over = true;
  })();
  let reads = 0;
  do {
    const [all, newest] = await Promise.all([
      there.ledger.read(),
      there.ledger.read({ limit: 1000 }),
      there.ledger.append([note('meanwhile')]),
    ]);
    expect(numbers(all)).toEqual(upTo(all.length));
    expect(numbers(newest)).toEqual(upTo(newest.at(-1)?.seq ?? 0).slice(-1000));
    const paged: number[] = [];
    for await (const page of rowPages(there.store, 1, 1501)) paged.push(...numbers(page));
    expect(paged).toEqual(upTo(1501));
    reads += 1;
  } while (!over);
  await sealing;
  expect(reads).toBeGreaterThan(0);
  const { size } = await there.ledger.head();
  expect(await verify(there.data)).toMatchObject({ size, segments: 3 });
  await close();
});

test('one node seals at a time; one that has lost its turn is overtaken, and nothing is sealed twice', async () => {
  const { nodes, database, close } = await nodesOf(20);
  const [here, there] = nodes;
  await here.store.alone('ledger seal', async () => {
    await refused('LEDGER_SEALING', () => there.ledger.seal(5));
  });
  // Whoever writes is held, so that both have their file by the time that one of them may go on.
  const writer = new Client({ host: server.host, user: 'postgres', database });
  await writer.connect();
  await writer.query('BEGIN');
  await writer.query("SELECT pg_advisory_xact_lock(hashtext('claviger'), hashtext('writer'))");
  const first = here.ledger.seal(8).then(
    () => 'sealed',
    (error: unknown) => (error as { code: string }).code,
  );
  await waiting(database, 1);
  await server.sql(
    database,
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint = (hashtext('claviger alone')::bigint & 4294967295)`,
  );
  const second = there.ledger.seal(12).then(
    () => 'sealed',
    (error: unknown) => (error as { code: string }).code,
  );
  await waiting(database, 2);
  await writer.query('ROLLBACK');
  await writer.end();
  expect([await first, await second].sort()).toEqual(['STORE_OVERTAKEN', 'sealed']);
  expect(await verify(there.data)).toMatchObject({ segments: 1 });
  // Whoever comes next goes on after it.
  await here.ledger.seal(20);
  expect(await here.ledger.seal(20)).toEqual([]);
  expect(await verify(here.data)).toMatchObject({ segments: 2 });
  expect(numbers(await here.ledger.read())).toEqual(upTo((await here.ledger.head()).size));
  await close();
});

/** Until so many sessions wait for whoever writes. */
async function waiting(database: string, sessions: number): Promise<void> {
  const query = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
  while ((await server.sql(database, query)).length < sessions) continue;
}

test('a node that is killed while rows leave has moved nothing, and another one seals them', async () => {
  const { nodes, database, close } = await nodesOf(50);
  const [here, there] = nodes;
  const before = await there.ledger.read();
  // It is held with its row and its segment's name written, and dies there.
  const holding = new Client({ host: server.host, user: 'postgres', database });
  await holding.connect();
  await holding.query('BEGIN');
  await holding.query('LOCK TABLE ledger_segment_part IN SHARE MODE');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sealing-node.ts'), here.data, '40'], {
    stdio: 'inherit',
  });
  const ended = once(child, 'exit');
  const stuck = `SELECT pid FROM pg_locks WHERE relation = 'ledger_segment_part'::regclass AND NOT granted`;
  while ((await server.sql(database, stuck)).length === 0) continue;
  child.kill('SIGKILL');
  expect((await ended)[1]).toBe('SIGKILL');
  await holding.query('ROLLBACK');
  await holding.end();
  expect(await there.ledger.read()).toEqual(before);
  expect(filesIn(here.data)).toContain('.sealing/1-40.ledger');
  // Its turn ends when the server notices that it is gone.
  for (;;) {
    const sealed = await there.ledger.seal(40).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'LEDGER_SEALING' });
    });
    if (sealed) break;
  }
  expect((await there.ledger.read()).slice(0, before.length)).toEqual(before);
  expect(await verify(there.data)).toMatchObject({ segments: 1, size: before.length + 1 });
  // What it has left is gone when it seals again.
  await here.ledger.seal(51);
  expect(filesIn(here.data)).not.toContain('.sealing/1-40.ledger');
  expect(await verify(here.data)).toMatchObject({ segments: 2 });
  await close();
});

test('a segment that is not as it was, or is gone, is named', async () => {
  const { nodes, database, close } = await nodesOf(9);
  const [{ data, ledger }, there] = nodes;
  await ledger.seal(6);
  const segment = { file: 'segments/1-6.ledger', from: 1, to: 6 };
  const forge = (text: string) => server.sql(database, `SET session_replication_role = replica; ${text}`);
  await forge(`CREATE TABLE kept AS TABLE ledger_segment_part;
    UPDATE ledger_segment_part SET bytes = convert_to(replace(convert_from(bytes, 'UTF8'), 'row 2', 'row 7'), 'UTF8')`);
  expect(await refused('LEDGER_SEGMENT_DAMAGED', () => there.ledger.read())).toEqual(segment);
  expect(await refused('LEDGER_ALTERED', () => verify(data))).toMatchObject({ seq: 4 });
  await forge('DELETE FROM ledger_segment_part');
  expect(await refused('LEDGER_SEGMENT_MISSING', () => there.ledger.read())).toEqual(segment);
  expect(await refused('LEDGER_SEGMENT_MISSING', () => verify(data))).toEqual(segment);
  await forge('INSERT INTO ledger_segment_part TABLE kept');
  expect(await verify(data)).toMatchObject({ segments: 1 });
  await close();
});
