import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../shipped.ts';
import { temporaryFolder } from './claviger.ts';

test('npm start without a display runs the training ceremony in the terminal and says where everything is', async () => {
  const home = temporaryFolder();
  const env = { ...process.env, HOME: home, CLAVIGER_DATA: join(home, 'data'), DISPLAY: '', WAYLAND_DISPLAY: '' };
  const child = spawn(process.execPath, [join(REPOSITORY, 'electron/start.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = await new Promise((resolve) => child.once('close', resolve));
  expect(status).toBe(0);
  expect(text).toContain('There is no display');
  const out = join(home, readdirSync(home).find((name) => name.startsWith('claviger-training-')) ?? 'none');
  expect(text).toContain(`The store is in ${join(home, 'data')}, everything else in ${out}.`);
  expect(existsSync(join(out, 'transcript.json.p7s'))).toBe(true);
});

test('the tests of a user who may not install print the exact line and fail', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(REPOSITORY, 'test/prepare.ts')], {
    uid: 65534,
    gid: 65534,
    env: { PATH: '/nonexistent' },
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/sudo apt-get install -y --no-install-recommends .*openssl/);
  expect(status).toBe(1);
});
