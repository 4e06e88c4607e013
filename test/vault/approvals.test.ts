import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Approvable } from '../../core/contract/vault.ts';
import { approve, request } from '../../core/vault/approvals.ts';
import type { Caller } from '../../core/vault/parts.ts';
import { Renewals } from '../../core/vault/renewal.ts';
import { setPlan, showRenewal } from '../../core/vault/renewal-plans.ts';
import { DATABASE, type SampleVault, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';

/** What two people approve. */

let home: string;
let sample: SampleVault;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'claviger-approvals-'));
  sample = await sampleVault(home);
});
afterEach(async () => {
  await sample.close();
  rmSync(home, { recursive: true, force: true });
});

const rowsOf = async (kind: string) =>
  (await sample.vault.parts.ledger.read({ kind })).map(({ body }) => body as Record<string, unknown>);

const identity = { owner: 'ca', environment: 'isolated', name: 'root-2026' } as const;
/** Asked for, and approved by two others. */
async function approved(asker: Caller, action: Approvable): Promise<string> {
  const { vault, caller, somebody } = sample;
  const asked = await request(vault.parts, vault.policies, asker, { action, identity, purpose: 'why' });
  for (const name of ['tomas', 'mira']) {
    const approver = await caller(name).catch(() => somebody(name, ['ADMIN'], { kind: 'person' }));
    await approve(vault.parts, approver, asked.id, asked.shown);
  }
  return asked.id;
}

test('the versions of what two people guard are listed once they have approved that, and the plan of its rotation is shown', async () => {
  const { vault } = sample;
  const asker = await sample.somebody('ines', ['WRITE'], { kind: 'person' });
  await vault.secrets.put(asker, { identity, category: 'root-ca-key' }, bytes('key'));
  const list = (id?: string) => vault.secrets.versions(asker, { identity, purpose: 'why', request: id });
  expect((await refusal(list)).code).toBe('VAULT_REFUSED');
  // What was approved for another act lists nothing.
  const put = await approved(asker, 'put');
  expect((await refusal(() => list(put))).code).toBe('VAULT_REFUSED');
  const id = await approved(asker, 'versions');
  expect(await list(id)).toMatchObject([{ version: 1, createdBy: 'ines' }]);
  expect((await rowsOf('vault.access')).at(-1)).toMatchObject({ action: 'versions', request: id, allowed: true });
  expect((await refusal(() => list(id))).code).toBe('VAULT_REFUSED');
  const show = (request?: string) => showRenewal(vault, asker, { identity, purpose: 'why', request });
  const another = await approved(asker, 'versions');
  expect(await show(another)).toMatchObject({ plan: null, newest: null, versions: [{ version: 1 }] });
  expect((await refusal(() => show(another))).code).toBe('VAULT_REFUSED');
  // Whoever has no right there asks for nothing.
  const nobody = await sample.somebody('nobody', [], { kind: 'person' });
  expect((await refusal(() => approved(nobody, 'versions'))).code).toBe('VAULT_REFUSED');
});

test('a look at what a rotation would do leaves the approval to the rotation, which uses it up', async () => {
  const { vault } = sample;
  const asker = await sample.somebody('ines', ['WRITE', 'ROTATE'], { kind: 'person' });
  await vault.secrets.put(asker, { identity, category: 'root-ca-key' }, bytes('key'));
  const plan = { rotator: { name: 'random', value: { bytes: 32 } }, after: null } as const;
  await setPlan(vault, await sample.caller('ada'), identity, { plan });
  const renewals = new Renewals(vault, join(home, 'programs'));
  expect((await refusal(() => renewals.foresee(asker, { identity, purpose: 'why' }))).code).toBe('VAULT_REFUSED');
  const wanted = { identity, purpose: 'why', request: await approved(asker, 'rotate') };
  for (let look = 0; look < 2; look += 1) expect(await renewals.foresee(asker, wanted)).toMatchObject({ version: 2 });
  expect(await renewals.rotate(asker, wanted)).toMatchObject({ version: 2, state: 'activated' });
  expect((await refusal(() => renewals.rotate(asker, wanted))).code).toBe('VAULT_REFUSED');
});

test('two reads that come with the same approval at the same time: one is served', async () => {
  const { vault } = sample;
  const asker = await sample.somebody('ines', ['READ', 'WRITE'], { kind: 'person' });
  await vault.secrets.put(asker, { identity, category: 'root-ca-key' }, bytes('key'));
  const id = await approved(asker, 'get');
  const both = await Promise.allSettled(
    [1, 2].map(() => vault.secrets.get(asker, { identity, purpose: 'why', request: id })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('an approval is used up by what it is for alone, and opens no other version', async () => {
  const { vault } = sample;
  const asker = await sample.somebody('ines', ['READ', 'WRITE'], { kind: 'person' });
  const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
  await vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('secret'));
  await vault.secrets.put(asker, { identity, category: 'root-ca-key' }, bytes('before'));
  await vault.secrets.put(asker, { identity, purpose: 'why', request: await approved(asker, 'put') }, bytes('after'));
  const id = await approved(asker, 'get');
  await vault.secrets.get(service, { identity: DATABASE, request: id });
  const read = (version?: number) => vault.secrets.get(asker, { identity, purpose: 'why', request: id, version });
  expect((await refusal(() => read(1))).code).toBe('VAULT_REFUSED');
  expect((await rowsOf('vault.access')).at(-1)).toMatchObject({
    allowed: false,
    reason: 'approvals-missing',
    version: 1,
  });
  expect(textOf((await read()).value)).toBe('after');
});
