import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Connection, type Environment, connect, decryptFile, encryptFile } from '../../core/client/claviger.ts';
import { framePieces } from '../../core/contract/vault-frame.ts';
import { type SampleHolder, makeHolder } from './sample-holder.ts';
import { bytes, refusal, textOf } from './sample-vault.ts';

const AT: { owner: string; environment: Environment } = { owner: 'billing', environment: 'production' };
const EVERYWHERE = { owner: '*', environment: '*', name: '*' } as const;

let folder: string;
let sample: SampleHolder;
let vault: Connection;
let put: (name: string, category: string, value: string) => Promise<void>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-client-'));
  sample = await makeHolder(folder);
  await sample.ada('vault.addPrincipal', { name: 'billing', kind: 'service', system: true });
  await sample.ada('vault.grant', { name: 'billing', scope: EVERYWHERE, rights: ['READ', 'WRITE'], expiresAt: null });
  const { secret } = await sample.ada('vault.issueToken', { name: 'billing' });
  const token = secret ?? bytes('');
  writeFileSync(join(folder, 'token'), `${textOf(token)}\n`, { mode: 0o600 });
  vault = connect({ place: { socket: sample.socket }, token: { file: join(folder, 'token') } });
  put = async (name, category, value) => {
    const input = { ...AT, name, category };
    await sample.holder.transport.call('vault.put', input, { bearer: token, value: bytes(value) });
  };
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

afterAll(async () => {
  vault.close();
  await sample.holder.close();
  rmSync(folder, { recursive: true });
});

test('a value comes as bytes, text, JSON, or as a secret that nothing shows', async () => {
  await put('smtp', 'system-configuration', '{"password":"of the mail server"}');
  expect(await vault.getSecret('smtp', { ...AT, as: 'json' })).toEqual({ password: 'of the mail server' });
  expect(await vault.getSecret('smtp', { ...AT, as: 'text' })).toBe('{"password":"of the mail server"}');
  expect(textOf(await vault.getSecret('smtp', { ...AT, as: 'bytes' }))).toContain('of the mail server');
  const secret = await vault.getSecret('smtp', AT);
  const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { showHidden: true, depth: 9 })];
  for (const text of [...shown, inspect(vault, { showHidden: true, depth: 9 })]) {
    expect(text).not.toContain('of the mail server');
    expect(text).not.toContain('clv_');
  }
  expect(shown[0]).toBe('[REDACTED]');
  secret.wipe();
  expect(secret.bytes().every((byte) => byte === 0)).toBe(true);
  await put('broken', 'system-configuration', 'no JSON of mine');
  const failed = await vault.getSecret('broken', { ...AT, as: 'json' }).catch((error: unknown) => error);
  expect(inspect(failed)).not.toContain('no JSON of mine');
});

test('a default stands for what is not there, and for nothing else', async () => {
  expect(await vault.getSecret('nothing', { ...AT, as: 'text', default: 'plain' })).toBe('plain');
  expect((await refusal(() => vault.getSecret('nothing', AT))).code).toBe('VAULT_REFUSED');
  const stranger = connect({ place: { socket: sample.socket }, token: bytes('clv_nonsense') });
  const asked = () => stranger.getSecret('smtp', { ...AT, as: 'text', default: 'plain' });
  expect((await refusal(asked)).code).toBe('LOGIN_REFUSED');
  stranger.close();
});

test('what policy lets be cached is, until it is asked for anew; what has a row for every use is not', async () => {
  const text = (name: string, more = {}) => vault.getSecret(name, { ...AT, as: 'text', ...more });
  for (const [name, category, second] of [
    ['db', 'database-password', 'one'],
    ['config', 'system-configuration', 'two'],
  ] as const) {
    await put(name, category, 'one');
    expect(await text(name)).toBe('one');
    await put(name, category, 'two');
    expect(await text(name)).toBe(second);
    expect(await text(name, { forceRefresh: true })).toBe('two');
    await put(name, category, 'three');
    expect(await text(name, { forceRefresh: true, cacheTtlMs: 0 })).toBe('three');
  }
});

test('a holder that goes away is tried again, and a refusal is not', async () => {
  const socket = join(folder, 'run/flaky.sock');
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (asked < 3) return void request.socket.destroy();
    const error = { code: 'VAULT_REFUSED', params: {}, recovery: 'correct' };
    const outcome = asked === 3 ? { ok: true, value: { cache: 'none' } } : { ok: false, error };
    const answer = Buffer.concat(framePieces(outcome, asked === 3 ? [['ticket', bytes('late')]] : []));
    response.setHeader('content-length', answer.length);
    response.end(answer);
  });
  await new Promise<void>((listening) => void server.listen(socket, listening));
  const flaky = connect({ place: { socket } });
  expect(await flaky.getSecret('db', { ...AT, as: 'text' })).toBe('late');
  expect(asked).toBe(3);
  expect((await refusal(() => flaky.getSecret('db', AT))).code).toBe('VAULT_REFUSED');
  expect(asked).toBe(4);
  flaky.close();
  server.close();
});

test('.env counts in development alone, where no vault answers, and standard error says so', async () => {
  writeFileSync(join(folder, '.env'), 'DB_MAIN=of the developer\n');
  const before = process.cwd();
  process.chdir(folder);
  try {
    const nowhere = connect({ place: { socket: join(folder, 'run/nowhere.sock') } });
    expect((await refusal(() => nowhere.getSecret('db/main', AT))).code).toBe('VAULT_UNREACHABLE');
    vi.stubEnv('CLAVIGER_VAULT_SOCKET', '');
    expect((await refusal(() => Promise.resolve().then(() => connect()))).code).toBe('INPUT_INVALID');
    vi.stubEnv('CLAVIGER_ENVIRONMENT', 'development');
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    expect(await nowhere.getSecret('db/main', { ...AT, as: 'text' })).toBe('of the developer');
    expect(said).toEqual(['claviger: DB_MAIN comes from .env, since this is development and no vault answers\n']);
    nowhere.close();
  } finally {
    process.chdir(before);
  }
});

test('a field opens in its own row alone, and the holder never gives a key out to who may not', async () => {
  const name = { ...AT, name: 'customers' };
  const context = { table: 'customer', row: '4711' };
  const sealed = await vault.encryptField('ada@example.org', { ...name, context });
  expect(sealed).toMatch(/^clvf1\.[\w-]+$/);
  expect(await vault.encryptField('ada@example.org', { ...name, context })).not.toBe(sealed);
  const opened = await vault.decryptField(sealed, { ...name, context });
  expect([opened.text(), String(opened)]).toEqual(['ada@example.org', '[REDACTED]']);
  for (const other of [
    { ...name, context: { ...context, row: '4712' } },
    { ...name, name: 'suppliers', context },
    { ...name, environment: 'staging' as const, context },
  ]) {
    expect((await refusal(() => vault.decryptField(sealed, other))).code).toBe('KMS_UNOPENED');
  }
  await sample.ada('vault.addPrincipal', { name: 'web', kind: 'service', system: false });
  const { secret } = await sample.ada('vault.issueToken', { name: 'web' });
  const web = connect({ place: { socket: sample.socket }, token: secret ?? bytes('') });
  expect((await refusal(() => web.decryptField(sealed, { ...name, context }))).code).toBe('VAULT_REFUSED');
  expect((await refusal(() => web.encryptField('x', { ...name, context }))).code).toBe('VAULT_REFUSED');
  web.close();
});

test('a file of more than a megabyte is sealed and opened through the holder', async () => {
  const at = (file: string) => join(folder, file);
  const keys = vault.dataKeys({ ...AT, name: 'archive' });
  const content = Buffer.alloc(3 * 1024 * 1024 + 17, 'claviger ');
  writeFileSync(at('plain'), content);
  await encryptFile(keys, { file: 'plain' }, at('plain'), at('sealed'));
  expect(readFileSync(at('sealed')).includes('claviger claviger')).toBe(false);
  await decryptFile(keys, { file: 'plain' }, at('sealed'), at('opened'));
  expect(readFileSync(at('opened')).equals(content)).toBe(true);
  expect((await refusal(() => decryptFile(keys, { file: 'other' }, at('sealed'), at('none')))).code).toBe(
    'FILE_SEALED_DAMAGED',
  );
});
