import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERRORS } from '../../core/contract/errors.ts';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { LocalKms } from '../../core/kms/local.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { approve, request } from '../../core/vault/approvals.ts';
import { Vault } from '../../core/vault/vault.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { type PostgresServer, pointAt, startPostgres } from '../store/postgres-server.ts';
import { PASSPHRASE, phaseOf, reopened, rotatingVault, under } from './rotating-vault.ts';
import { DATABASE, ORIGIN, PASSWORD, bytes, prepareDataBy, refusal, sampleVault, textOf } from './sample-vault.ts';

/** Several nodes over one store: processes, and vaults of one process, on a real PostgreSQL. */

let server: PostgresServer;
beforeAll(async () => {
  // The role of docs/ops/several-nodes.md.
  server = await startPostgres({ rules: ['local all claviger trust'] });
  prepareDataBy(async (data) => {
    pointAt(data, server, await server.database());
  });
});
afterAll(() => {
  server.stop();
});

type Stored = { place: string; version: number; value: string };

/** A process of its own, and what it has said. */
class Node {
  readonly stored: Stored[] = [];
  readonly #child: ChildProcess;
  readonly #said: string[] = [];
  readonly #ended: Promise<string>;
  #wake: () => void = () => undefined;

  constructor(data: string, name: string) {
    const words = [join(import.meta.dirname, 'node.ts'), data, name];
    this.#child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error('no output');
    createInterface(this.#child.stdout).on('line', (line) => {
      this.#said.push(line);
      const [, place = '', version = '', value = ''] = /^stored (\S+) (\d+) (.*)$/.exec(line) ?? [];
      if (place !== '') this.stored.push({ place, version: Number(version), value });
      this.#wake();
    });
    this.#ended = new Promise((tell) => {
      this.#child.once('close', (status, signal) => {
        tell(signal ?? String(status));
        this.#wake();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Once it has said so many lines. */
  async says(lines: number): Promise<void> {
    while (this.#said.length < lines && this.#child.exitCode === null && this.#child.signalCode === null) {
      await new Promise<void>((wake) => (this.#wake = wake));
    }
    if (this.#said.length < lines) throw new Error('the node has ended');
  }

  kill(): Promise<string> {
    this.#child.kill('SIGKILL');
    return this.#ended;
  }

  end(): Promise<string> {
    this.#child.stdin?.end();
    return this.#ended;
  }
}

test('three nodes store and rotate, the one that rotates is killed, and another takes over: nothing is lost', async () => {
  const sample = await rotatingVault(temporaryFolder(), 600);
  const { data, clock, vault, store, ada, rotations } = sample;
  await vault.policies.change(ada, 3, {
    ...(await vault.policies.present()).policy,
    categories: {
      ...DEFAULT_POLICY.categories,
      'system-configuration': { ...configuration(), keepVersions: 1000 },
    },
  });
  const before = vault.parts.kms.keyId;
  // Begun and paused at once: whoever comes with the passphrase can go on with it.
  await rotations.rotateKey(ada, { secret: bytes(PASSPHRASE), graceHours: 24 });
  await rotations.pause(ada);
  expect(await phaseOf(store)).toBe('re-encryption');

  const nodes = ['a', 'b', 'c'].map((name) => new Node(data, name));
  for (const node of nodes) await node.says(3);
  await store.db.updateTable('vault_rotation').set({ paused: 0 }).execute();
  // Whoever rotates is held in the transaction of a batch, its data keys written and not yet durable, and dies there.
  const stuck = await stuckRotation(server, await database(data));
  const victim = nodes.find(({ pid }) => stuck.application === `claviger ${pid}`);
  expect(await victim?.kill()).toBe('SIGKILL');
  expect(['re-encryption', 'verification']).toContain(await phaseOf(store));
  await stuck.release();
  const others = nodes.filter((node) => node !== victim);
  expect(others).toHaveLength(2);
  // One of them goes on with it, and both with what they store.
  while ((await phaseOf(store)) !== 'grace') continue;
  for (const node of others) await node.says(node.stored.length + 10);
  for (const node of others) expect(await node.end()).toBe('0');
  await sample.close();

  // A node that comes later: what time has brought is there for it, too.
  const again = await reopened(data, clock);
  expect(await phaseOf(again.store)).toBe('grace');
  const counts = await under(again.store);
  expect(Object.keys(counts)).toHaveLength(2);
  expect(counts[before]).toBe(counts[again.vault.parts.kms.keyId]);

  // No lost update: every version that was answered is there, as it was, and they are numbered from 1 without a gap.
  const stored = nodes.flatMap((node) => node.stored);
  const shared = await again.store.db
    .selectFrom('vault_version as v')
    .innerJoin('vault_secret as s', 's.id', 'v.secret')
    .select('v.version')
    .where('s.name', '=', 'shared')
    .orderBy('v.version')
    .execute();
  expect(shared.map(({ version }) => version)).toEqual(shared.map((_, index) => index + 1));
  const answered = stored.filter(({ place }) => place === 'shared').map(({ version }) => version);
  expect(new Set(answered).size).toBe(answered.length);
  // The one that was killed may have stored one more than it could say.
  expect(shared.length - answered.length).toBeLessThanOrEqual(1);
  for (const { place, version, value } of stored) {
    const identity = { owner: 'service', environment: 'production' as const, name: place };
    expect(textOf((await again.vault.secrets.get(sample.service, { identity, version })).value)).toBe(value);
  }
  const events = (await again.vault.parts.ledger.read({ kind: 'vault.rotation' })).map(
    ({ body }) => (body as { event: string }).event,
  );
  for (const once of ['started', 're-encrypted', 'activated'])
    expect(events.filter((one) => one === once)).toEqual([once]);
  const { size } = await again.vault.parts.ledger.head();
  const rows = await again.vault.parts.ledger.read();
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: size }, (_, index) => index + 1));
  await again.close();
  expect((await verifyLedger(data, { kinds: KINDS, paper: null })).size).toBe(size);

  function configuration() {
    const category = DEFAULT_POLICY.categories['system-configuration'];
    if (!category) throw new Error('no such category');
    return category;
  }
});

async function database(data: string): Promise<string> {
  return /database: (\S+)/.exec(await readFile(join(data, 'store.yaml'), 'utf8'))?.[1] ?? '';
}

/** Holds the row that every batch of a rotation ends with, until a process waits for it: how that one is called. */
async function stuckRotation(
  { host, sql }: PostgresServer,
  name: string,
): Promise<{ application: string; release: () => Promise<void> }> {
  const client = new Client({ host, user: 'postgres', database: name });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM vault_rotation FOR UPDATE');
  const release = async () => {
    await client.query('ROLLBACK');
    await client.end();
  };
  for (;;) {
    // In a transaction it would see the same all the time.
    const [row] = await sql(
      name,
      `SELECT application_name AS name FROM pg_stat_activity
       WHERE wait_event_type = 'Lock' AND query LIKE 'update "vault_rotation"%'`,
    );
    if (row) return { application: String(row['name']), release };
  }
}

/** Two nodes of one vault, each with a store of its own. */
async function twoNodes() {
  const folder = temporaryFolder();
  const here = await sampleVault(folder);
  const store = await openStore(join(folder, 'data'));
  const kms = new LocalKms(here.vault.parts.kms.keyId, guardedCopy(bytes('a key-encryption key for testing')));
  const ledger = openLedger(store, here.clock.read, KINDS);
  const there = new Vault({ ...here.vault.parts, store, ledger, kms });
  return { here, there, close: () => Promise.all([here.close(), store.close()]) };
}

test('what is there once is there once on all nodes: a version, a code, an approval, a policy, a read of a minute', async () => {
  const { here, there, close } = await twoNodes();
  const { vault, clock, totp } = here;
  const service = await here.somebody('billing', ['READ', 'WRITE', 'ADMIN'], { system: true });
  const wanted = { identity: DATABASE, category: 'database-password' };
  const versions = await Promise.all(
    Array.from({ length: 12 }, (_, turn) => (turn % 2 ? vault : there).secrets.put(service, wanted, bytes(`${turn}`))),
  );
  expect(versions.map(({ version }) => version).sort((one, other) => one - other)).toEqual(
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  expect(new Set(versions.map(({ id }) => id)).size).toBe(1);

  clock.minutes(5);
  const code = totp.generate({ timestamp: clock.read().getTime() });
  const logins = await Promise.allSettled(
    [vault, there].map((node) => node.logins.begin('ada', bytes(PASSWORD), code, ORIGIN)),
  );
  expect(logins.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const [session] = logins.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [own, other] = logins[0]?.status === 'fulfilled' ? [vault, there] : [there, vault];
  // A session is its node's.
  expect((await own.logins.session(guardedCopy(session ?? bytes('')), ORIGIN)).principal.name).toBe('ada');
  expect((await refusal(() => other.logins.session(guardedCopy(session ?? bytes('')), ORIGIN))).code).toBe(
    'SESSION_OVER',
  );

  const identity = { owner: 'ca', environment: 'isolated', name: 'root-2026' } as const;
  const ines = await here.somebody('ines', ['READ', 'WRITE'], { kind: 'person' });
  await vault.secrets.put(ines, { identity, category: 'root-ca-key' }, bytes('key'));
  const asked = await request(there.parts, there.policies, ines, { action: 'get', identity, purpose: 'why' });
  for (const [name, node] of [
    ['tomas', vault],
    ['mira', there],
  ] as const) {
    await approve(node.parts, await here.somebody(name, ['ADMIN'], { kind: 'person' }), asked.id, asked.shown);
  }
  const reads = await Promise.allSettled(
    [vault, there].map((node) => node.secrets.get(ines, { identity, purpose: 'why', request: asked.id })),
  );
  expect(reads.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);

  const ada = await here.caller('ada');
  await there.policies.change(ada, 2, { ...DEFAULT_POLICY, rate: { perSecret: 4, perPrincipal: 100 } });
  for (let read = 0; read < 4; read += 1) {
    await (read % 2 ? vault : there).secrets.get(service, { identity: DATABASE });
  }
  for (const node of [vault, there]) {
    expect((await refusal(() => node.secrets.get(service, { identity: DATABASE }))).code).toBe('VAULT_RATE');
  }
  const late = await Promise.allSettled([vault, there].map((node) => node.policies.change(ada, 3, DEFAULT_POLICY)));
  expect(late.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);

  const ends = await Promise.allSettled(
    [vault, there].map((node) => node.secrets.delete(service, { identity: DATABASE })),
  );
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await vault.parts.ledger.read({ kind: 'vault.deleted' })).length).toBe(1);
  await close();
});

test('a node that has not opened the new key stores nothing under the old one, and hears so', async () => {
  const { here, there, close } = await twoNodes();
  const service = await here.somebody('billing', ['READ', 'WRITE'], { system: true });
  for (const value of ['first', 'second']) {
    await here.vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes(value));
  }
  await here.store.db.updateTable('vault_key').set({ state: 'retiring' }).execute();
  const next = {
    id: 'b2c1ee34-9dc0-41d1-b245-5ffdce74fad2',
    provider: 'local',
    place: '{}',
    mode: 'training',
  } as const;
  await here.store.db
    .insertInto('vault_key')
    .values({ ...next, state: 'active', check_value: new Uint8Array(1), created_at: '' })
    .execute();
  const put = () => there.secrets.put(service, { identity: DATABASE }, bytes('third'));
  expect((await refusal(put)).code).toBe('ROTATION_KEY_AWAY');
  // While the old key is kept, what is under it opens.
  const read = () => there.secrets.get(service, { identity: DATABASE, version: 1 });
  expect(textOf((await read()).value)).toBe('first');
  await here.store.db.deleteFrom('vault_data_key').execute();
  expect((await refusal(read)).code).toBe('ROTATION_KEY_AWAY');
  await close();
});

test('every command of docs/ops/several-nodes.md runs', () => {
  const folder = temporaryFolder();
  const page = readFileSync(join(import.meta.dirname, '../../docs/ops/several-nodes.md'), 'utf8');
  const blocks = [...page.matchAll(/```sh\n([^`]+)```/g)].map(([, commands]) => commands ?? '');
  expect(blocks).toHaveLength(6);
  const launcher = join(import.meta.dirname, '../../core/cli/claviger.js');
  const subject = ['-subj', '/CN=ledger', '-addext', 'keyUsage=critical,digitalSignature'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ledger.key'];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, '-days', '30', '-out', 'ledger.crt'], {
    ...{ cwd: folder, stdio: 'pipe' },
  });
  const script = `set -e\nclaviger() { "${process.execPath}" "${launcher}" "$@"; }\n${blocks.join('\n')}`;
  const env = { ...process.env, DATA: join(folder, 'data'), PGHOST: server.host, PGUSER: 'postgres' };
  const said = execFileSync('bash', ['-c', script], { env, encoding: 'utf8', cwd: folder });
  expect(said).toMatch(/claviger\/ledger\/[0-9a-f]{16}/);
  expect(said).toContain('signed by CN=ledger');
  for (const [, code] of page.matchAll(/`([A-Z]+_[A-Z_]+)`/g)) expect(Object.keys(ERRORS), code).toContain(code);
});
