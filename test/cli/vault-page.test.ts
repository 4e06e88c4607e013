import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY } from '../shipped.ts';

/** docs/ops/secrets.md: its commands, one block after another, in one folder. */

const page = readFileSync(join(REPOSITORY, 'docs/ops/secrets.md'), 'utf8');
const blocks = [...page.matchAll(/^## (.+)$|^```sh\n([\s\S]*?)^```$/gm)];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-page-'));
  mkdirSync(join(folder, 'bin'));
  // Where somebody logs in, their password and code are typed.
  const npx = `#!/bin/bash
shift
run() { exec '${process.execPath}' '${join(REPOSITORY, 'core/cli/claviger.js')}' "$@"; }
case " $* " in *' --as '*) { cat password; '${process.execPath}' '${join(import.meta.dirname, 'next-code.ts')}' ada.otpauth; } | run "$@";; *) run "$@";; esac
`;
  writeFileSync(join(folder, 'bin/npx'), npx, { mode: 0o755 });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the block under a heading; what it says on standard output and on standard error. */
async function run(heading: string): Promise<{ stdout: string; stderr: string }> {
  const at = blocks.findIndex(([, title]) => title === heading);
  const block = blocks.slice(at + 1).find(([, , content]) => content !== undefined)?.[2];
  if (at < 0 || block === undefined) throw new Error(`no commands under ${heading}`);
  const kept = blocks
    .slice(0, at)
    .flatMap(([, , content]) => content?.split('\n') ?? [])
    .filter((line) => /^(umask|export) /.test(line));
  const files = ['out', 'err'].map((name) => join(folder, name));
  const [out, err] = files.map((path) => openSync(path, 'w'));
  const child = spawn('bash', ['-euo', 'pipefail', '-c', [...kept, block].join('\n')], {
    cwd: folder,
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', out, err],
  });
  const status = await new Promise((ended) => child.once('exit', ended));
  for (const file of [out, err]) closeSync(file ?? -1);
  const [stdout = '', stderr = ''] = files.map((path) => readFileSync(path, 'utf8'));
  expect(status, stderr).toBe(0);
  return { stdout, stderr };
}

const mode = (name: string) => statSync(join(folder, name)).mode & 0o777;
const text = (name: string) => readFileSync(join(folder, name), 'utf8');
/** Everything that any command said. */
let said = '';
async function told(heading: string): Promise<string> {
  const { stdout, stderr } = await run(heading);
  said += stdout + stderr;
  return stdout;
}

test('a vault is made, and the URI of the codes is its owner’s alone', async () => {
  expect(await told('Make a vault')).toBe('ada.otpauth\n');
  expect(text('ada.otpauth')).toMatch(/^otpauth:\/\/totp\/Claviger:ada/);
  expect([mode('ada.otpauth'), mode('vault')]).toEqual([0o600, 0o700]);
});

test('it is served until it is told to end', async () => {
  expect(await told('Serve it')).toMatch(/^open {2}local {2}[0-9a-f-]{36} {2}training\n$/m);
});

test('a service is let in', async () => {
  const stdout = await told('Let a service in');
  expect(stdout).toMatch(/^billing {2}[0-9a-f-]{36}\ngrant [0-9a-f-]{36}\nbilling.token\n$/);
  expect(text('billing.token')).toMatch(/^clv_/);
  expect(mode('billing.token')).toBe(0o600);
});

test('it stores and reads, and is told of versions', async () => {
  const stdout = await told('Store and read');
  expect(stdout).toContain('billing/production/db/main, version 1\ndb.password\n');
  expect(stdout).toMatch(/^billing\/production\/db\/main {2}database-password, version 1, due \S+ {2}database$/m);
  expect(text('db.password')).toMatch(/^[A-Za-z0-9+/]{32}\n$/);
  expect(mode('db.password')).toBe(0o600);
});

test('variables become secrets', async () => {
  const sum = createHash('sha256').update('of the payment service').digest('hex');
  expect(await told('From environment variables')).toContain(`${sum}  -\n`);
});

test('a program gets a secret, and shows nothing of it', async () => {
  const [, example = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const entry = pathToFileURL(join(REPOSITORY, 'core/client/claviger.ts')).href;
  writeFileSync(join(folder, 'program.mts'), example.replace("'claviger'", `'${entry}'`));
  const env = { ...process.env, CLAVIGER_VAULT_SOCKET: 'run/vault.sock' };
  const { stdout } = await promisify(execFile)(process.execPath, ['program.mts'], { cwd: folder, env });
  expect(stdout).toBe('[REDACTED], 33 bytes\n');
  expect(page).toContain(`\`${stdout.trim()}\``);
});

test('it ends, its ledger tells who read what, and no secret was said anywhere', async () => {
  const stdout = await told('Stop');
  expect(stdout).toContain('vault.access');
  for (const name of ['passphrase', 'password', 'billing.token', 'db.password']) {
    expect(said).not.toContain(text(name).trim());
  }
  expect(said).not.toContain('of the mail server');
});
