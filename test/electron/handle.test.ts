import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { URI } from 'otpauth';
import { beforeEach, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../core/contract/commands.ts';
import { CHROMIUM_ORIGINS, NONCE_PLACE } from '../../core/contract/origins.ts';
import { SoftwareToken } from '../../core/hsm/software/software-token.ts';
import { valueOf } from '../../core/process/rpc.ts';
import type { CoreProcess } from '../../core/service/client.ts';
import { CameraGate } from '../../electron/camera.ts';
import { type Handle, createHandle } from '../../electron/handle.ts';
import { cheapScript, temporaryFolder } from '../cli/claviger.ts';
import { startCore } from '../service/core.ts';

const { app, entry } = CHROMIUM_ORIGINS;
let handle: Handle;
let folder: string;
let camera: CameraGate;
let core: CoreProcess;

beforeEach(() => {
  folder = temporaryFolder();
  const files = join(folder, 'dist');
  mkdirSync(join(files, 'assets'), { recursive: true });
  for (const [name, text] of [
    ['index.html', `the window, ${NONCE_PLACE}`],
    ['entry.html', 'the entry'],
    ['share.html', 'the share'],
    ['assets/a.js', '1'],
  ] as const) {
    writeFileSync(join(files, name), text);
  }
  writeFileSync(join(folder, 'secret.js'), 'outside');
  camera = new CameraGate();
  core = startCore(join(folder, 'data'));
  handle = createHandle({ core, files, origins: CHROMIUM_ORIGINS, camera });
});

const post = (url: string, body: BodyInit, headers: Record<string, string> = {}) =>
  handle(new Request(url, { method: 'POST', body, headers }));
const call = async (command: string, input: unknown) =>
  (await (await post(`${app}/rpc`, JSON.stringify({ command, input }))).json()) as unknown;

describe('the shell is one function', () => {
  test('each origin serves its own page, both the assets, and nothing else', async () => {
    const get = async (url: string) => {
      const response = await handle(new Request(url));
      return response.status === 200 ? response.text() : response.status;
    };
    expect(await get(`${app}/`)).toMatch(/^the window, /);
    expect(await get(`${entry}/entry.html`)).toBe('the entry');
    expect(await get(`${app}/assets/a.js`)).toBe('1');
    expect(await get(`${entry}/share.html`)).toBe('the share');
    expect(await get(`${app}/entry.html`)).toBe(404);
    expect(await get(`${app}/share.html`)).toBe(404);
    expect(await get(`${entry}/index.html`)).toBe(404);
    expect(await get(`${app}/assets/..%2f..%2fsecret.js`)).toBe(404);
    expect(await get(`${app}/assets/%2e%2e/%2e%2e/secret.js`)).toBe(404);
    expect(await get(`${app}/assets/none.js`)).toBe(404);
    expect(await get('https://example.org/')).toBe(404);
  });

  test('every answer forbids what a page of ours never does', async () => {
    for (const url of [`${app}/`, `${entry}/entry.html`, `${app}/none`]) {
      const headers = (await handle(new Request(url))).headers;
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|\*|data:|https:(?!\/\/(app|entry)\.claviger)/);
      expect(headers.get('cache-control')).toBe('no-store');
    }
    const window = (await handle(new Request(`${app}/`))).headers.get('content-security-policy');
    expect(window).toContain(`frame-src ${entry}`);
    expect(window).toContain("frame-ancestors 'none'");
  });

  test('a device is for the frame where a share is shown, and WebAssembly for it alone', async () => {
    const said = async (url: string) => {
      const { headers } = await handle(new Request(url));
      const [camera] = (headers.get('permissions-policy') ?? '').split(', ');
      return { camera, wasm: (headers.get('content-security-policy') ?? '').includes("'wasm-unsafe-eval'") };
    };
    expect(await said(`${entry}/share.html?ask=share-1`)).toEqual({ camera: 'camera=(self)', wasm: true });
    expect(await said(`${entry}/entry.html?ask=main-pin`)).toEqual({ camera: 'camera=()', wasm: false });
    expect(await said(`${app}/`)).toEqual({ camera: `camera=(self "${entry}")`, wasm: false });
  });

  test('the camera is open from the frame’s word to its word, and no longer than its page', async () => {
    const changes: boolean[] = [];
    camera.onChange = (open) => {
      changes.push(open);
      return Promise.resolve();
    };
    expect((await post(`${app}/camera/open`, '')).status).toBe(404);
    expect((await post(`${entry}/camera/open`, '', { origin: app })).status).toBe(405);
    expect(changes).toEqual([]);
    await post(`${entry}/camera/open`, '');
    await post(`${entry}/camera/open`, '');
    expect(camera.open).toBe(true);
    await post(`${entry}/camera/close`, '');
    expect(changes).toEqual([true, false]);
    for (const page of ['share.html', 'entry.html']) {
      await post(`${entry}/camera/open`, '');
      await handle(new Request(`${entry}/assets/a.js`));
      expect(camera.open).toBe(true);
      await handle(new Request(`${entry}/${page}?ask=share-1`));
      expect(camera.open).toBe(false);
    }
  });

  test('each answer has a nonce of its own, in its page and in its policy', async () => {
    const answered = await Promise.all([1, 2].map(() => handle(new Request(`${app}/`))));
    const nonces = await Promise.all(
      answered.map(async (response) => {
        const nonce = /, ([A-Za-z0-9+/]{22}==)$/.exec(await response.text())?.[1] ?? '';
        expect(nonce).not.toBe('');
        const policy = response.headers.get('content-security-policy') ?? '';
        expect(policy).toContain(`script-src 'nonce-${nonce}';`);
        expect(policy).toContain(`style-src 'nonce-${nonce}';`);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  test('no more calls are relayed than a window makes, and each origin is counted for itself', async () => {
    const body = JSON.stringify({ command: 'ceremony.list', input: {} });
    const answers = await Promise.all(
      Array.from({ length: 300 }, async () => (await (await post(`${app}/rpc`, body)).json()) as { ok: boolean }),
    );
    const refused = answers.filter(({ ok }) => !ok);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) expect(answer).toMatchObject({ error: { code: 'CALLS_TOO_MANY' } });
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(100);
    const secret: unknown = await (await post(`${entry}/secret`, new Uint8Array(0))).json();
    expect(secret).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
  });

  test('a call reaches core, and what is no call does not', async () => {
    expect(await call('ceremony.list', {})).toEqual({ ok: true, value: { ceremonies: [] } });
    expect(await call('no.such', {})).toMatchObject({ ok: false, error: { code: 'COMMAND_UNKNOWN' } });
    expect(await call('ceremony.view', { ceremony: 5 })).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
    expect(await call('ceremony.list', { extra: 1 })).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
    for (const body of ['', 'null', '[]', '{"command":7}', `{"command":"${'x'.repeat(300_000)}"}`]) {
      const outcome: unknown = await (await post(`${app}/rpc`, body)).json();
      expect(outcome).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
    }
  });

  test('no command takes an input that has anything more than its schema', () => {
    for (const [name, { input }] of Object.entries(COMMANDS)) {
      const issues = input.safeParse({ surplus: 1 }).error?.issues ?? [];
      expect(
        issues.map(({ code }) => code),
        name,
      ).toContain('unrecognized_keys');
    }
  });

  test('a call from another origin, by another method or to another path is refused', async () => {
    const body = JSON.stringify({ command: 'ceremony.list', input: {} });
    expect((await post(`${app}/rpc`, body, { origin: entry })).status).toBe(405);
    expect((await post(`${entry}/rpc`, body)).status).toBe(404);
    expect((await post(`${app}/secret`, body)).status).toBe(404);
    expect((await handle(new Request(`${app}/rpc`, { method: 'PUT', body }))).status).toBe(405);
  });

  test('a secret goes in as bytes and nothing of it comes back', async () => {
    const begun = (await call('ceremony.begin', { script: cheapScript(folder), out: join(folder, 'out') })) as {
      value: { id: string };
    };
    const address = `${entry}/secret?${new URLSearchParams({ ceremony: begun.value.id, step: 'roles', ask: 'main-pin' }).toString()}`;
    const answered = await (await post(address, new TextEncoder().encode('canary-1234'))).text();
    expect(JSON.parse(answered)).toMatchObject({ ok: false, error: { code: 'ASK_UNKNOWN' } });
    expect(answered).not.toContain('canary');
    for (const size of [0, 1025]) {
      const outcome: unknown = await (await post(address, new Uint8Array(size))).json();
      expect(outcome).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
    }
  });

  test('the PIN of a token outside a ceremony goes the same way, and what comes back is what the token holds', async () => {
    const software = join(folder, 'software');
    const file = join(folder, 'token.yaml');
    writeFileSync(file, `software: ${software}\ntoken: ceremony\npin: prompt\n`);
    const to = (where: Record<string, string>) => `${entry}/secret?${new URLSearchParams(where).toString()}`;
    const pin = () => new TextEncoder().encode('canary-1234');
    // Nobody has set its PIN yet, and a look does not.
    for (const where of [{ token: file }, { token: file, lastTryWith: 'Inês Duarte' }, { training: 'none' }]) {
      const answered = await (await post(to(where), pin())).text();
      expect(JSON.parse(answered)).toMatchObject({ ok: false });
      expect(answered).not.toContain('canary');
      expect(answered).not.toContain('INTERNAL');
    }
    const made = new SoftwareToken(software, 'ceremony');
    made.login(pin(), null);
    made.close();
    const outcome: unknown = await (await post(to({ token: file }), pin())).json();
    expect(outcome).toMatchObject({ ok: true, value: { info: { label: 'ceremony' }, keys: [] } });
  });

  test('a vault takes from the private entry what is typed, by the commands that take one, and nothing of a secret comes back', async () => {
    const give = async (command: string, input: object, typed: string | Uint8Array<ArrayBuffer>) => {
      const where = new URLSearchParams({ command, input: JSON.stringify(input) });
      const body = typeof typed === 'string' ? new TextEncoder().encode(typed) : typed;
      return (await (await post(`${entry}/vault?${where.toString()}`, body)).json()) as unknown;
    };
    const key = { keystore: true } as const;
    const made = valueOf(
      await core.call('vault.initialise', {
        ...{ key, administrator: 'ada' },
        secret: await core.sendSecret(new TextEncoder().encode('a passphrase of six plain words')),
        password: await core.sendSecret(new TextEncoder().encode('correct horse battery staple')),
      }),
    );
    // The URI of her codes goes up for the private entry alone.
    expect(made).toEqual({});
    expect(await call('vault.whoami', {})).toMatchObject({ error: { code: 'LOGIN_REFUSED' } });
    expect(await give('vault.login', { name: 'ada' }, '000000not her password')).toMatchObject({
      error: { code: 'LOGIN_REFUSED' },
    });
    // Too short to have a code before the password; somebody else's business; no input.
    expect(await give('vault.login', { name: 'ada' }, '0000')).toMatchObject({ error: { code: 'INPUT_INVALID' } });
    for (const command of [
      'vault.get',
      'vault.initialise',
      'vault.setTotp',
      'vault.saveToken',
      'ceremony.provide',
      'toString',
    ]) {
      expect(await give(command, {}, 'canary')).toMatchObject({ error: { code: 'COMMAND_UNKNOWN' } });
    }
    expect(await give('vault.put', [], 'canary')).toMatchObject({ error: { code: 'INPUT_INVALID' } });
    expect(await give('vault.unlock', {}, new Uint8Array(1025))).toMatchObject({ error: { code: 'INPUT_INVALID' } });
    // It is open already: what was typed is not asked about, and taken away all the same.
    expect(await give('vault.unlock', {}, 'anything')).toMatchObject({
      ok: true,
      value: { state: 'open', asks: 'passphrase' },
    });
    expect((await post(`${app}/vault?command=vault.unlock`, 'x')).status).toBe(404);
  });

  test('the key of one-time codes is shown to the private entry, once, and to nobody else', async () => {
    const show = (origin: string, command: string, input: object, typed: Uint8Array<ArrayBuffer>) =>
      post(`${origin}/vault/show?${new URLSearchParams({ command, input: JSON.stringify(input) }).toString()}`, typed);
    const text = (value: string) => new TextEncoder().encode(value);
    const uriOf = async (response: Response) => {
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
      const uri = await response.text();
      expect(uri).toMatch(/^otpauth:\/\/totp\/Claviger/);
      return URI.parse(uri);
    };
    const [passphrase, password] = ['a passphrase of six plain words', 'correct horse battery staple'];
    const made = { key: { keystore: true }, administrator: 'ada' };
    const both = text(`\0${String.fromCharCode(passphrase.length)}${passphrase}${password}`);
    expect((await show(app, 'vault.initialise', made, both)).status).toBe(404);
    // The password is missing.
    const half = await show(entry, 'vault.initialise', made, both.subarray(0, passphrase.length + 2));
    expect(await half.json()).toMatchObject({ error: { code: 'INPUT_INVALID' } });
    const first = await uriOf(await show(entry, 'vault.initialise', made, both));
    const login = new URLSearchParams({ command: 'vault.login', input: JSON.stringify({ name: 'ada' }) });
    const given = await post(`${entry}/vault?${login.toString()}`, text(first.generate() + password));
    expect(await given.json()).toEqual({ ok: true, value: {} });
    for (const command of ['vault.get', 'vault.issueToken', 'vault.login', 'vault.dataKey', 'app.info']) {
      const refused = await show(entry, command, {}, text('x'));
      expect(await refused.json()).toMatchObject({ error: { code: 'COMMAND_UNKNOWN' } });
    }
    expect(await call('shown', { command: 'vault.setTotp', input: { name: 'ada' } })).toMatchObject({
      error: { code: 'COMMAND_UNKNOWN' },
    });
    expect(await call('vault.setTotp', { name: 'ada' })).toEqual({ ok: true, value: {} });
    const again = await uriOf(await show(entry, 'vault.setTotp', { name: 'ada' }, text('x')));
    expect(again.toString()).not.toBe(first.toString());
    const unknown = await show(entry, 'vault.setTotp', { name: 'nobody' }, text('x'));
    expect(await unknown.json()).toMatchObject({ error: { code: 'PRINCIPAL_UNKNOWN' } });
  });

  test('a long poll answers when something has changed', async () => {
    const waiting = post(`${app}/events`, JSON.stringify({ after: 0 }));
    await call('ceremony.begin', { script: cheapScript(folder), out: join(folder, 'out') });
    const outcome = (await (await waiting).json()) as { ok: true; value: { version: number } };
    expect(outcome.value.version).toBeGreaterThan(0);
  });

  test('a core that has died is said to be gone', async () => {
    const other = startCore(join(folder, 'other'));
    const dead = createHandle({ core: other, files: folder, origins: CHROMIUM_ORIGINS, camera });
    process.kill(other.pid ?? 0, 'SIGKILL');
    await other.ended;
    const response = await dead(
      new Request(`${app}/rpc`, { method: 'POST', body: '{"command":"ceremony.list","input":{}}' }),
    );
    expect(await response.json()).toMatchObject({ ok: false, error: { code: 'CORE_GONE' } });
  });
});
