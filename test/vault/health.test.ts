import { randomUUID } from 'node:crypto';
import { type SelectQueryBuilder, sql } from 'kysely';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { alertsFor, health, refuseStrangers, stateOf, countLocked } from '../../core/vault/health.ts';
import { Metrics } from '../../core/vault/metrics.ts';
import { NEVER } from '../../core/vault/rows.ts';
import { Vault } from '../../core/vault/vault.ts';
import type { Tables } from '../../core/store/schema.ts';
import type { Store } from '../../core/store/store.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { DATABASE, bytes, refusal, sampleVault } from './sample-vault.ts';

test('health counts what is there, what is due, who is locked, and shows alerts to whoever administers', async () => {
  const { vault, somebody, caller, clock, close, store } = await sampleVault(temporaryFolder());
  const service = await somebody('billing', ['READ', 'WRITE'], { system: true });
  const put = (name: string, category: string) =>
    vault.secrets.put(service, { identity: { ...DATABASE, name }, category }, bytes('secret'));
  await put('db/main', 'database-password');
  await put('db/replica', 'database-password');
  await put('config', 'system-configuration');
  const deleter = await somebody('deleter', ['ADMIN']);
  const ada = await caller('ada');
  expect(await health(vault.parts, ada)).toMatchObject({
    secrets: [
      { category: 'database-password', environment: 'production', count: 2 },
      { category: 'system-configuration', environment: 'production', count: 1 },
    ],
    rotation: { overdue: 0, soon: 0, open: 0 },
    key: { provider: 'local', state: 'active', ok: true, detail: null },
    ledger: { size: (await vault.parts.ledger.head()).size },
    locked: 0,
    alerts: [],
  });
  await vault.secrets.delete(deleter, { identity: { ...DATABASE, name: 'db/replica' } });
  clock.minutes(80 * 24 * 60);
  const stranger = await somebody('stranger', ['READ'], { scope: { owner: 'web', environment: '*', name: '*' } });
  for (let tries = 0; tries < DEFAULT_POLICY.lockout.failures; tries += 1) {
    await refusal(() => vault.secrets.get(stranger, { identity: DATABASE }));
  }
  const later = await health(vault.parts, ada);
  expect(later.rotation).toEqual({ overdue: 0, soon: 1, open: 0 });
  expect(later.secrets[0]?.count).toBe(1);
  expect(later.locked).toBe(1);
  expect(later.alerts.map(({ alert, principal, secret }) => [alert, principal, secret.name])).toEqual([
    ['locked', 'stranger', 'db/main'],
    ['failures', 'stranger', 'db/main'],
  ]);
  clock.minutes(11 * 24 * 60);
  expect((await stateOf(vault.parts)).rotation).toEqual({ overdue: 1, soon: 0, open: 0 });
  // One at a time, the older after the newer.
  const [newest] = await alertsFor(vault.parts, ada, { limit: 1 });
  const [older] = await alertsFor(vault.parts, ada, { limit: 1, before: newest?.seq });
  expect([newest?.alert, older?.alert]).toEqual(['locked', 'failures']);
  // Nobody else hears what became of whose secret, and who has no grant hears nothing.
  expect((await health(vault.parts, service)).alerts).toEqual([]);
  const nobody = await somebody('nobody', []);
  expect((await refusal(() => refuseStrangers(vault.parts, nobody))).code).toBe('VAULT_REFUSED');
  // The kept counts are those that counting gives.
  const counted = await store.db
    .selectFrom('vault_secret')
    .select(({ fn }) => ['category', fn.countAll<number>().as('count')])
    .where('owner', '!=', '.vault')
    .groupBy('category')
    .orderBy('category')
    .execute();
  expect(counted).toEqual((await stateOf(vault.parts)).secrets.map(({ category, count }) => ({ category, count })));
  await vault.parts.kms.close();
  expect((await stateOf(vault.parts)).key).toMatchObject({ ok: false, detail: 'KMS_CLOSED' });
  await close();
});

test('no query of health reads all secrets', async () => {
  const { vault, store, close } = await sampleVault(temporaryFolder());
  const secret = (index: number) => ({
    ...{ id: randomUUID(), owner: 'billing', environment: 'production', name: `s${index}`, category: 'api-token' },
    ...{ description: '', version: 1, created_at: '', updated_at: '', accessed_at: NEVER, rotation_due: null },
  });
  await store.db
    .insertInto('vault_secret')
    .values(Array.from({ length: 1000 }, (_, index) => secret(index)))
    .execute();
  expect((await stateOf(vault.parts)).secrets).toEqual([
    { category: 'api-token', environment: 'production', count: 1000 },
  ]);
  await store.db.updateTable('vault_secret').set({ category: 'session-key' }).where('name', '<', 's5').execute();
  const { secrets } = await stateOf(vault.parts);
  expect(secrets.map(({ count }) => count).reduce((sum, count) => sum + count)).toBe(1000);
  expect(secrets.map(({ category }) => category)).toEqual(['api-token', 'session-key']);
  const due = store.db
    .selectFrom('vault_secret')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('rotation_due', '<=', 'x');
  expect(await planOf(store, due)).toMatch(/vault_secret_by_due/);
  expect(await planOf(store, countLocked(store.db))).toMatch(/vault_use_locked/);
  await close();
});

test('metrics are OpenMetrics, count what the ledger says, and name nobody', async () => {
  const { vault: plain, somebody, close } = await sampleVault(temporaryFolder());
  const metrics = new Metrics();
  const vault = new Vault({ ...plain.parts, ledger: metrics.over(plain.parts.ledger) });
  const service = await somebody('billing', ['READ', 'WRITE'], { system: true });
  await vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('hush-hush'));
  await vault.secrets.get(service, { identity: DATABASE });
  await vault.secrets.get(service, { identity: DATABASE });
  await refusal(() => vault.secrets.get(service, { identity: { ...DATABASE, name: 'nothing' } }));
  const text = await metrics.text(await stateOf(vault.parts));
  const lines = text.split('\n');
  expect(lines).toContain('claviger_vault_access_total{environment="production",action="get"} 2');
  expect(lines).toContain('claviger_vault_access_total{environment="production",action="put"} 1');
  expect(lines).toContain('claviger_vault_refused_total{environment="production",reason="no-secret"} 1');
  expect(lines).toContain('claviger_vault_decryptions_total{environment="production"} 2');
  expect(lines).toContain('claviger_vault_alerts_total{alert="new-principal"} 1');
  expect(lines).toContain('claviger_vault_secrets{category="database-password",environment="production"} 1');
  expect(lines).toContain('claviger_vault_rotation{state="overdue"} 0');
  expect(lines).toContain('claviger_vault_locked_principals 0');
  expect(lines).toContain('claviger_vault_key_healthy{provider="local"} 1');
  expect(text.trimEnd().endsWith('# EOF')).toBe(true);
  expect(text).not.toMatch(/hush-hush|billing|db\/main|ada/);
  await close();
});

/** How the database would go about a query. */
async function planOf(
  { db, shared }: Store,
  query: { explain: SelectQueryBuilder<Tables, never, unknown>['explain'] },
) {
  if (!shared) return JSON.stringify(await query.explain(undefined, sql`query plan`));
  // A thousand rows are few enough to be read all: what counts is that it need not.
  await sql`SET enable_seqscan = off`.execute(db);
  return JSON.stringify(await query.explain());
}
