import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rotatorSchema } from '../../core/contract/rotation-plan.ts';
import { postgresRotator } from '../../core/rotators/postgres.ts';
import type { PostgresSettings } from '../../core/rotators/postgres-login.ts';
import { bytes, refusal } from '../vault/sample-vault.ts';
import { type Login, type PostgresServer, logIn, loginOf, startPostgres } from '../store/postgres-server.ts';

let server: PostgresServer;
const encode = (login: Login) => bytes(JSON.stringify(login));
const ANNA = { username: 'app_a', password: 'the first password of app_a' };

beforeAll(async () => {
  server = await startPostgres({
    tls: true,
    logged: true,
    rules: ['local all open trust', 'local all plain password', 'local all hashed md5'],
  });
  await server.sql(
    'postgres',
    `CREATE ROLE app_a LOGIN PASSWORD '${ANNA.password}'; CREATE ROLE app_b LOGIN;
    CREATE ROLE rotator LOGIN CREATEROLE PASSWORD 'of the rotator';
    CREATE ROLE open LOGIN PASSWORD 'x'; CREATE ROLE plain LOGIN PASSWORD 'sent as it is'`,
  );
});

afterAll(() => {
  server.stop();
});

function rotator(
  versions: { present: Uint8Array | null; before?: Uint8Array },
  changed: Partial<PostgresSettings> = {},
  administrator: Login = server.administrator,
) {
  const { host, port } = server;
  const settings = rotatorSchema.parse({
    ...{ name: 'postgres', host, port, roles: ['app_a', 'app_b'], administrator: 'ops/production/administrator' },
    ...changed,
  }) as PostgresSettings;
  return postgresRotator(settings, {
    ...{ secret: 'billing/production/db', programs: '' },
    // Whoever opens wipes: each time a copy.
    open: (what) => {
      const kept =
        typeof what === 'object' ? encode(administrator) : what === 'present' ? versions.present : versions.before;
      return Promise.resolve(kept ? Uint8Array.from(kept) : null);
    },
  });
}

test('the other role gets a new password that the server never sees, and both are let in', async () => {
  const roles = rotator({ present: encode(ANNA) });
  expect(await roles.foresee()).toBe('app_b');
  const next = await roles.prepare();
  const login = loginOf(next);
  expect(login).toEqual({ username: 'app_b', password: expect.stringMatching(/^[0-9A-Za-z]{32}$/) as string });
  expect((await refusal(() => roles.verify(next))).params).toMatchObject({ step: 'verify', detail: 'SQLSTATE 28P01' });
  await roles.apply(next);
  await roles.verify(next);
  // As after a crash.
  await roles.apply(next);
  await roles.verify(next);
  expect(await logIn(server, ANNA)).toBe('app_a');
  expect(await logIn(server, login)).toBe('app_b');
  expect(server.log()).toMatch(/ALTER ROLE "app_b" PASSWORD 'SCRAM-SHA-256\$4096:/);
  expect(server.log()).not.toContain(login.password);
  expect(await rotator({ present: next }).foresee()).toBe('app_a');
});

test('it is rolled back to what the role had before', async () => {
  const before = encode({ username: 'app_b', password: 'what app_b had before' });
  const roles = rotator({ present: encode(ANNA), before });
  await roles.apply(before);
  const next = await roles.prepare();
  await roles.apply(next);
  await roles.rollBack();
  await roles.verify(before);
  expect((await refusal(() => roles.verify(next))).params).toMatchObject({ detail: 'SQLSTATE 28P01' });
});

test('over TLS with the server’s own CA, and not without', async () => {
  const tls = { host: 'localhost', ca: server.ca };
  const roles = rotator({ present: encode(ANNA) }, tls, { username: 'rotator', password: 'of the rotator' });
  const next = await roles.prepare();
  await roles.apply(next);
  await roles.verify(next);
  expect(server.log()).toMatch(/user=rotator .*SSL enabled|connection authorized: user=rotator[^\n]*SSL enabled/);
  const other = rotator({ present: encode(ANNA) }, { ...tls, ca: rootCertificates[0] ?? '' });
  expect((await refusal(() => other.verify(next))).params['detail']).toMatch(/SELF_SIGNED|UNABLE_TO/);
  const named = rotator({ present: encode(ANNA) }, { ...tls, host: '127.0.0.1' });
  expect((await refusal(() => named.verify(next))).params['detail']).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('a server that wants the password itself does not get it, and one that asks for none proves nothing', async () => {
  const roles = rotator({ present: encode(ANNA) });
  const detail = async (login: Login) => (await refusal(() => roles.verify(encode(login)))).params['detail'];
  expect(await detail({ username: 'plain', password: 'sent as it is' })).toBe('the server wants the password itself');
  expect(await detail({ username: 'open', password: 'x' })).toBe('the server asks for no password');
});

test('what is no pair of roles, or not this one, changes nothing', async () => {
  const detail = async (work: () => Promise<unknown>) => (await refusal(work)).params['detail'];
  const plain = rotator({ present: bytes('just a password') });
  expect(await detail(() => plain.prepare())).toBe('a version is not {"username", "password"}');
  const stranger = rotator({ present: encode({ username: 'postgres', password: 'x' }) });
  expect(await detail(() => stranger.foresee())).toBe('the present version names neither role');
  expect(await detail(() => stranger.apply(encode(server.administrator)))).toBe('the version names neither role');
  const missing = rotator({ present: encode(ANNA) }, { roles: ['app_a', 'app_c'] });
  expect(await detail(() => missing.foresee())).toBe('not both roles are there');
  const powerless = rotator({ present: encode(ANNA) }, {}, ANNA);
  expect(await detail(async () => powerless.apply(await powerless.prepare()))).toBe('SQLSTATE 42501');
  const nowhere = rotator({ present: encode(ANNA) }, { port: 1 });
  expect(await detail(() => nowhere.foresee())).toBe('ENOENT');
  expect(await logIn(server, ANNA)).toBe('app_a');
});
