import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY, vaultPolicySchema } from '../../core/contract/vault.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { backUp, restore } from '../../core/vault/backup.ts';
import { alertsFor, health } from '../../core/vault/health.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import { DATABASE, bytes, sampleVault } from './sample-vault.ts';

const DAY = 24 * 60;

/** A vault that keeps rows for 90 days, with one of 1 August 2026 on; it is 22 November. */
async function keepingVault() {
  const sample = await sampleVault(temporaryFolder());
  const { vault, clock, somebody, caller } = sample;
  const ada = await caller('ada');
  clock.minutes(-113 * DAY);
  await vault.policies.change(ada, 2, { ...DEFAULT_POLICY, retention: { ledgerDays: 90 } });
  const service = await somebody('billing', ['READ', 'WRITE', 'ADMIN'], { system: true });
  const { ledger } = vault.parts;
  /** One row and more of that secret, of so many days later. */
  const use = async (days: number) => {
    clock.minutes(days * DAY);
    await vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('secret'));
    return (await ledger.head()).size;
  };
  const sealed = async () => (await health(vault.parts, ada)).ledger.sealed;
  return { ...sample, ada, ledger, use, sealed };
}

test('whole months leave the store when policy keeps them no longer, as far as they are signed', async () => {
  const { vault, ledger, use, sealed, store, ada, close, clock } = await keepingVault();
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  const august = await use(20);
  const september = await use(20);
  await use(73);
  // 22 November less 90 days is in August: nothing of that month goes yet.
  await appendCheckpoint(ledger, key);
  await vault.retention.look();
  expect(await sealed()).toBe(0);
  const before = await ledger.read();
  clock.minutes(10 * DAY);
  await vault.retention.look();
  expect(await sealed()).toBe(august);
  // With the turn of the next month the next one goes; what stands after the checkpoint stays.
  clock.minutes(30 * DAY);
  await vault.retention.look();
  expect(await sealed()).toBe(september);
  clock.minutes(365 * DAY);
  await vault.retention.look();
  const { signed, size } = (await health(vault.parts, ada)).ledger;
  expect(await sealed()).toBe(signed);
  expect(size).toBeGreaterThan(signed);
  expect((await ledger.read()).slice(0, before.length)).toEqual(before);
  expect((await store.db.selectFrom('ledger').select('seq').orderBy('seq').execute())[0]?.seq).toBe(signed + 1);
  await close();
});

test('a backup has the rows that were sealed, wherever they lie, and gives them back as files', async () => {
  const { vault, store, ledger, use, ada, close, clock } = await keepingVault();
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  await use(1);
  await appendCheckpoint(ledger, key);
  clock.minutes(365 * DAY);
  await vault.retention.look();
  const [segment] = await ledger.read({ kind: 'ledger.sealed' });
  const { file } = segment?.body as { file: string };
  expect(existsSync(join(store.folder, file))).toBe(!store.shared);
  const out = join(temporaryFolder(), 'vault.backup');
  const { ledgerRows } = await backUp(vault.parts, ada, out, KINDS);
  const rows = await ledger.read({ to: ledgerRows });
  const folder = join(temporaryFolder(), 'restored');
  await restore({ file: out, folder, place: 'test' }, { kms: vault.parts.kms, kinds: KINDS, clock: clock.read });
  expect(existsSync(join(folder, file))).toBe(true);
  expect(await verifyLedger(folder, { kinds: KINDS, paper: null })).toMatchObject({
    segments: 1,
    size: ledgerRows + 1,
  });
  const restored = await openStore(folder);
  expect(await openLedger(restored, clock.read, KINDS).read({ to: ledgerRows })).toEqual(rows);
  await restored.close();
  await close();
});

test('without a checkpoint, and without the policy, everything stays; 90 days is the least', async () => {
  const { vault, use, sealed, ada, close, clock } = await keepingVault();
  await use(1);
  clock.minutes(365 * DAY);
  await vault.retention.look();
  expect(await sealed()).toBe(0);
  expect((await alertsFor(vault.parts, ada)).map(({ alert }) => alert)).not.toContain('retention');
  expect(vaultPolicySchema.safeParse({ ...DEFAULT_POLICY, retention: { ledgerDays: 89 } }).success).toBe(false);
  const { retention, ...before } = DEFAULT_POLICY;
  expect(vaultPolicySchema.parse(before).retention).toEqual(retention);
  expect(retention.ledgerDays).toBeNull();
  await close();
});

test('where rows cannot be sealed an alert says so once, and they go when they can', async () => {
  const { vault, store, ledger, use, sealed, ada, close, clock } = await keepingVault();
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  const last = await use(1);
  await appendCheckpoint(ledger, key);
  clock.minutes(365 * DAY);
  // While another node is at it there is no trouble.
  await store.alone('ledger seal', () => vault.retention.look());
  const inTheWay = join(store.folder, store.shared ? '.sealing' : 'segments');
  writeFileSync(inTheWay, '');
  const told = async () => (await alertsFor(vault.parts, ada)).filter(({ alert }) => alert === 'retention').length;
  expect([await told(), await sealed()]).toEqual([0, 0]);
  await vault.retention.look();
  await vault.retention.look();
  expect([await told(), await sealed()]).toEqual([1, 0]);
  rmSync(inTheWay);
  await vault.retention.look();
  expect(await sealed()).toBeGreaterThanOrEqual(last);
  expect(await told()).toBe(1);
  await vault.retention.close();
  await close();
});
