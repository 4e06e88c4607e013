import { LRUCache } from 'lru-cache';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CACHE_MINUTES } from '../../core/contract/vault-cache-policy.ts';
import { DEFAULT_POLICY, type SecretIdentity } from '../../core/contract/vault.ts';
import { wipe } from '../../core/process/guarded.ts';
import { type Cached, SecretCache } from '../../core/vault/cache.ts';
import { grant, listGrants, revoke } from '../../core/vault/grants.ts';
import { stateOf } from '../../core/vault/health.ts';
import { Metrics } from '../../core/vault/metrics.ts';
import type { Caller } from '../../core/vault/parts.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { CountedKms } from './counted-kms.ts';
import { REASON, listed, withNotifiers } from './sample-emergency.ts';
import { ORIGIN, PASSWORD, type SampleVault, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';

/** Counts who comes as far as the cache, and how many rows were durable then. */
class WatchedCache extends SecretCache {
  asked: { id: string; rows: number }[] = [];
  rows: () => Promise<number> = () => Promise.resolve(0);
  override async value(wanted: Cached, open: () => Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    this.asked.push({ id: wanted.id, rows: await this.rows() });
    return super.value(wanted, open);
  }
}

let kms: CountedKms;
let cache: WatchedCache;
let sample: SampleVault;
let ada: Caller;
let service: Caller;

/** What comes for certain, however slow the machine is. */
const PATIENTLY = { timeout: 60_000 };
const at = (name: string): SecretIdentity => ({ owner: 'billing', environment: 'production', name });
const CATEGORIES = {
  memory: 'database-password',
  encrypted: 'system-configuration',
  distributed: 'session-key',
  none: 'intermediate-ca-key',
} as const;

beforeEach(async () => {
  kms = new CountedKms();
  sample = await sampleVault(temporaryFolder(), {
    kms,
    cache: (now) => (cache = new WatchedCache(now)),
  });
  cache.rows = async () => (await sample.vault.parts.ledger.head()).size;
  ada = await sample.caller('ada');
  service = await sample.somebody('billing', ['READ', 'WRITE', 'ADMIN', 'ROTATE'], { system: true });
  for (const [name, category] of Object.entries(CATEGORIES)) {
    await sample.vault.secrets.put(service, { identity: at(name), category }, bytes(`the value of ${name}`));
  }
});
afterEach(async () => {
  await sample.vault.close();
  await sample.close();
});

async function read(name: string, who = service): Promise<string> {
  const { value } = await sample.vault.secrets.get(who, { identity: at(name), purpose: 'to work' });
  const text = textOf(value);
  wipe(value);
  return text;
}
/** How many decryptions some work costs. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const before = kms.opened;
  await work();
  return kms.opened - before;
}

test('the category’s class says how long a value is kept: frequent five minutes, configuration an hour, session keys a quarter, sensitive ones never', async () => {
  for (const name of ['memory', 'encrypted', 'distributed', 'none'] as const) {
    const minutes = CACHE_MINUTES[name];
    expect(await cost(() => read(name))).toBe(1);
    expect(await read(name)).toBe(`the value of ${name}`);
    sample.clock.minutes(Math.max(minutes - 1, 0));
    expect(await cost(() => read(name))).toBe(name === 'none' ? 1 : 0);
    // From when it was opened, however often it is read.
    sample.clock.minutes(1.01);
    expect(await cost(() => read(name))).toBe(1);
    expect(await read(name)).toBe(`the value of ${name}`);
  }
  expect(CACHE_MINUTES).toEqual({ none: 0, memory: 5, encrypted: 60, distributed: 15 });
  // An older version is the store's alone.
  await sample.vault.secrets.put(service, { identity: at('memory') }, bytes('a second'));
  const older = () => sample.vault.secrets.get(service, { identity: at('memory'), version: 1 });
  expect(textOf((await older()).value)).toBe('the value of memory');
  expect(await cost(older)).toBe(1);
  sample.clock.minutes(61);
  await sample.vault.keep();
  expect(cache.health().entries).toBe(0);
});

test('fifty who ask at once cost one decryption; each has a row that was durable first, and a copy of their own', async () => {
  const others = await Promise.all(['web', 'api'].map((name) => sample.somebody(name, ['READ'], { system: true })));
  const before = (await sample.vault.parts.ledger.read({ kind: 'vault.access' })).length;
  const release = kms.hold();
  const opened = kms.opened;
  const asked = Array.from({ length: 50 }, (_, index) =>
    sample.vault.secrets.get([service, ...others][index % 3] ?? service, { identity: at('memory') }),
  );
  await vi.waitUntil(() => cache.asked.length === 50, PATIENTLY);
  release();
  const values = (await Promise.all(asked)).map(({ value }) => value);
  expect(kms.opened - opened).toBe(1);
  expect(await sample.vault.parts.ledger.read({ kind: 'vault.access' })).toHaveLength(before + 50);
  wipe(values[0]);
  expect(values.slice(1).map(textOf)).toEqual(Array<string>(49).fill('the value of memory'));
  // A hit has its row as well, before it is answered.
  const { size } = await sample.vault.parts.ledger.head();
  expect(await cost(() => read('memory'))).toBe(0);
  expect(cache.asked.at(-1)?.rows).toBe(size + 1);
  const { classes } = cache.health();
  expect(classes.find((one) => one.cache === 'memory')).toEqual({ cache: 'memory', hits: 1, joined: 49, misses: 1 });
  const text = await new Metrics().text(await stateOf(sample.vault.parts));
  for (const [result, count] of [
    ['hit', 1],
    ['joined', 49],
    ['miss', 1],
  ] as const) {
    expect(text).toContain(`claviger_vault_cache_total{class="memory",result="${result}"} ${count}\n`);
  }
  expect(text).toContain('claviger_vault_cache_entries 1\n');
});

test('what does not open is refused to all who wait, each with a row, and nothing is kept of it', async () => {
  const damaged = { ciphertext: new Uint8Array(40) };
  const { value: _, secret } = await sample.vault.secrets.get(service, { identity: at('encrypted') });
  cache.clear();
  const before = await sample.store.db
    .selectFrom('vault_version')
    .selectAll()
    .where('secret', '=', secret.id)
    .execute();
  await sample.store.db.updateTable('vault_version').set(damaged).where('secret', '=', secret.id).execute();
  const release = kms.hold();
  const opened = kms.opened;
  const [start, asked] = [cache.asked.length, [read('encrypted'), read('encrypted')]];
  await vi.waitUntil(() => cache.asked.length === start + 2, PATIENTLY);
  release();
  const settled = await Promise.allSettled(asked);
  expect(settled.map((one) => one.status === 'rejected' && (one.reason as { code: string }).code)).toEqual([
    ...['VAULT_REFUSED', 'VAULT_REFUSED'],
  ]);
  expect(kms.opened - opened).toBe(1);
  expect(await sample.vault.parts.ledger.read({ kind: 'vault.failed' })).toHaveLength(2);
  const { ciphertext = new Uint8Array() } = before[0] ?? {};
  await sample.store.db.updateTable('vault_version').set({ ciphertext }).where('secret', '=', secret.id).execute();
  expect(await read('encrypted')).toBe('the value of encrypted');
});

test('a rotation, a deletion, a change of policy, a grant that goes, a logout and a lock make it forget', async () => {
  const { vault } = sample;
  const reader = await sample.somebody('web', ['READ'], { system: true });
  const stays = () => cost(() => read('encrypted'));
  const warm = async () => {
    for (const name of ['memory', 'encrypted', 'distributed']) await read(name);
    expect(cache.health().entries).toBe(3);
  };
  await warm();
  await vault.secrets.put(service, { identity: at('memory') }, bytes('a second'), 'rotate');
  expect(cache.health().entries).toBe(2);
  expect(await read('memory')).toBe('a second');
  await vault.secrets.put(service, { identity: at('memory') }, bytes('a third'));
  expect(await cost(() => read('memory'))).toBe(1);

  await vault.secrets.delete(service, { identity: at('memory') });
  expect(cache.health().entries).toBe(2);
  expect((await refusal(() => read('memory'))).code).toBe('VAULT_REFUSED');
  await vault.secrets.put(service, { identity: at('memory'), category: CATEGORIES.memory }, bytes('another secret'));
  expect(await read('memory')).toBe('another secret');
  expect(await stays()).toBe(0);

  // Of whoever has lost a grant: what they had read; what others alone have read stays.
  await read('memory', reader);
  const [own] = (await listGrants(vault.parts, ada)).filter(({ principal }) => principal === 'web');
  await revoke(vault.parts, ada, own?.id ?? '');
  expect(cache.health().entries).toBe(2);
  expect(await cost(() => read('memory'))).toBe(1);
  expect(await stays()).toBe(0);
  await grant(vault.parts, ada, {
    ...{ subject: 'web', scope: { owner: '*', environment: '*', name: '*' } },
    ...{ rights: ['READ'], expiresAt: null },
  });
  await read('memory', reader);
  await vault.principals.setDisabled(ada, 'web', true);
  expect(await cost(() => read('memory'))).toBe(1);

  await warm();
  const { version } = await vault.policies.present();
  await vault.policies.change(ada, version + 1, { ...DEFAULT_POLICY, approvalMinutes: 5 });
  expect(cache.health().entries).toBe(0);

  await warm();
  await vault.close();
  expect(cache.health().entries).toBe(0);
});

test('whoever logs out takes session keys along that they have read, and nothing else', async () => {
  const { vault, totp, clock } = sample;
  await grant(vault.parts, service, {
    ...{ subject: 'ada', scope: { owner: 'billing', environment: '*', name: '*' } },
    ...{ rights: ['READ'], expiresAt: null },
  });
  const session = await vault.logins.begin(
    ...(['ada', bytes(PASSWORD), totp.generate({ timestamp: clock.read().getTime() })] as const),
    ORIGIN,
  );
  await vault.secrets.put(service, { identity: at('session/2'), category: 'session-key' }, bytes('of nobody who left'));
  for (const name of ['encrypted', 'distributed']) await read(name, ada);
  await read('session/2');
  await vault.logins.end(session, ORIGIN);
  expect(await cost(() => read('encrypted'))).toBe(0);
  expect(await cost(() => read('session/2'))).toBe(0);
  expect(await cost(() => read('distributed'))).toBe(1);
});

test('what an emergency has read goes with it', async () => {
  const mira = await listed(sample, 'mira');
  await withNotifiers(sample, []);
  const { id } = await sample.vault.emergencies.open(await mira.caller(), { reason: REASON, code: mira.code() });
  await read('memory', await mira.caller());
  await read('encrypted');
  await sample.vault.emergencies.end(ada, id);
  expect(await cost(() => read('encrypted'))).toBe(0);
  expect(await cost(() => read('memory'))).toBe(1);
});

test('what is forgotten while it is on its way is given to whoever asked, and not kept', async () => {
  const release = kms.hold();
  const asked = read('memory');
  await vi.waitUntil(() => cache.asked.length === 1, PATIENTLY);
  await sample.vault.secrets.put(service, { identity: at('memory') }, bytes('a second'));
  // Who comes after the change does not wait for what was asked before it.
  const after = read('memory');
  await vi.waitUntil(() => cache.asked.length === 2, PATIENTLY);
  release();
  expect([await asked, await after]).toEqual(['the value of memory', 'a second']);
  expect(await read('memory')).toBe('a second');
});

test('a caller who may not does not come as far as the cache, whether or not the value is in it', async () => {
  const { vault } = sample;
  const stranger = await sample.somebody('stranger', ['READ'], {
    scope: { owner: 'web', environment: '*', name: '*' },
  });
  const person = await sample.somebody('person', ['READ'], { kind: 'person' });
  const hear = async (who: Caller, name: string, purpose: object = { purpose: 'x' }) => {
    const refused = await refusal(() => vault.secrets.get(who, { identity: at(name), ...purpose }));
    const rows = (await vault.parts.ledger.read())
      .slice(-3)
      .map(({ kind, body }) => [kind, (body as { reason?: string }).reason]);
    return { refused: refused.value, row: rows.filter(([kind]) => kind === 'vault.access').at(-1) };
  };
  const all = async () => [
    await hear(stranger, 'memory'),
    await hear(stranger, 'nothing'),
    await hear(person, 'memory'),
    await hear(service, 'none', {}),
  ];
  const asked = cache.asked.length;
  const missing = await all();
  expect(cache.asked).toHaveLength(asked);
  await read('memory');
  expect(cache.health().entries).toBe(1);
  const warm = cache.asked.length;
  expect(await all()).toEqual(missing);
  expect(cache.asked).toHaveLength(warm);
  // Nor does one whose limit is spent.
  const { version } = await vault.policies.present();
  await vault.policies.change(ada, version + 1, { ...DEFAULT_POLICY, rate: { perSecret: 2, perPrincipal: 6000 } });
  sample.clock.minutes(1);
  for (let turn = 0; turn < 2; turn += 1) await read('memory');
  expect((await refusal(() => read('memory'))).code).toBe('VAULT_RATE');
  expect(cache.asked).toHaveLength(warm + 2);
});

test('what is kept is ciphertext under a key that no other process has, and opens as that version of that secret alone', async () => {
  const spy = vi.spyOn(LRUCache.prototype, 'set');
  for (const name of ['memory', 'encrypted', 'distributed']) await read(name);
  const kept = spy.mock.calls.map(([, entry]) => entry as unknown);
  spy.mockRestore();
  const sealed = kept.flatMap(
    (entry) => (entry as { sealed?: { iv: Uint8Array; ciphertext: Uint8Array } }).sealed ?? [],
  );
  expect(sealed).toHaveLength(3);
  for (const { ciphertext } of sealed) expect(textOf(ciphertext)).not.toMatch(/the value|value of/);
  expect(new Set(sealed.map(({ iv }) => Buffer.from(iv).toString('hex'))).size).toBe(3);
  const own = { id: 'a', version: 1, context: { name: 'a', version: '1' }, class: 'memory', reader: 'x' } as const;
  const open = vi.fn(() => Promise.resolve(Uint8Array.from(bytes('fresh'))));
  const alone = new SecretCache();
  expect(textOf((await alone.value(own, open)) ?? bytes(''))).toBe('fresh');
  expect(textOf((await alone.value(own, open)) ?? bytes(''))).toBe('fresh');
  expect(open).toHaveBeenCalledTimes(1);
  await alone.value({ ...own, context: { name: 'b', version: '1' } }, open);
  expect(open).toHaveBeenCalledTimes(2);
  await alone.value({ ...own, version: 2 }, open);
  expect(open).toHaveBeenCalledTimes(3);
  alone.close();
  await alone.value(own, open);
  await alone.value(own, open);
  expect(open).toHaveBeenCalledTimes(5);
});
