import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { After } from '../../core/contract/rotation-plan.ts';
import { type Category, DEFAULT_POLICY, type VaultPolicy } from '../../core/contract/vault.ts';
import { alertsFor, stateOf } from '../../core/vault/health.ts';
import type { Caller } from '../../core/vault/parts.ts';
import { Renewals } from '../../core/vault/renewal.ts';
import { lookAfterRenewals, rotateDue, tellRenewals } from '../../core/vault/renewal-due.ts';
import { setPlan, showRenewal } from '../../core/vault/renewal-plans.ts';
import { Vault } from '../../core/vault/vault.ts';
import { type SampleVault, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';

/** Secrets that rotate: their steps, their schedules, and what is read meanwhile. */

const KEY = { owner: 'billing', environment: 'production', name: 'session/key' } as const;
const DAY = 1440;

let home: string;
let sample: SampleVault;
let app: Caller;
let rotator: Caller;
let ada: Caller;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'claviger-renewal-'));
  mkdirSync(join(home, 'programs'), { mode: 0o700 });
  sample = await sampleVault(home);
  app = await sample.somebody('app', ['READ', 'WRITE']);
  rotator = await sample.somebody('rotator', ['ROTATE']);
  ada = await sample.caller('ada');
});

afterEach(async () => {
  await sample.close();
  rmSync(home, { recursive: true });
});

const parts = (vault = sample.vault) => {
  const programs = join(home, 'programs');
  return { vault, programs, renewals: new Renewals(vault, programs) };
};
const rotate = (wanted: object = {}, by = rotator) => parts().renewals.rotate(by, { identity: KEY, ...wanted });
const code = async (work: () => Promise<unknown>) => (await refusal(work)).code;
const read = async (version?: number | 'previous') =>
  textOf((await sample.vault.secrets.get(app, { identity: KEY, version })).value);
const put = (value: string, category = 'session-key', rotationDays?: number) =>
  sample.vault.secrets.put(app, { identity: KEY, category, rotationDays }, bytes(value));
const due = async () => (await sample.vault.secrets.list(app, { limit: 9 })).secrets[0]?.rotationDue;
const rowsOf = async (kind: string) =>
  (await sample.vault.parts.ledger.read({ kind, limit: 1000 })).map(({ body }) => body as Record<string, unknown>);
const steps = async () => (await rowsOf('vault.renewal')).map(({ step }) => step);

async function policy(session: Partial<Category>, rest: Partial<VaultPolicy> = {}): Promise<void> {
  const { version } = await sample.vault.policies.present();
  const { categories } = DEFAULT_POLICY;
  const sessionKey = { ...(categories['session-key'] as Category), ...session };
  const wanted = { ...DEFAULT_POLICY, ...rest, categories: { ...categories, 'session-key': sessionKey } };
  await sample.vault.policies.change(ada, version + 1, wanted);
}

/** A program that keeps what it is given, and fails at the steps in the file `fail`. */
function program(name: string): void {
  const body = `#!/bin/sh
cat > '${home}/given.'"$1"
echo "$1" >> '${home}/steps'
! grep -qsx -e "$1" '${home}/fail'
`;
  writeFileSync(join(home, 'programs', name), body, { mode: 0o700 });
}
const given = (step: string) => readFileSync(join(home, `given.${step}`), 'utf8');
const fail = (...at: string[]) => {
  writeFileSync(join(home, 'fail'), at.join('\n'));
};
const byProgram = (after: After | null = null) =>
  setPlan(sample.vault, ada, KEY, {
    plan: {
      rotator: { name: 'command', program: 'rotate', value: { length: 20, alphabet: 'abcdefghijklmnop' }, seconds: 60 },
      after,
    },
  });

test('a secret of its category rotates by whoever has ROTATE, who reads nothing', async () => {
  await put('the first value');
  expect(await code(() => rotate({}, app))).toBe('VAULT_REFUSED');
  expect(await parts().renewals.foresee(rotator, { identity: KEY })).toEqual({
    ...{ secret: KEY, version: 2, rotator: 'random', does: null },
  });
  expect(await rotate()).toMatchObject({ state: 'activated', version: 2, rotator: 'random', told: null });
  expect(await read()).not.toBe('the first value');
  expect((await sample.vault.secrets.get(app, { identity: KEY })).value).toHaveLength(32);
  expect(await read('previous')).toBe('the first value');
  expect(await steps()).toEqual(['intended', 'applied', 'verified', 'activated']);
  expect((await rowsOf('vault.stored')).at(-1)).toMatchObject({ version: 2, bytes: 32, principal: 'rotator' });
  expect(await code(() => sample.vault.secrets.get(rotator, { identity: KEY }))).toBe('VAULT_REFUSED');
  expect((await stateOf(sample.vault.parts)).rotation).toEqual({ overdue: 0, soon: 1, open: 0 });
});

test('a program gets the new value, tries it, and is told to go back where that fails', async () => {
  program('rotate');
  await put('the first value');
  await byProgram();
  expect(await parts().renewals.foresee(rotator, { identity: KEY })).toMatchObject({
    does: join(home, 'programs/rotate'),
  });
  await rotate();
  expect(await read()).toMatch(/^[a-p]{20}$/);
  expect([given('apply'), given('verify')]).toEqual([await read(), await read()]);

  fail('verify');
  const present = await read();
  const failed = await refusal(rotate);
  expect(failed.value).toMatchObject({
    code: 'RENEWAL_ROLLED_BACK',
    params: { detail: 'ROTATOR_FAILED verify exit 1' },
  });
  expect(await read()).toBe(present);
  expect(given('roll-back')).toBe(present);
  expect(await sample.vault.secrets.versions(app, { identity: KEY })).toHaveLength(2);
  expect((await alertsFor(sample.vault.parts, ada))[0]).toMatchObject({ alert: 'rotation', secret: KEY });

  // Not even back: it waits, nobody stores or reads what it would make, and the next try goes on there.
  fail('apply', 'roll-back');
  expect(await code(rotate)).toBe('ROTATOR_FAILED');
  expect((await stateOf(sample.vault.parts)).rotation.open).toBe(1);
  expect(await read()).toBe(present);
  expect(await code(() => put('another value'))).toBe('RENEWAL_RUNNING');
  expect(await code(() => read(3))).toBe('VAULT_REFUSED');
  expect(await sample.vault.secrets.versions(app, { identity: KEY })).toHaveLength(2);
  fail();
  expect(await code(rotate)).toBe('RENEWAL_ROLLED_BACK');
  expect((await stateOf(sample.vault.parts)).rotation.open).toBe(0);
  expect(await put('another value')).toMatchObject({ version: 3 });
});

test('a version that nobody wants any more makes way for the one before it', async () => {
  program('rotate');
  await put('the first value');
  await byProgram();
  expect(await code(() => rotate({ back: true }))).toBe('VERSION_OVER');
  await rotate();
  expect(await rotate({ back: true })).toMatchObject({ state: 'activated', version: 3 });
  expect([await read(), given('apply')]).toEqual(['the first value', 'the first value']);
});

test('a rotation that is interrupted at any durable write goes on, or back, and nothing in between is ever read', async () => {
  program('rotate');
  await put('the first value');
  await byProgram();
  const seen = new Set(['the first value']);
  let interrupted = 0;
  for (let after = 0; ; after++) {
    const before = await read();
    const real = sample.vault.parts.ledger;
    let count = 0;
    // As if the holder were gone: after so many writes none comes any more.
    const ledger: typeof real = {
      ...real,
      append: (rows, also) => (count++ < after ? real.append(rows, also) : Promise.reject(new Error('killed'))),
    };
    const dying = parts(new Vault({ ...sample.vault.parts, ledger }));
    const end = await dying.renewals.rotate(rotator, { identity: KEY }).then(
      () => 'ended',
      (error: unknown) => (error as Error).message,
    );
    sample = { ...sample, ...(await sample.again()) };
    const meanwhile = await read();
    if (end === 'ended') break;
    expect(end).toBe('killed');
    interrupted += 1;
    expect([...seen, before]).toContain(meanwhile);
    expect(meanwhile).toBe(before);
    await rotate();
    expect(await read()).not.toBe(before);
    expect(given('apply')).toBe(await read());
    expect(given('verify')).toBe(await read());
    seen.add(await read());
  }
  // Whoever may, intended, applied, verified, activated.
  expect(interrupted).toBe(5);
  expect((await sample.vault.secrets.versions(app, { identity: KEY })).map(({ version }) => version)).toEqual([
    7, 6, 5, 4, 3, 2, 1,
  ]);
});

test('an interrupted rotation can be undone', async () => {
  program('rotate');
  await put('the first value');
  await byProgram();
  fail('apply', 'roll-back');
  expect(await code(rotate)).toBe('ROTATOR_FAILED');
  fail();
  expect(await rotate({ back: true })).toMatchObject({ state: 'rolled-back', version: 2 });
  expect(given('roll-back')).toBe('the first value');
});

test('the version before counts for its grace, and no rotation ends that but one that cannot wait', async () => {
  await policy({ graceMinutes: 60 });
  await put('the first value');
  expect(await code(() => read('previous'))).toBe('VERSION_OVER');
  await rotate();
  sample.clock.minutes(59);
  expect(await read('previous')).toBe('the first value');
  expect((await refusal(rotate)).value).toMatchObject({
    code: 'RENEWAL_GRACE',
    params: { at: '2026-11-22T13:00:00.000Z' },
  });
  sample.clock.minutes(1);
  expect(await code(() => read('previous'))).toBe('VERSION_OVER');
  expect(await code(() => read(1))).toBe('VERSION_OVER');
  expect(await rotate()).toMatchObject({ version: 3 });
  expect(await rotate({ urgent: true })).toMatchObject({ version: 4 });
  expect((await rowsOf('vault.access')).filter(({ reason }) => reason === 'grace')).toHaveLength(3);
});

test('a secret rotates sooner than its category and never later, also after the policy changes', async () => {
  await put('the first value', 'session-key', 400);
  expect(await due()).toBe('2026-12-22T12:00:00.000Z');
  expect(await setPlan(sample.vault, ada, KEY, { days: 7 })).toBe('2026-11-29T12:00:00.000Z');
  await put('the second value');
  expect(await due()).toBe('2026-11-29T12:00:00.000Z');
  await rotate();
  expect(await due()).toBe('2026-11-29T12:00:00.000Z');
  await policy({ rotationDays: 3 });
  expect(await due()).toBe('2026-11-25T12:00:00.000Z');
  await policy({ rotationDays: null });
  expect(await due()).toBe('2026-11-29T12:00:00.000Z');
  expect(await setPlan(sample.vault, ada, KEY, { days: null })).toBeNull();
  await policy({ rotationDays: 10 });
  expect(await due()).toBe('2026-12-02T12:00:00.000Z');
  expect(await showRenewal(sample.vault, rotator, { identity: KEY })).toMatchObject({
    ...{ own: false, days: 10, due: '2026-12-02T12:00:00.000Z', newest: { version: 3, state: 'activated' } },
  });
});

test('what is overdue is told once a due date, and where policy says so nobody reads it until it has rotated', async () => {
  await policy({ overdue: 'refuse' });
  await put('the first value');
  const overdue = async () =>
    (await alertsFor(sample.vault.parts, ada)).filter(({ alert }) => alert === 'overdue').length;
  await lookAfterRenewals(parts());
  expect(await overdue()).toBe(0);
  sample.clock.minutes(30 * DAY);
  expect((await sample.vault.secrets.list(app, { due: true, limit: 9 })).secrets).toHaveLength(1);
  expect((await stateOf(sample.vault.parts)).rotation.overdue).toBe(1);
  expect(await code(read)).toBe('SECRET_OVERDUE');
  for (let look = 0; look < 3; look++) await lookAfterRenewals(parts());
  expect(await overdue()).toBe(1);
  await rotate();
  expect(await read()).not.toBe('the first value');
  expect((await sample.vault.secrets.list(app, { due: true, limit: 9 })).secrets).toEqual([]);
  sample.clock.minutes(30 * DAY);
  await lookAfterRenewals(parts());
  expect(await overdue()).toBe(2);
});

test('the holder rotates what is due as the service that policy names, and leaves the rest and what has just failed', async () => {
  program('rotate');
  const other = { ...KEY, name: 'by/hand' };
  await sample.vault.secrets.put(app, { identity: other, category: 'system-configuration' }, bytes('by hand'));
  await put('the first value');
  sample.clock.minutes(400 * DAY);
  await lookAfterRenewals(parts());
  expect(await read()).toBe('the first value');
  await policy({}, { rotation: { principal: 'rotator' } });
  await lookAfterRenewals(parts());
  expect(await read()).not.toBe('the first value');
  expect((await rowsOf('vault.renewal')).at(-1)).toMatchObject({ principal: 'rotator', address: 'holder' });
  expect(await sample.vault.secrets.versions(app, { identity: other })).toHaveLength(1);

  await byProgram();
  fail('apply');
  sample.clock.minutes(30 * DAY);
  for (let look = 0; look < 3; look++) await lookAfterRenewals(parts());
  expect((await rowsOf('vault.renewal')).filter(({ step }) => step === 'rolled-back')).toHaveLength(1);
  fail();
  sample.clock.minutes(60);
  await lookAfterRenewals(parts());
  expect(await read()).toMatch(/^[a-p]{20}$/);
  // Of a disabled service nothing is done.
  await sample.vault.principals.setDisabled(ada, 'rotator', true);
  const before = await read();
  sample.clock.minutes(30 * DAY);
  await lookAfterRenewals(parts());
  expect(await read()).toBe(before);
});

test('of many that are due each has its own outcome, and a dry run changes none', async () => {
  program('rotate');
  await put('the first value');
  await byProgram();
  const other = { ...KEY, name: 'another' };
  await sample.vault.secrets.put(app, { identity: other, category: 'session-key' }, bytes('another'));
  const stranger = { ...KEY, owner: 'hr' };
  await sample.vault.secrets.put(app, { identity: stranger, category: 'session-key' }, bytes('of hr'));
  sample.clock.minutes(30 * DAY);
  const limited = await sample.somebody('limited', ['ROTATE'], {
    scope: { owner: 'billing', environment: '*', name: '*' },
  });
  const foreseen = await rotateDue(parts(), limited, { limit: 9, dryRun: true });
  expect(foreseen.map((one) => one.foreseen?.rotator).sort()).toEqual(['command', 'random']);
  expect(await rowsOf('vault.renewal')).toEqual([]);
  fail('apply');
  const outcomes = await rotateDue(parts(), limited, { limit: 9, dryRun: false });
  const of = (name: string) => outcomes.find(({ secret }) => secret.name === name);
  expect(of(KEY.name)).toMatchObject({ code: 'RENEWAL_ROLLED_BACK', renewal: null });
  expect(of('another')).toMatchObject({ code: null, renewal: { state: 'activated', version: 2 } });
  expect(outcomes).toHaveLength(2);
});

test('a program is told of the new version, without its value, once or again after a crash', async () => {
  program('rotate');
  program('tell');
  await put('the first value');
  await byProgram({ program: 'tell' });
  const renewal = await rotate();
  expect(renewal.told).toBe('due');
  expect(await tellRenewals(parts(), renewal)).toMatchObject({ told: 'done' });
  const news = JSON.parse(given('rotated')) as Record<string, unknown>;
  expect(news).toEqual({
    ...{ event: 'rotated', rotation: renewal.id, secret: 'billing/production/session/key', version: 2 },
    at: '2026-11-22T12:00:00.000Z',
  });
  // Interrupted before it was told: the next look tells.
  await rotate();
  rmSync(join(home, 'given.rotated'));
  await lookAfterRenewals(parts());
  expect(given('rotated')).toContain('"version":3');
  // Nobody to be told is no reason to go back.
  await byProgram({ program: 'none' });
  expect(await tellRenewals(parts(), await rotate())).toMatchObject({ state: 'activated', told: 'failed' });
  expect((await alertsFor(sample.vault.parts, ada))[0]).toMatchObject({ alert: 'hook' });
});

test('plans are an administrator’s, and are for what can be read', async () => {
  await put('the first value');
  const plan = { rotator: { name: 'random', value: { bytes: 32 } }, after: null } as const;
  expect(await code(() => setPlan(sample.vault, app, KEY, { plan }))).toBe('VAULT_REFUSED');
  const token = { ...KEY, name: 'token' };
  await sample.vault.secrets.put(app, { identity: token, category: 'api-token' }, bytes('a token of 20 letters'));
  expect(await code(() => setPlan(sample.vault, ada, token, { plan }))).toBe('ROTATOR_MISFIT');
  expect(await code(() => rotate({ identity: token }))).toBe('ROTATOR_NONE');
  expect(await code(() => setPlan(sample.vault, ada, { ...KEY, name: 'none' }, { plan }))).toBe('VAULT_REFUSED');
  // By hand, with a value of one's own.
  const put2 = sample.vault.secrets.put(rotator, { identity: token }, bytes('another token of 28 letters'), 'rotate');
  expect(await put2).toMatchObject({ version: 2 });
});

test('a secret without a plan goes back by hand: nothing is drawn, and nothing is said to be', async () => {
  const put = (value: string, action: 'put' | 'rotate', by: Caller) =>
    sample.vault.secrets.put(by, { identity: KEY, category: 'system-configuration' }, bytes(value), action);
  await put('the first value', 'put', app);
  await put('the second value', 'rotate', rotator);
  const { renewals } = parts();
  expect(await renewals.foresee(rotator, { identity: KEY, back: true })).toMatchObject({ rotator: 'hand', does: null });
  expect(await rotate({ back: true })).toMatchObject({ state: 'activated', version: 3, rotator: 'hand', told: null });
  expect(await read()).toBe('the first value');
  expect(new Set((await rowsOf('vault.renewal')).map((row) => row['rotator']))).toEqual(new Set(['hand']));
  expect(await showRenewal(sample.vault, rotator, { identity: KEY })).toMatchObject({ plan: null, own: false });
});
