import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import type { KmsProvider } from '../../core/kms/provider.ts';
import { grant, revoke } from '../../core/vault/grants.ts';
import { approve, request } from '../../core/vault/approvals.ts';
import { Vault } from '../../core/vault/vault.ts';
import { DATABASE, type SampleVault, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';
import { type TokenKms, tokenKms } from './token-kms.ts';

let home: string;
let sample: SampleVault;
/** Of the vault's key; null for the sample's own, which is in this process. */
let kms: KmsProvider | null = null;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'claviger-vault-'));
  sample = await sampleVault(home, kms ? { kms } : {});
});
afterEach(async () => {
  await sample.close();
  rmSync(home, { recursive: true, force: true });
});

const rowsOf = async (kind: string) =>
  (await sample.vault.parts.ledger.read({ kind })).map(({ body }) => body as Record<string, unknown>);

describe.each(['in this process', 'in SoftHSM'])('under a key %s', (place) => {
  let token: TokenKms | null = null;
  beforeAll(async () => {
    token = place === 'in SoftHSM' ? await tokenKms() : null;
    kms = token?.kms ?? null;
  });
  afterAll(async () => {
    kms = null;
    await token?.close();
  });

  test('a value comes back as it went in, each version of it, with all that is said about it', async () => {
    const { vault } = sample;
    const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
    const values = [new Uint8Array([0]), bytes('second'), new Uint8Array(1024 * 1024).fill(7)];
    for (const value of values) {
      await vault.secrets.put(
        service,
        { identity: DATABASE, category: 'database-password', tags: ['pci', 'main'], description: 'the main database' },
        value,
      );
    }
    for (const [index, value] of values.entries()) {
      const read = await vault.secrets.get(service, { identity: DATABASE, version: index + 1 });
      expect(Buffer.from(value).equals(read.value)).toBe(true);
    }
    const { secret, version } = await vault.secrets.get(service, { identity: DATABASE });
    expect(version).toBe(3);
    expect(secret).toMatchObject({ ...DATABASE, tags: ['main', 'pci'], description: 'the main database', version: 3 });
    expect(secret.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(secret.rotationDue).toBe('2027-02-20T12:00:00.000Z');
    const versions = await vault.secrets.versions(service, { identity: DATABASE });
    expect(versions.map(({ version: number, algorithm }) => [number, algorithm])).toEqual([
      [3, 'AES-256-GCM'],
      [2, 'AES-256-GCM'],
      [1, 'AES-256-GCM'],
    ]);
    // No data key and no IV is there twice.
    const stored = await sample.store.db.selectFrom('vault_version').select('iv').execute();
    expect(new Set(stored.map(({ iv }) => Buffer.from(iv).toString('hex'))).size).toBe(stored.length);
  });

  test.each(['owner', 'environment', 'name'] as const)(
    'a row that is moved to another %s does not open',
    async (place) => {
      const { vault, store } = sample;
      const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
      await vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('secret'));
      const other = { ...DATABASE, [place]: place === 'environment' ? 'staging' : 'other' };
      await store.db.updateTable('vault_secret').set(other).where('owner', '=', DATABASE.owner).execute();
      const { code } = await refusal(() => vault.secrets.get(service, { identity: other }));
      expect(code).toBe('VAULT_REFUSED');
      expect(await rowsOf('vault.failed')).toMatchObject([{ code: 'KMS_UNOPENED' }]);
      expect(await rowsOf('vault.alert')).toContainEqual(expect.objectContaining({ alert: 'damaged' }));
    },
  );

  test('a version in the place of another, or with any byte turned, does not open', async () => {
    const { vault, store } = sample;
    const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
    for (const value of ['old', 'new']) {
      await vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes(value));
    }
    const before = await store.db
      .selectFrom('vault_version as v')
      .innerJoin('vault_data_key as d', (join) =>
        join.onRef('d.secret', '=', 'v.secret').onRef('d.version', '=', 'v.version'),
      )
      .select(['v.secret', 'd.data_key', 'v.iv', 'v.ciphertext'])
      .where('v.created_by', '=', 'billing')
      .orderBy('v.version')
      .execute();
    const [first, second] = before;
    if (!first || !second) throw new Error('two versions are there');
    const put = async ({ data_key, iv, ciphertext }: typeof second) => {
      const at = (table: 'vault_version' | 'vault_data_key') =>
        store.db.updateTable(table).where('secret', '=', second.secret).where('version', '=', 2);
      await at('vault_version').set({ iv, ciphertext }).execute();
      await at('vault_data_key').set({ data_key }).execute();
    };
    await put(first);
    expect((await refusal(() => vault.secrets.get(service, { identity: DATABASE }))).code).toBe('VAULT_REFUSED');
    for (const column of ['data_key', 'iv', 'ciphertext'] as const) {
      for (let place = 0; place < second[column].length; place += 1) {
        const turned = Buffer.from(second[column]);
        turned[place] = (turned[place] ?? 0) ^ 1;
        await put({ ...second, [column]: turned });
        // Each failure would lock the next out.
        await store.db.updateTable('vault_use').set({ failures: 0, locked_at: null }).execute();
        expect((await refusal(() => vault.secrets.get(service, { identity: DATABASE }))).code).toBe('VAULT_REFUSED');
      }
    }
    const codes = new Set((await rowsOf('vault.failed')).map(({ code }) => code));
    expect([...codes].sort()).toEqual(['KMS_KEY_UNKNOWN', 'KMS_UNOPENED', 'SECRET_DAMAGED']);
  });

  test('a root CA key is read after two other people have approved exactly that, once', async () => {
    const { vault } = sample;
    const identity = { owner: 'ca', environment: 'isolated', name: 'root-2026' } as const;
    const asker = await sample.somebody('ines', ['READ', 'WRITE', 'ADMIN'], { kind: 'person' });
    const [tomas, mira] = [
      await sample.somebody('tomas', ['ADMIN'], { kind: 'person' }),
      await sample.somebody('mira', ['ADMIN'], { kind: 'person' }),
    ];
    const robot = await sample.somebody('robot', ['ADMIN']);
    await vault.secrets.put(asker, { identity, category: 'root-ca-key' }, bytes('key'));
    const wanted = { action: 'get', identity, purpose: 'the rehearsal of 2026' } as const;
    const asked = await request(vault.parts, vault.policies, asker, wanted);
    const read = (purpose = wanted.purpose as string) =>
      vault.secrets.get(asker, { identity, purpose, request: asked.id });
    expect((await refusal(() => approve(vault.parts, asker, asked.id, asked.shown))).code).toBe('APPROVAL_OWN');
    expect((await refusal(() => approve(vault.parts, robot, asked.id, asked.shown))).code).toBe('REQUEST_UNKNOWN');
    expect((await refusal(() => approve(vault.parts, tomas, asked.id, '0'.repeat(64)))).code).toBe(
      'APPROVAL_DIFFERENT',
    );
    await approve(vault.parts, tomas, asked.id, asked.shown);
    expect((await refusal(() => approve(vault.parts, tomas, asked.id, asked.shown))).code).toBe('APPROVAL_TWICE');
    expect((await refusal(() => read())).code).toBe('VAULT_REFUSED');
    await approve(vault.parts, mira, asked.id, asked.shown);
    expect((await refusal(() => read('another purpose'))).code).toBe('VAULT_REFUSED');
    expect(textOf((await read()).value)).toBe('key');
    expect((await refusal(() => read())).code).toBe('VAULT_REFUSED');
  });

  test('concurrent writers of one secret each make a version, and nothing is lost', async () => {
    const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
    const put = (index: number) =>
      sample.vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes(`value ${index}`));
    const made = await Promise.all(Array.from({ length: 10 }, (_, index) => put(index)));
    expect(made.map(({ version }) => version).sort((one, other) => one - other)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    for (const [index, { version }] of made.entries()) {
      expect(textOf((await sample.vault.secrets.get(service, { identity: DATABASE, version })).value)).toBe(
        `value ${index}`,
      );
    }
  });

  test('what is deleted is gone from the files, and comes back as another secret', async () => {
    const { vault } = sample;
    const service = await sample.somebody('billing', ['READ', 'WRITE', 'ADMIN'], { system: true });
    const put = () =>
      vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('secret'));
    const { id } = await put();
    await vault.secrets.delete(service, { identity: DATABASE });
    expect((await refusal(() => vault.secrets.get(service, { identity: DATABASE }))).code).toBe('VAULT_REFUSED');
    const left = await sample.store.db.selectFrom('vault_version').select('version').where('secret', '=', id).execute();
    expect(left).toEqual([]);
    const again = await put();
    expect(again).toMatchObject({ version: 1 });
    expect(again.id).not.toBe(id);
  });
});

test('no value and nothing larger than 1 MiB is stored', async () => {
  const service = await sample.somebody('billing', ['WRITE']);
  const wanted = { identity: DATABASE, category: 'database-password' };
  for (const length of [0, 1024 * 1024 + 1]) {
    expect((await refusal(() => sample.vault.secrets.put(service, wanted, new Uint8Array(length)))).code).toBe(
      'VALUE_SIZE',
    );
  }
});

test('who has no grant, whose grant is over or taken away, and who asks for nothing that is there, hear the same', async () => {
  const { vault, clock } = sample;
  const [ada, reader] = [await sample.caller('ada'), await sample.somebody('reader', [], { system: true })];
  const writer = await sample.somebody('writer', ['WRITE']);
  await vault.secrets.put(writer, { identity: DATABASE, category: 'database-password' }, bytes('secret'));
  const read = (identity = DATABASE) => refusal(() => vault.secrets.get(reader, { identity }));
  const none = await read();
  const missing = await read({ ...DATABASE, name: 'nothing' });
  expect(missing.value).toEqual(none.value);
  const scope = { owner: 'billing', environment: 'production', name: 'db/*' } as const;
  const until = new Date(clock.read().getTime() + 60_000).toISOString();
  const id = await grant(vault.parts, ada, { subject: 'reader', scope, rights: ['READ'], expiresAt: until });
  expect(textOf((await vault.secrets.get(reader, { identity: DATABASE })).value)).toBe('secret');
  clock.minutes(1);
  expect((await read()).value).toEqual(none.value);
  const lasting = await grant(vault.parts, ada, { subject: 'reader', scope, rights: ['READ'], expiresAt: null });
  await vault.secrets.get(reader, { identity: DATABASE });
  await revoke(vault.parts, ada, lasting);
  expect((await read()).value).toEqual(none.value);
  expect((await refusal(() => revoke(vault.parts, reader, id))).code).toBe('GRANT_UNKNOWN');
  const reasons = (await rowsOf('vault.access')).filter(({ allowed }) => allowed === false).map(({ reason }) => reason);
  expect(reasons).toEqual(['no-grant', 'no-secret', 'no-grant', 'no-grant']);
});

test('failures alert, then lock, across a restart, until an administrator unlocks', async () => {
  const ada = await sample.caller('ada');
  const writer = await sample.somebody('writer', ['WRITE']);
  const reader = await sample.somebody('reader', ['WRITE'], { system: true });
  await sample.vault.secrets.put(writer, { identity: DATABASE, category: 'database-password' }, bytes('secret'));
  for (let tries = 0; tries < DEFAULT_POLICY.lockout.failures; tries += 1) {
    await refusal(() => sample.vault.secrets.get(reader, { identity: DATABASE }));
  }
  expect((await rowsOf('vault.alert')).map(({ alert, count }) => [alert, count])).toEqual([
    ['failures', 3],
    ['locked', 5],
  ]);
  await grant(sample.vault.parts, ada, {
    subject: 'reader',
    scope: { ...DATABASE },
    rights: ['READ'],
    expiresAt: null,
  });
  sample = { ...(await sample.again()), totp: sample.totp };
  expect((await refusal(() => sample.vault.secrets.get(reader, { identity: DATABASE }))).code).toBe('VAULT_REFUSED');
  expect((await rowsOf('vault.access')).at(-1)).toMatchObject({ allowed: false, reason: 'locked' });
  expect((await sample.vault.principals.list(ada)).filter(({ locked }) => locked).map(({ name }) => name)).toEqual([
    'reader',
  ]);
  await sample.vault.principals.unlock(ada, 'reader');
  expect(textOf((await sample.vault.secrets.get(reader, { identity: DATABASE })).value)).toBe('secret');
});

test('more reads in a minute than policy allows are refused, also after a restart, and again allowed a minute later', async () => {
  const ada = await sample.caller('ada');
  const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
  await sample.vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('secret'));
  await sample.vault.policies.change(ada, 2, { ...DEFAULT_POLICY, rate: { perSecret: 3, perPrincipal: 100 } });
  for (let read = 0; read < 3; read += 1) await sample.vault.secrets.get(service, { identity: DATABASE });
  sample = { ...(await sample.again()), totp: sample.totp };
  expect((await refusal(() => sample.vault.secrets.get(service, { identity: DATABASE }))).code).toBe('VAULT_RATE');
  sample.clock.minutes(1);
  await sample.vault.secrets.get(service, { identity: DATABASE });
});

test('a read beside a deletion, or beside newer versions that erase the one it is about, is told of no damage', async () => {
  const { vault } = sample;
  const service = await sample.somebody('billing', ['READ', 'WRITE', 'ADMIN'], { system: true });
  const put = (value: string) =>
    vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes(value));
  const { ledger } = vault.parts;
  /** Right after the row that allows a read, once. */
  const reading = (meanwhile: () => Promise<unknown>) => {
    let due = true;
    const append: typeof ledger.append = async (rows, also) => {
      const appended = await ledger.append(rows, also);
      if (due && rows[0]?.kind === 'vault.access') {
        due = false;
        await meanwhile();
      }
      return appended;
    };
    return new Vault({ ...vault.parts, ledger: { ...ledger, append } }).secrets.get(service, { identity: DATABASE });
  };
  await put('the first value');
  const { keepVersions } = DEFAULT_POLICY.categories['database-password'] as { keepVersions: number };
  const overtaken = await reading(async () => {
    for (let version = 1; version <= keepVersions; version += 1) await put(`newer ${version}`);
  });
  expect(textOf(overtaken.value)).toBe(`newer ${keepVersions}`);
  const gone = () => reading(() => vault.secrets.delete(service, { identity: DATABASE }));
  expect((await refusal(gone)).code).toBe('VAULT_REFUSED');
  expect((await rowsOf('vault.access')).at(-1)).toMatchObject({ action: 'get', allowed: false, reason: 'no-secret' });
  expect(await rowsOf('vault.failed')).toEqual([]);
  expect((await rowsOf('vault.alert')).map(({ alert }) => alert)).not.toContain('damaged');
});

test('a secret that does not open locks whoever goes on reading it', async () => {
  const { vault, store } = sample;
  const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
  await vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('secret'));
  const { ciphertext } = await store.db
    .selectFrom('vault_version')
    .select('ciphertext')
    .where('created_by', '=', 'billing')
    .executeTakeFirstOrThrow();
  const write = (bytes: Uint8Array) =>
    store.db.updateTable('vault_version').set({ ciphertext: bytes }).where('created_by', '=', 'billing').execute();
  const turned = Buffer.from(ciphertext);
  turned[0] = (turned[0] ?? 0) ^ 1;
  await write(turned);
  const read = () => vault.secrets.get(service, { identity: DATABASE });
  for (let tries = 0; tries < DEFAULT_POLICY.lockout.failures; tries += 1) await refusal(read);
  await write(ciphertext);
  expect((await refusal(read)).code).toBe('VAULT_REFUSED');
  expect((await rowsOf('vault.access')).at(-1)).toMatchObject({ allowed: false, reason: 'locked' });
});

test('passwords and API tokens are tried, never read; wrong ones lock', async () => {
  const { vault } = sample;
  const password = { owner: 'amara', environment: 'production', name: 'login' } as const;
  const token = { owner: 'amara', environment: 'production', name: 'api' } as const;
  const amara = await sample.somebody('amara', ['READ', 'WRITE']);
  await vault.secrets.put(amara, { identity: password, category: 'user-password' }, bytes('hunter2hunter2'));
  await vault.secrets.put(amara, { identity: token, category: 'api-token' }, bytes('token-of-amara'));
  for (const [identity, right] of [
    [password, 'hunter2hunter2'],
    [token, 'token-of-amara'],
  ] as const) {
    await vault.secrets.verify(amara, { identity }, bytes(right));
    expect((await refusal(() => vault.secrets.get(amara, { identity }))).code).toBe('SECRET_NOT_READABLE');
    for (let tries = 0; tries < DEFAULT_POLICY.lockout.failures; tries += 1) {
      expect(await refusal(() => vault.secrets.verify(amara, { identity }, bytes('wrong')))).toMatchObject({
        code: 'VAULT_REFUSED',
      });
    }
    expect((await refusal(() => vault.secrets.verify(amara, { identity }, bytes(right)))).code).toBe('VAULT_REFUSED');
  }
});

test('a list shows what somebody has a right on, page by page, and nothing of the vault itself', async () => {
  const { vault } = sample;
  const ada = await sample.caller('ada');
  const writer = await sample.somebody('writer', ['WRITE']);
  const made: string[] = [];
  for (const owner of ['billing', 'web']) {
    for (const name of ['a', 'b', 'c']) {
      const identity = { owner, environment: 'staging', name } as const;
      await vault.secrets.put(writer, { identity, category: 'system-configuration', tags: [name] }, bytes('x'));
      made.push(`${owner}/${name}`);
    }
  }
  const listed: string[] = [];
  let after: typeof DATABASE | undefined;
  for (let more = true; more;) {
    const page = await vault.secrets.list(ada, { after, limit: 4 });
    listed.push(...page.secrets.map(({ owner, name }) => `${owner}/${name}`));
    const { owner, environment, name } = page.secrets.at(-1) ?? DATABASE;
    [after, more] = [{ owner, environment, name }, page.more];
  }
  expect(listed).toEqual(made);
  const web = await sample.somebody('web', ['READ'], { scope: { owner: 'web', environment: '*', name: '*' } });
  const { secrets } = await vault.secrets.list(web, { limit: 100 });
  expect(secrets.map(({ owner, name }) => `${owner}/${name}`)).toEqual(['web/a', 'web/b', 'web/c']);
  expect((await vault.secrets.list(ada, { tag: 'b', limit: 100 })).secrets).toHaveLength(2);
  const named = { owner: 'web', environment: 'staging', name: 'b', limit: 100 };
  expect((await vault.secrets.list(ada, named)).secrets).toMatchObject([{ owner: 'web', name: 'b' }]);
  const nobody = await sample.somebody('nobody', []);
  expect((await vault.secrets.list(nobody, { limit: 100 })).secrets).toEqual([]);
});
