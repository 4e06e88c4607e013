import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY } from '../shipped.ts';

/** docs/ops/emergency-access.md: its commands, one block after another, in one folder. */

const page = readFileSync(join(REPOSITORY, 'docs/ops/emergency-access.md'), 'utf8');
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, content = '']) => content);
let folder: string;
let next = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-emergency-page-'));
  mkdirSync(join(folder, 'bin'));
  // Where somebody logs in, their password and their next code are typed, and one more for whoever asks for it.
  const npx = `#!/bin/bash
shift
run() { exec '${process.execPath}' '${join(REPOSITORY, 'core/cli/claviger.js')}' "$@"; }
next() { '${process.execPath}' '${join(import.meta.dirname, 'next-code.ts')}' "$1.otpauth"; }
name=$(sed -n 's/.* --as \\([a-z]*\\).*/\\1/p' <<< " $* ")
if [ -z "$name" ]; then run "$@"; fi
typed=$(cat "$name.password"; next "$name"; case "$*" in *'break-glass open'*) next "$name";; esac)
run "$@" <<< "$typed"
`;
  writeFileSync(join(folder, 'bin/npx'), npx, { mode: 0o755 });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the next block; what it says on standard output. */
async function run(): Promise<string> {
  const block = blocks[next] ?? '';
  const kept = blocks
    .slice(0, next)
    .flatMap((content) => content.split('\n'))
    .filter((line) => /^(umask|export) /.test(line));
  next += 1;
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
  return stdout;
}

const text = (name: string) => readFileSync(join(folder, name), 'utf8');

test('a vault is made and served, and somebody is on call', async () => {
  await run();
  expect(await run()).toContain('billing/production/db/main, version 1');
  expect(await run()).toContain('mira is on the emergency list.\n');
  await run();
  expect(text('policy.json')).toContain('"syslog"');
});

test('she breaks the glass, and reads', async () => {
  expect(await run()).toMatch(/mira: READ,WRITE \*\/\*\/\*\n {4}(30 min 0 s|2\d min \d+ s) left/);
  expect(await run()).toMatch(/2 operations; not reviewed\n {4}told: journal \(opened\): sent/);
  expect(text('db.password')).toMatch(/^[A-Za-z0-9+/]{32}\n$/);
});

test('it is ended, reviewed by somebody else, and in the ledger', async () => {
  expect(await run()).toMatch(/^It is over\.\n\{"event":"opened",.*"principal":"mira"/);
  expect(statSync(join(folder, 'emergencies.log')).mode & 0o777).toBe(0o600);
  const stdout = await run();
  expect(stdout).toContain('an emergency waits for its review\n');
  expect(stdout).toContain('The review is filed.\n');
  const rows = await run();
  expect(rows.match(/"event":"(opened|revoked|reviewed)"/g)).toHaveLength(3);
  expect(next).toBe(blocks.length);
  expect(rows).not.toContain(text('db.password').trim());
});
