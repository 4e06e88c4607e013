import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_POLICY, vaultPolicySchema } from '../../core/contract/vault.ts';
import { EVERYTHING, grant, listGrants, revoke } from '../../core/vault/grants.ts';
import { ORIGIN, PASSWORD, type SampleVault, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';

let home: string;
let sample: SampleVault;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'claviger-vault-'));
  sample = await sampleVault(home);
});
afterEach(async () => {
  await sample.close();
  rmSync(home, { recursive: true, force: true });
});

const code = () => sample.totp.generate({ timestamp: sample.clock.read().getTime() });
const login = (password = PASSWORD, digits = code(), name = 'ada') =>
  sample.vault.logins.begin(name, bytes(password), digits, ORIGIN);
const codeOf = async (work: () => Promise<unknown>) => (await refusal(work)).code;

test('a person comes in with password and code, and a code is taken once', async () => {
  const session = await login();
  expect((await sample.vault.logins.session(session, ORIGIN)).principal.name).toBe('ada');
  expect(await codeOf(() => login())).toBe('LOGIN_REFUSED');
  sample.clock.minutes(1);
  await login();
});

test('wrong password, wrong code, a code of long ago, nobody: all the same, and five lock, until an administrator unlocks', async () => {
  const { clock, vault } = sample;
  const old = code();
  clock.minutes(5);
  const wrong = code().replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
  const tries = [() => login('another password'), () => login(PASSWORD, wrong), () => login(PASSWORD, old)];
  const nobody = await refusal(() => login(PASSWORD, code(), 'nobody'));
  for (const attempt of [...tries, ...tries.slice(0, 2)]) expect((await refusal(attempt)).value).toEqual(nobody.value);
  clock.minutes(1);
  expect(await codeOf(() => login())).toBe('LOGIN_REFUSED');
  const rows = (await vault.parts.ledger.read({ kind: 'vault.login' })).map(({ body }) => body as { result: string });
  expect(rows.map(({ result }) => result)).toEqual([...Array<string>(6).fill('refused'), 'locked']);
  // Nobody's name stands in the ledger: it may be a password in the wrong line.
  expect(JSON.stringify(rows)).not.toContain('"nobody2"');
  const mira = await sample.somebody('mira', ['ADMIN'], { kind: 'person' });
  await vault.principals.unlock(mira, 'ada');
  clock.minutes(1);
  await login();
});

test('a session ends when nobody uses it, after its hours, at logout, and with its principal', async () => {
  const { clock, vault } = sample;
  const { idleMinutes, hours } = DEFAULT_POLICY.session;
  const alive = (session: Uint8Array) => vault.logins.session(session, ORIGIN);
  const idle = await login();
  clock.minutes(idleMinutes);
  await alive(idle);
  clock.minutes(idleMinutes + 1);
  expect(await codeOf(() => alive(idle))).toBe('SESSION_OVER');
  const long = await login();
  for (let minutes = 0; minutes <= hours * 60 - idleMinutes; minutes += idleMinutes) {
    await alive(long);
    clock.minutes(idleMinutes);
  }
  clock.minutes(1);
  expect(await codeOf(() => alive(long))).toBe('SESSION_OVER');
  const left = await login();
  await vault.logins.end(left, ORIGIN);
  expect(await codeOf(() => alive(left))).toBe('SESSION_OVER');
  clock.minutes(1);
  const last = await login();
  const mira = await sample.somebody('mira', ['ADMIN'], { kind: 'person' });
  await vault.principals.setDisabled(mira, 'ada', true);
  expect(await codeOf(() => alive(last))).toBe('SESSION_OVER');
  expect(await codeOf(() => login())).toBe('LOGIN_REFUSED');
});

test('a service comes in with its newest token, its certificate or its user, and with nothing else', async () => {
  const { vault } = sample;
  const ada = await sample.caller('ada');
  await sample.somebody('billing', []);
  const first = await vault.principals.issueToken(ada, 'billing');
  expect((await vault.logins.token(first, ORIGIN)).principal.name).toBe('billing');
  const second = await vault.principals.issueToken(ada, 'billing');
  expect(await codeOf(() => vault.logins.token(first, ORIGIN))).toBe('LOGIN_REFUSED');
  expect((await vault.logins.token(second, ORIGIN)).principal.name).toBe('billing');
  const turned = textOf(second).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  expect(await codeOf(() => vault.logins.token(bytes(turned), ORIGIN))).toBe('LOGIN_REFUSED');
  const certificate = 'ab'.repeat(32);
  await vault.principals.bind(ada, 'billing', { certificate });
  await vault.principals.bind(ada, 'billing', { uid: 4711 });
  expect((await vault.logins.known({ certificate }, ORIGIN)).principal.name).toBe('billing');
  expect((await vault.logins.known({ uid: 4711 }, ORIGIN)).principal.name).toBe('billing');
  expect(await codeOf(() => vault.logins.known({ uid: 0 }, ORIGIN))).toBe('LOGIN_REFUSED');
  await sample.somebody('web', []);
  expect(await codeOf(() => vault.principals.bind(ada, 'web', { uid: 4711 }))).toBe('CREDENTIAL_TAKEN');
  await vault.principals.setDisabled(ada, 'billing', true);
  expect(await codeOf(() => vault.logins.token(second, ORIGIN))).toBe('LOGIN_REFUSED');
  expect(await codeOf(() => vault.logins.known({ certificate }, ORIGIN))).toBe('LOGIN_REFUSED');
});

test('wrong tokens of a service lock it, and its right one then, too', async () => {
  const { vault } = sample;
  const ada = await sample.caller('ada');
  await sample.somebody('billing', []);
  const token = await vault.principals.issueToken(ada, 'billing');
  const wrong = bytes(textOf(token).slice(0, -8) + 'AAAAAAAA');
  for (let tries = 0; tries < DEFAULT_POLICY.lockout.failures; tries += 1)
    await refusal(() => vault.logins.token(wrong, ORIGIN));
  expect(await codeOf(() => vault.logins.token(token, ORIGIN))).toBe('LOGIN_REFUSED');
  await vault.principals.unlock(ada, 'billing');
  await vault.logins.token(token, ORIGIN);
});

test('whoever administers a part of the vault grants within it, to others, and nothing else', async () => {
  const { vault } = sample;
  const part = { owner: 'billing', environment: 'staging', name: '*' } as const;
  const mira = await sample.somebody('mira', ['ADMIN'], { scope: part, kind: 'person' });
  await sample.somebody('web', []);
  const give = (scope: object, subject = 'web') =>
    codeOf(async () => {
      await grant(vault.parts, mira, { subject, scope: { ...part, ...scope }, rights: ['READ'], expiresAt: null });
    });
  await grant(vault.parts, mira, {
    subject: 'web',
    scope: { ...part, name: 'db/*' },
    rights: ['READ'],
    expiresAt: null,
  });
  expect(await give({ environment: 'production' })).toBe('VAULT_REFUSED');
  expect(await give({ environment: '*' })).toBe('VAULT_REFUSED');
  expect(await give({ owner: '*' })).toBe('VAULT_REFUSED');
  expect(await give({}, 'mira')).toBe('GRANT_TO_ONESELF');
  for (const work of [
    () => vault.principals.add(mira, { name: 'new', kind: 'person', system: false }),
    () => vault.principals.issueToken(mira, 'web'),
    () => vault.principals.setPassword(mira, 'ada', bytes('another password')),
    () => vault.principals.setDisabled(mira, 'ada', true),
    () => vault.principals.list(mira),
  ]) {
    expect(await codeOf(work)).toBe('VAULT_REFUSED');
  }
  const tried = (await vault.parts.ledger.read({ kind: 'vault.refused' })).map(({ body }) => body as object);
  expect(tried).toMatchObject(
    [
      ...['grant', 'grant', 'grant', 'principal add', 'principal token', 'principal credential', 'principal disable'],
      'principal list',
    ].map((action) => ({ action, principal: 'mira' })),
  );
});

test('a grant ends when it says, however its time is written, and nobody takes their own', async () => {
  const { vault, clock } = sample;
  const ada = await sample.caller('ada');
  await sample.somebody('web', []);
  clock.minutes(1);
  const wanted = { subject: 'web', scope: EVERYTHING, rights: ['READ' as const] };
  // The clock stands at this second: as texts, "…00Z" is after "…00.000Z".
  const now = clock.read().toISOString().replace('.000Z', 'Z');
  expect(await codeOf(() => grant(vault.parts, ada, { ...wanted, expiresAt: now }))).toBe('GRANT_EXPIRED');
  const [own] = await listGrants(vault.parts, ada);
  expect(await codeOf(() => revoke(vault.parts, ada, own?.id ?? ''))).toBe('PRINCIPAL_ONESELF');
});

test('a policy that takes the second person from a root key, or rotates it, or leaves a category out, is none', () => {
  const { categories } = DEFAULT_POLICY;
  const root = categories['root-ca-key'];
  const database = categories['database-password'];
  const { 'api-token': _, ...rest } = categories;
  for (const changed of [
    { ...categories, 'root-ca-key': { ...root, access: 'admin' } },
    { ...categories, 'root-ca-key': { ...root, rotationDays: 365 } },
    { ...categories, 'database-password': { ...database, rotationDays: 91 } },
    { ...categories, 'user-password': { ...categories['user-password'], protection: 'envelope' } },
    rest,
  ]) {
    expect(vaultPolicySchema.safeParse({ ...DEFAULT_POLICY, categories: changed }).success).toBe(false);
  }
  expect(vaultPolicySchema.safeParse(DEFAULT_POLICY).success).toBe(true);
});

test('a policy changes by its next version alone, and the ledger has all of each', async () => {
  const { vault } = sample;
  const ada = await sample.caller('ada');
  const stricter = { ...DEFAULT_POLICY, lockout: { failures: 3, minutes: 60 } };
  expect(await codeOf(() => vault.policies.change(ada, 3, stricter))).toBe('POLICY_OUTDATED');
  await vault.policies.change(ada, 2, stricter);
  expect(await codeOf(() => vault.policies.change(ada, 2, DEFAULT_POLICY))).toBe('POLICY_OUTDATED');
  expect(await vault.policies.present()).toEqual({ version: 2, policy: stricter });
  const rows = (await vault.parts.ledger.read({ kind: 'vault.policy' })).map(({ body }) => body);
  expect(rows).toMatchObject([
    { version: 1, policy: DEFAULT_POLICY },
    { version: 2, policy: stricter, principal: 'ada' },
  ]);
  const service = await sample.somebody('billing', ['WRITE']);
  const identity = { owner: 'billing', environment: 'testing', name: 'x' } as const;
  await vault.secrets.put(service, { identity, category: 'session-key' }, bytes('x'));
  const { 'session-key': _, ...categories } = stricter.categories;
  expect(await codeOf(() => vault.policies.change(ada, 3, { ...stricter, categories }))).toBe('CATEGORY_USED');
});
