import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DEFAULT_POLICY, type SecretIdentity } from '../../core/contract/vault.ts';
import { SecretCache } from '../../core/vault/cache.ts';
import { stateOf } from '../../core/vault/health.ts';
import { Metrics } from '../../core/vault/metrics.ts';
import type { Caller } from '../../core/vault/parts.ts';
import { RedisCache } from '../../core/vault/redis-cache.ts';
import { Vault } from '../../core/vault/vault.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { CountedKms } from './counted-kms.ts';
import { RedisServer } from './redis-server.ts';
import { type SampleVault, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';

/** Session keys in a real Redis, which goes away and comes back. */

const PASSWORD = 'pass-of-redis';
const at = (name: string): SecretIdentity => ({ owner: 'web', environment: 'production', name });

let redis: RedisServer;
let kms: CountedKms;
let sample: SampleVault;
let service: Caller;

beforeEach(async () => {
  kms = new CountedKms();
  sample = await sampleVault(temporaryFolder(), { kms });
  service = await sample.somebody('web', ['READ', 'WRITE', 'ADMIN']);
  for (const name of ['one', 'two']) {
    await sample.vault.secrets.put(
      service,
      { identity: at(name), category: 'session-key' },
      bytes(`the value of ${name}`),
    );
  }
  redis = new RedisServer(temporaryFolder(), PASSWORD);
  await redis.start();
});
afterEach(async () => {
  await sample.vault.close();
  await sample.close();
  redis.signal('SIGCONT');
  await redis.stop();
});

async function follow(password = PASSWORD): Promise<void> {
  const { vault } = sample;
  const ada = await sample.caller('ada');
  await vault.notices.setPassword(ada, 'redis', bytes(password));
  const { version } = await vault.policies.present();
  await vault.policies.change(ada, version + 1, { ...DEFAULT_POLICY, redis: { socket: redis.socket } });
  await vault.keep();
}
const state = ({ cache }: Vault = sample.vault) => cache.health().distributed;
const becomes = (wanted: 'ready' | 'away', vault = sample.vault) =>
  vi.waitUntil(() => state(vault) === wanted, { timeout: 60_000 });
const read = async (name: string, vault = sample.vault) =>
  textOf((await vault.secrets.get(service, { identity: at(name) })).value);
async function cost(work: () => Promise<unknown>): Promise<number> {
  const before = kms.opened;
  await work();
  return kms.opened - before;
}
/** What lies in Redis of secrets: the key of the vault's cache is apart. */
const entries = () =>
  redis.as(async (client) => (await client.keys('claviger:*')).map(String).filter((key) => !key.endsWith(':key')));

test('two holders share what one has opened, for a quarter of an hour, as ciphertext without names', async () => {
  await follow();
  await becomes('ready');
  expect(await cost(() => read('one'))).toBe(1);
  expect(await cost(() => read('one'))).toBe(0);
  const other = new Vault({ ...sample.vault.parts, kms }, new SecretCache());
  await other.keep();
  await becomes('ready', other);
  expect(
    await cost(async () => {
      expect(await read('one', other)).toBe('the value of one');
    }),
  ).toBe(0);
  await redis.as(async (client) => {
    const [place = ''] = await entries();
    expect(await client.pTTL(place)).toBeGreaterThan(0);
    expect(await client.pTTL(place)).toBeLessThanOrEqual(15 * 60_000);
    const keys = (await client.keys('*')).map(String);
    expect(keys).toHaveLength(2);
    const all = [...keys, ...(await Promise.all(keys.map(async (key) => String(await client.get(key)))))].join('\n');
    expect(all).not.toMatch(/the value|one|production|web/);
  });
  // What one changes the other does not answer, and a logout or a lock of one takes its own out of Redis.
  await sample.vault.secrets.put(service, { identity: at('one') }, bytes('a second'));
  expect(await read('one', other)).toBe('a second');
  other.cache.clear();
  await vi.waitUntil(async () => (await entries()).length === 0, { timeout: 60_000 });
  const text = await new Metrics().text(await stateOf(sample.vault.parts));
  expect(text).toContain('claviger_vault_cache_total{class="distributed",result="hit"} 1\n');
  expect(text).toContain('claviger_vault_cache_shared{state="ready"} 1\n');
});

test('what somebody put into Redis is not opened in the place of another, nor what they made up', async () => {
  await follow();
  await becomes('ready');
  for (const name of ['one', 'two']) await read(name);
  const places = await entries();
  expect(places).toHaveLength(2);
  await redis.as(async (client) => {
    const [one, two] = await Promise.all(places.map((place) => client.get(place)));
    await client.set(places[0] ?? '', two ?? '');
    await client.set(places[1] ?? '', one ?? '');
  });
  expect(
    await cost(async () => {
      expect(await read('one')).toBe('the value of one');
    }),
  ).toBe(1);
  expect(await read('two')).toBe('the value of two');
  // With another key in the place of the vault's, or rubbish, it begins anew.
  for (const value of [Buffer.alloc(200, 7), Buffer.from('x')]) {
    await redis.as(async (client) => {
      for (const place of await client.keys('claviger:*')) await client.set(place, value);
    });
    for (const name of ['one', 'two']) expect(await read(name)).toBe(`the value of ${name}`);
  }
});

test('it goes away, killed or silent, and reads go on; it comes back, and is used again', async () => {
  await follow();
  await becomes('ready');
  expect(await cost(() => read('one'))).toBe(1);
  await redis.stop();
  await becomes('away');
  // Each read opens it anew: of the class that is shared nothing is kept in this process.
  for (let turn = 0; turn < 3; turn += 1) expect(await cost(() => read('one'))).toBe(1);
  await redis.start();
  await becomes('ready');
  expect(await cost(() => read('one'))).toBe(1);
  expect(await cost(() => read('one'))).toBe(0);

  redis.signal('SIGSTOP');
  expect(await read('one')).toBe('the value of one');
  expect(state()).toBe('away');
  expect(await read('two')).toBe('the value of two');
  // What was changed meanwhile is dropped once it answers.
  await sample.vault.secrets.put(service, { identity: at('one') }, bytes('a second'));
  expect(await read('one')).toBe('a second');
  redis.signal('SIGCONT');
  await becomes('ready');
  await vi.waitUntil(async () => (await read('one')) === 'a second' && (await cost(() => read('one'))) === 0, {
    timeout: 60_000,
  });
  // Whoever may not read hears the same in every state.
  const stranger = await sample.somebody('stranger', []);
  expect((await refusal(() => sample.vault.secrets.get(stranger, { identity: at('one') }))).code).toBe('VAULT_REFUSED');
});

test('a Redis that does not let the vault in is away, until the vault has the right password', async () => {
  await follow('a wrong one');
  expect(await read('one')).toBe('the value of one');
  expect(state()).toBe('away');
  const rows = JSON.stringify(await sample.vault.parts.ledger.read());
  expect(rows).not.toContain('a wrong one');
  await sample.vault.notices.setPassword(await sample.caller('ada'), 'redis', bytes(PASSWORD));
  await sample.vault.keep();
  await becomes('ready');
});

test('a lock leaves nothing of this holder’s in Redis', async () => {
  await follow();
  await becomes('ready');
  for (const name of ['one', 'two']) await read(name);
  expect(await entries()).toHaveLength(2);
  await sample.vault.close();
  expect(await entries()).toEqual([]);
});

test('it is not away because this process was busy', async () => {
  const shared = new RedisCache({ socket: redis.socket }, bytes(PASSWORD), { kms, vault: 'claviger/ledger/0' });
  await vi.waitUntil(() => shared.state === 'ready', { timeout: 60_000 });
  const context = { name: 'one', version: '1' };
  await shared.put('one', context, bytes('what is kept'), 60_000);
  const asked = shared.get('one', context);
  // For longer than Redis may say nothing.
  for (const until = performance.now() + 400; performance.now() < until;);
  expect(textOf((await asked) ?? bytes(''))).toBe('what is kept');
  expect(shared.state).toBe('ready');
  await shared.close();
});
