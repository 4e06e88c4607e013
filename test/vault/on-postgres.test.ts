import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openStore } from '../../core/store/open.ts';
import { pointAt, startPostgres } from '../store/postgres-server.ts';
import { prepareDataBy } from './sample-vault.ts';

/** The vault's own tests once more, each on a PostgreSQL database of its own. */

const server = await startPostgres();
afterAll(() => server.stop());
// Migrated once; each has a name of its own in its checkpoints.
const model = await server.database();
const folder = mkdtempSync(join(tmpdir(), 'claviger-model-'));
pointAt(join(folder, 'data'), server, model);
await (await openStore(join(folder, 'data'))).close();
rmSync(folder, { recursive: true });
prepareDataBy(async (data) => {
  const database = await server.database(`TEMPLATE ${model}`);
  const origin = `claviger/ledger/${randomBytes(8).toString('hex')}`;
  await server.sql(database, `SET session_replication_role = replica; UPDATE ledger_origin SET origin = '${origin}'`);
  pointAt(data, server, database);
});

describe('secrets', () => import('./secrets.test.ts').then(() => undefined));
describe('login', () => import('./login.test.ts').then(() => undefined));
describe('backup', () => import('./backup.test.ts').then(() => undefined));
describe('carry', () => import('./carry.test.ts').then(() => undefined));
describe('health', () => import('./health.test.ts').then(() => undefined));
describe('emergency', () => import('./emergency.test.ts').then(() => undefined));
describe('notices', () => import('./notices.test.ts').then(() => undefined));
describe('renewal', () => import('./renewal.test.ts').then(() => undefined));
describe('rotation', () => import('./rotation.test.ts').then(() => undefined));
describe('keeping', () => import('./keeping.test.ts').then(() => undefined));
describe('handlers', () => import('./handlers.test.ts').then(() => undefined));
describe('holder', () => import('./holder.test.ts').then(() => undefined));
describe('client', () => import('./client.test.ts').then(() => undefined));
