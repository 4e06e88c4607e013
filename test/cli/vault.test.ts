import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../shipped.ts';
import { claviger, temporaryFolder } from './claviger.ts';

const PASSPHRASE = 'a passphrase of six plain words';

test('a passphrase in a variable counts in development alone, with a warning, and the holder does not inherit it', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at('password'), 'correct horse battery staple', { mode: 0o600 });
  const where = ['--data', at('data')];
  const init = ['vault', 'init', ...where, '--administrator', 'ada', '--password-file', at('password')];
  const env = { CLAVIGER_VAULT_PASSPHRASE: PASSPHRASE };
  const refused = await claviger([...init, '-o', at('uri')], { env });
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^KEYSTORE_VARIABLE: /);

  const development = { ...env, CLAVIGER_ENVIRONMENT: 'development' };
  const inJson = await claviger([...init, '--json'], { env: development });
  expect(JSON.parse(inJson.stdout)).toMatchObject({ error: { code: 'INPUT_INVALID' } });
  const made = await claviger([...init, '--json', '-o', at('uri')], { env: development });
  expect(made.status, made.stderr).toBe(0);
  expect(JSON.parse(made.stdout)).toEqual({ administrator: 'ada', out: at('uri') });
  expect(made.stderr).toContain('CLAVIGER_VAULT_PASSPHRASE is for development');

  mkdirSync(at('run'), { mode: 0o700 });
  const serve = ['vault', 'serve', ...where, '--socket', at('run/vault.sock'), '--json'];
  const child = spawn(process.execPath, [join(REPOSITORY, 'core/cli/claviger.js'), ...serve], {
    env: { ...process.env, ...development },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const open = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.startsWith('The vault is open')) resolve();
    });
  });
  await open;
  const pid = String(child.pid);
  const [holder = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const environment = readFileSync(`/proc/${holder}/environ`, 'utf8');
  expect(environment).toContain('CLAVIGER_ENVIRONMENT=development');
  expect(environment).not.toContain(PASSPHRASE);

  const busy = await claviger(['vault', 'status', ...where], { env: development });
  expect(busy.stderr).toContain('STORE_BUSY: ');
  const nobody = await claviger(['vault', 'whoami', '--socket', at('run/vault.sock')]);
  expect(nobody.stderr).toMatch(/^LOGIN_REFUSED: /);
  child.kill('SIGTERM');
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  expect(said.join('\n')).not.toContain(PASSPHRASE);
});
