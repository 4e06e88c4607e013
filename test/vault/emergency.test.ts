import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SecretIdentity } from '../../core/contract/vault.ts';
import { allowEmergency } from '../../core/vault/emergency-list.ts';
import { grant, listGrants, revoke } from '../../core/vault/grants.ts';
import { alertsFor, health } from '../../core/vault/health.ts';
import type { Caller } from '../../core/vault/parts.ts';
import { type Listed, REASON, bodies, listed, withNotifiers } from './sample-emergency.ts';
import { DATABASE, type SampleVault, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';

let home: string;
let sample: SampleVault;
let mira: Listed;
let ada: Caller;

const ROOT: SecretIdentity = { owner: 'ca', environment: 'isolated', name: 'root' };

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'claviger-emergency-'));
  sample = await sampleVault(home);
  ada = await sample.caller('ada');
  await withNotifiers(sample, []);
  const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
  await sample.vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('hush'));
  await sample.vault.secrets.put(service, { identity: ROOT, category: 'root-ca-key' }, bytes('a root key'));
  mira = await listed(sample, 'mira');
});
afterEach(async () => {
  await sample.vault.notices.settled();
  await sample.close();
  rmSync(home, { recursive: true, force: true });
});

const codeOf = async (work: () => Promise<unknown>) => (await refusal(work)).code;
const broken = async (more: object = {}) =>
  sample.vault.emergencies.open(await mira.caller(), { reason: REASON, code: mira.code(), ...more });
const read = async (identity = DATABASE) =>
  sample.vault.secrets.get(await mira.caller(), { identity, purpose: 'to find out' });

test('from the reason to the review: rights for a while, a mark on every row, and the next only after another person looked', async () => {
  const { vault, clock } = sample;
  expect(await codeOf(read)).toBe('VAULT_REFUSED');
  const emergency = await broken({ minutes: 30 });
  expect(emergency).toMatchObject({
    principal: 'mira',
    reason: REASON,
    remainingSeconds: 1800,
    ended: null,
    operations: 0,
  });
  // What policy keeps for systems is theirs; what two people guard is not.
  expect(textOf((await read()).value)).toBe('hush');
  expect(await codeOf(() => read(ROOT))).toBe('VAULT_REFUSED');
  await vault.secrets.put(await mira.caller(), { identity: DATABASE }, bytes('another'));
  expect((await vault.secrets.list(await mira.caller(), { limit: 10 })).secrets).toHaveLength(2);
  expect(await vault.secrets.versions(await mira.caller(), { identity: DATABASE })).toHaveLength(2);
  // An administrator's acts are nobody's by an emergency.
  expect(await codeOf(async () => vault.principals.list(await mira.caller()))).toBe('VAULT_REFUSED');
  expect(await codeOf(async () => vault.secrets.delete(await mira.caller(), { identity: DATABASE }))).toBe(
    'VAULT_REFUSED',
  );

  expect((await health(vault.parts, ada)).emergency).toEqual({ live: 1, until: emergency.expiresAt, unreviewed: 1 });
  const [alert] = (await alertsFor(vault.parts, ada, { limit: 50 })).filter((one) => one.alert === 'emergency');
  expect(alert).toMatchObject({ alert: 'emergency', principal: 'mira', count: 30 });
  expect(await bodies(sample, 'vault.emergency')).toMatchObject([
    { event: 'opened', emergency: emergency.id, reason: REASON, rights: ['READ', 'WRITE'], principal: 'mira' },
  ]);

  clock.minutes(31);
  expect(await codeOf(read)).toBe('VAULT_REFUSED');
  await vault.keep();
  expect((await bodies(sample, 'vault.emergency')).at(-1)).toMatchObject({
    ...{ event: 'expired', emergency: emergency.id, subject: 'mira', expiresAt: emergency.expiresAt },
  });
  const rows = await vault.parts.ledger.read({ find: '"mira"' });
  const marked = rows.filter(({ body }) => (body as { emergency?: string }).emergency === emergency.id);
  // read; its alert of a new reader; refused root; put: access and stored; versions; refused list; refused delete.
  const uses = marked.filter(({ kind }) => kind !== 'vault.emergency');
  expect(uses.map(({ kind }) => kind)).toEqual([
    ...['vault.access', 'vault.alert', 'vault.access', 'vault.access', 'vault.stored', 'vault.access'],
    ...['vault.refused', 'vault.access'],
  ]);

  const [view] = (await vault.emergencies.status(ada)).emergencies;
  expect(view).toMatchObject({
    ended: 'expired',
    endedBy: null,
    remainingSeconds: 0,
    operations: uses.length,
    review: null,
  });
  expect(await codeOf(broken)).toBe('EMERGENCY_UNREVIEWED');
  const review = (who: Caller, operations: number) =>
    vault.emergencies.review(who, emergency.id, { finding: 'The password was read and changed.', operations });
  expect(await codeOf(async () => review(await mira.caller(), uses.length))).toBe('VAULT_REFUSED');
  expect(await codeOf(() => review(ada, uses.length - 1))).toBe('EMERGENCY_OPERATIONS');
  await review(ada, uses.length);
  expect(await codeOf(() => review(ada, uses.length))).toBe('EMERGENCY_REVIEWED');
  expect((await health(vault.parts, ada)).emergency).toEqual({ live: 0, until: null, unreviewed: 0 });
  const again = await broken();
  expect(again.review).toBeNull();
  expect((await vault.emergencies.status(ada)).emergencies[1]?.review).toMatchObject({ by: 'ada' });
});

test('it takes the list, a person, a code that was never taken, and no more than policy gives', async () => {
  const { vault, clock } = sample;
  const at = async (caller: Caller, more: object = {}) =>
    codeOf(() => vault.emergencies.open(caller, { reason: REASON, code: '000000', ...more }));
  const service = await sample.somebody('web', ['READ']);
  const nora = await sample.somebody('nora', [], { kind: 'person' });
  expect(await at(service)).toBe('VAULT_REFUSED');
  expect(await at(nora)).toBe('VAULT_REFUSED');
  expect((await bodies(sample, 'vault.emergency')).map(({ because }) => because)).toEqual(['no-person', 'not-listed']);
  const caller = await mira.caller();
  expect(await at(caller, { minutes: 61 })).toBe('EMERGENCY_LIMIT');
  expect(await at(caller, { rights: ['ROTATE'] })).toBe('EMERGENCY_LIMIT');
  const code = mira.code();
  const wrong = code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
  expect(await at(caller, { code: wrong })).toBe('LOGIN_REFUSED');
  const { id } = await vault.emergencies.open(caller, { reason: REASON, code });
  await vault.emergencies.end(caller, id);
  await vault.emergencies.review(ada, id, { finding: 'It was opened and ended.', operations: 0 });
  // The code of the emergency, and the one before it, that of the login, are taken.
  expect(await at(caller, { code })).toBe('LOGIN_REFUSED');
  // Codes are tried in vain as often as passwords are.
  for (let tries = 0; tries < 5; tries += 1) expect(await at(caller, { code: wrong })).toBe('LOGIN_REFUSED');
  expect(await at(caller, { code: mira.code() })).toBe('LOGIN_REFUSED');
  await vault.principals.unlock(ada, 'mira');
  await allowEmergency(vault.parts, ada, { name: 'mira', allowed: false });
  expect(await at(caller, { code: mira.code() })).toBe('VAULT_REFUSED');
  expect(await bodies(sample, 'vault.emergency-list')).toMatchObject([
    { subject: 'mira', allowed: true, principal: 'ada' },
    { subject: 'mira', allowed: false, principal: 'ada' },
  ]);
  const allow = (who: Caller, name: string) => codeOf(() => allowEmergency(vault.parts, who, { name, allowed: true }));
  expect(await allow(ada, 'ada')).toBe('PRINCIPAL_ONESELF');
  expect(await allow(ada, 'web')).toBe('PRINCIPAL_KIND');
  expect(await allow(ada, 'nobody')).toBe('PRINCIPAL_UNKNOWN');
  expect(await allow(nora, 'mira')).toBe('VAULT_REFUSED');
  clock.minutes(1);
});

test('rights of an emergency are nobody’s without its mark, in no list of grants, and end with it alone', async () => {
  const { vault, store } = sample;
  const { id } = await broken({
    scope: { owner: 'billing', environment: 'production', name: 'db/*' },
    rights: ['READ'],
  });
  const caller = await mira.caller();
  expect(caller.emergency).toBe(id);
  const unmarked = { ...caller, emergency: null };
  expect(await codeOf(() => vault.secrets.get(unmarked, { identity: DATABASE }))).toBe('VAULT_REFUSED');
  await vault.secrets.get(caller, { identity: DATABASE });
  expect(await codeOf(() => vault.secrets.put(caller, { identity: DATABASE }, bytes('x')))).toBe('VAULT_REFUSED');
  const elsewhere = { ...DATABASE, environment: 'staging' as const };
  expect(await codeOf(() => vault.secrets.get(caller, { identity: elsewhere }))).toBe('VAULT_REFUSED');
  expect((await listGrants(vault.parts, ada)).map(({ principal }) => principal)).not.toContain('mira');
  const row = await store.db
    .selectFrom('vault_grant')
    .select('id')
    .where('emergency', '=', id)
    .executeTakeFirstOrThrow();
  expect(await codeOf(() => revoke(vault.parts, ada, row.id))).toBe('GRANT_UNKNOWN');
  // Somebody else's can be ended by an administrator, and by nobody else.
  const nora = await sample.somebody('nora', ['READ'], { kind: 'person' });
  expect(await codeOf(() => vault.emergencies.end(nora, id))).toBe('EMERGENCY_UNKNOWN');
  expect(await codeOf(() => vault.emergencies.review(ada, id, { finding: 'too early to say', operations: 0 }))).toBe(
    'EMERGENCY_LIVE',
  );
  await vault.emergencies.end(ada, id);
  expect(await codeOf(() => vault.emergencies.end(ada, id))).toBe('EMERGENCY_UNKNOWN');
  expect((await mira.caller()).emergency).toBeNull();
  // A caller from before it ended is refused as well.
  expect(await codeOf(() => vault.secrets.get(caller, { identity: DATABASE }))).toBe('VAULT_REFUSED');
  expect((await bodies(sample, 'vault.emergency')).at(-1)).toMatchObject({
    event: 'revoked',
    principal: 'ada',
    subject: 'mira',
  });
});

test('an administrator who broke the glass is reviewed by another', async () => {
  const { vault } = sample;
  await grant(vault.parts, ada, {
    ...{ subject: 'mira', scope: { owner: '*', environment: '*', name: '*' } },
    ...{ rights: ['ADMIN'], expiresAt: null },
  });
  const { id } = await broken();
  await vault.emergencies.end(await mira.caller(), id);
  const review = (who: Caller) => vault.emergencies.review(who, id, { finding: 'Nothing was done.', operations: 0 });
  expect(await codeOf(async () => review(await mira.caller()))).toBe('EMERGENCY_OWN');
  const service = await sample.somebody('robot', ['ADMIN']);
  expect(await codeOf(() => review(service))).toBe('EMERGENCY_OWN');
  await review(ada);
});

test('one that ended while no process ran opens nothing, is written down at the next start, and once', async () => {
  const { clock } = sample;
  const { id, expiresAt } = await broken({ minutes: 10 });
  const caller = await mira.caller();
  clock.minutes(11);
  sample = { ...sample, ...(await sample.again()) };
  expect(await codeOf(() => sample.vault.secrets.get(caller, { identity: DATABASE }))).toBe('VAULT_REFUSED');
  expect((await sample.vault.emergencies.status(ada)).emergencies[0]).toMatchObject({
    ended: 'expired',
    endedAt: expiresAt,
  });
  await Promise.all([sample.vault.keep(), sample.vault.keep(), sample.vault.keep()]);
  await sample.vault.keep();
  const ends = (await bodies(sample, 'vault.emergency')).filter(({ event }) => event === 'expired');
  expect(ends).toMatchObject([{ emergency: id, expiresAt }]);
  const grants = await sample.store.db.selectFrom('vault_grant').selectAll().where('emergency', '=', id).execute();
  expect(grants.map(({ revoked_at: at }) => at !== null)).toEqual([true]);
});

test('a clock that is set back does not bring it back', async () => {
  const { clock } = sample;
  await broken({ minutes: 10 });
  clock.minutes(11);
  // Something was written meanwhile; the end was not.
  expect(await codeOf(read)).toBe('VAULT_REFUSED');
  clock.minutes(-8);
  expect((await mira.caller()).emergency).toBeNull();
  expect(await codeOf(read)).toBe('VAULT_REFUSED');
});

test('of two that are broken at the same moment one is refused', async () => {
  const { vault } = sample;
  const noor = await listed(sample, 'noor');
  const callers = [await mira.caller(), await noor.caller()];
  const codes = [mira.code(), noor.code()];
  const tries = await Promise.allSettled(
    callers.map((caller, index) => vault.emergencies.open(caller, { reason: REASON, code: codes[index] ?? '' })),
  );
  expect(tries.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect((await bodies(sample, 'vault.emergency')).filter(({ event }) => event === 'opened')).toHaveLength(1);
});

test('whatever is done in whatever order: what is over opens nothing, and rows are marked while it lasts, and then alone', async () => {
  const { vault, clock } = sample;
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('read' as const) }),
      fc.record({ do: fc.constant('put' as const) }),
      fc.record({ do: fc.constant('keep' as const) }),
      fc.record({ do: fc.constant('end' as const) }),
      fc.record({ do: fc.constant('review' as const) }),
      fc.record({ do: fc.constant('open' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
    ),
    { minLength: 5, maxLength: 14 },
  );
  let [opened, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      // What the test knows by itself: until when, and whether it was reviewed.
      let state: { id: string; until: number; reviewed: boolean } | null = null;
      const live = () => state !== null && clock.read().getTime() < state.until;
      for (const step of all) {
        const caller = await mira.caller();
        const [before] = [(await vault.parts.ledger.head()).size];
        const mark = live() ? state?.id : undefined;
        if (step.do === 'wait') clock.minutes(step.minutes);
        if (step.do === 'keep') await vault.keep();
        if (step.do === 'read' || step.do === 'put') {
          const done = await (
            step.do === 'read'
              ? vault.secrets.get(caller, { identity: DATABASE })
              : vault.secrets.put(caller, { identity: DATABASE }, bytes('x'))
          ).then(
            () => true,
            () => false,
          );
          expect(done).toBe(mark !== undefined);
          if (done) opened += 1;
          else refused += 1;
          const rows = await vault.parts.ledger.read({ from: before + 1 });
          expect(rows.length).toBeGreaterThan(0);
          for (const { body } of rows) expect((body as { emergency?: string }).emergency).toBe(mark);
          await vault.principals.unlock(ada, 'mira');
        }
        if (step.do === 'open') {
          const given = await vault.emergencies
            .open(caller, { reason: REASON, code: mira.code(), minutes: step.minutes })
            .catch(() => null);
          expect(given !== null).toBe(state === null || state.reviewed);
          if (given) state = { id: given.id, until: new Date(given.expiresAt).getTime(), reviewed: false };
        }
        if (step.do === 'end' && live() && state) {
          await vault.emergencies.end(caller, state.id);
          state.until = 0;
        }
        if (step.do === 'review' && state && !state.reviewed && !live()) {
          const [view] = (await vault.emergencies.status(ada)).emergencies;
          const said = { finding: 'It was looked at.', operations: view?.operations ?? -1 };
          await vault.emergencies.review(ada, state.id, said);
          state.reviewed = true;
        }
      }
      // Left as it was found.
      clock.minutes(13);
      const [last] = (await vault.emergencies.status(ada)).emergencies;
      if (last?.review === null) {
        await vault.emergencies.review(ada, last.id, { finding: 'It was looked at.', operations: last.operations });
      }
    }),
    { numRuns: 25, seed: 20261122 },
  );
  expect(Math.min(opened, refused)).toBeGreaterThan(5);
});
