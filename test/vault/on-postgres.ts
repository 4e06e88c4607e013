import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openStore } from '../../core/store/open.ts';
import { pointAt, startPostgres } from '../store/postgres-server.ts';
import { prepareDataBy } from './sample-vault.ts';

/** From here on each vault of this process has a PostgreSQL database of its own, on one server. */
export async function onPostgres(): Promise<void> {
  const server = await startPostgres();
  // Migrated once; each has a name of its own in its checkpoints.
  const model = await server.database();
  const folder = mkdtempSync(join(tmpdir(), 'claviger-model-'));
  pointAt(join(folder, 'data'), server, model);
  await (await openStore(join(folder, 'data'))).close();
  rmSync(folder, { recursive: true });
  const make = async () => {
    const database = await server.database(`TEMPLATE ${model}`);
    const origin = `claviger/ledger/${randomBytes(8).toString('hex')}`;
    await server.sql(database, `SET session_replication_role = replica; UPDATE ledger_origin SET origin = '${origin}'`);
    return database;
  };
  // The next one is made while a test has this one: it is the server that waits for its disk.
  let next = make();
  prepareDataBy(async (data) => {
    const database = await next;
    next = make();
    pointAt(data, server, database);
  });
  afterAll(async () => {
    await next;
    server.stop();
  });
}
