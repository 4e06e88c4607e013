import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { logIn, loginOf, startPostgres } from '../store/postgres-server.ts';
import { REPOSITORY } from '../shipped.ts';
import { claviger, temporaryFolder } from './claviger.ts';
import { nextCode } from './next-code.ts';

/** docs/ops/key-rotation.md: the commands for the vault's own keys, one block after another, over the socket of a vault that is served. */

const PASSWORD = 'correct horse battery staple';
const CLAVIGER = join(REPOSITORY, 'core/cli/claviger.js');
const page = readFileSync(join(REPOSITORY, 'docs/ops/key-rotation.md'), 'utf8');

/** The commands of a section, by the heading above each; several blocks below one are one. */
function blocksOf(section: string): Map<string, string> {
  const text = page.split(/^## /m).find((one) => one.startsWith(section)) ?? '';
  const found = new Map<string, string>();
  let heading = section;
  for (const [, title, block] of text.matchAll(/^### (.+)$|^```sh\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (block !== undefined) found.set(heading, (found.get(heading) ?? '') + block);
  }
  return found;
}

async function served(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('passphrase'), 'a passphrase of six plain words', { mode: 0o600 });
  writeFileSync(at('password'), PASSWORD, { mode: 0o600 });
  mkdirSync(at('run'), { mode: 0o700 });
  const key = ['--data', at('vault'), '--pin-file', at('passphrase')];
  const init = ['vault', 'init', ...key, '--administrator', 'ada', '--password-file', at('password'), '-o', at('uri')];
  const made = await claviger(init);
  expect(made.status, made.stderr).toBe(0);
  const child = spawn(process.execPath, [CLAVIGER, 'vault', 'serve', ...key, '--socket', at('run/vault.sock')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  });
  await new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.startsWith('The vault is open')) resolve();
    });
  });
  const words = [
    ['principal', 'add', 'keeper', '--kind', 'service', '--system'],
    ['principal', 'bind', 'keeper', '--uid', String(process.getuid?.() ?? 0)],
    ['grant', 'keeper', '*/*/*', 'READ,WRITE,ADMIN,ROTATE'],
  ];
  for (const one of words) {
    const input = `${PASSWORD}\n${await nextCode(at('uri'))}\n`;
    const { status, stderr } = await claviger(['vault', ...one, '--socket', at('run/vault.sock'), '--as', 'ada'], {
      input,
    });
    expect(status, stderr).toBe(0);
  }
}

/** A shell in which `npx claviger` is this one, at the vault that is served there. */
function shellIn(folder: string): (script: string) => Promise<string> {
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${CLAVIGER}' "$@"\n`, {
    mode: 0o755,
  });
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    CLAVIGER_VAULT_SOCKET: join(folder, 'run/vault.sock'),
  };
  return (script: string) =>
    new Promise<string>((resolve, reject) => {
      const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env });
      let [out, said] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.once('close', (status) => {
        if (status === 0) resolve(out);
        else reject(new Error(`${script}: ${said}`));
      });
    });
}

test('the commands of the page rotate the keys of a served vault, and what is stored stays readable', async () => {
  const folder = temporaryFolder();
  await served(folder);
  const shell = shellIn(folder);
  const keystores = () => readdirSync(join(folder, 'vault')).filter((name) => name.endsWith('.keystore'));
  await shell('printf hush-hush | npx claviger vault put billing/production/db --category database-password');
  const read = () => shell('npx claviger vault get billing/production/db');

  const kek = blocksOf("The vault's key (KEK)");
  const dek = blocksOf('Data keys (DEK)');
  expect([...kek.keys()]).toEqual(['Before', 'Steps', 'Verify', 'Roll back', 'Emergency']);
  const run = (blocks: Map<string, string>, heading: string) => shell(blocks.get(heading) ?? 'false');

  expect(await run(kek, 'Before')).toContain('No key was rotated.');
  expect(await run(kek, 'Steps')).toMatch(/^key .* -> .*: grace: /);
  expect(await read()).toBe('hush-hush');
  expect(await run(kek, 'Verify')).toContain('the new key is the active one');
  expect(keystores()).toHaveLength(2);
  expect(await run(kek, 'Roll back')).toContain(': rolled-back: ');
  expect(keystores()).toEqual(['vault.keystore']);
  const emergency = await run(kek, 'Emergency');
  expect(emergency).toContain(': finished: ');
  expect(emergency).toContain('data keys under ');
  expect(keystores()).toHaveLength(1);
  expect(keystores()).not.toEqual(['vault.keystore']);
  expect(await run(dek, 'Before, steps, verify')).toContain('fresh.backup');
  expect(await read()).toBe('hush-hush');
});

test('the commands of the page rotate a certificate, a client secret, a cookie key and a login of PostgreSQL', async () => {
  const folder = temporaryFolder();
  const server = await startPostgres();
  onTestFinished(() => {
    server.stop();
  });
  await served(folder);
  const shell = shellIn(folder);
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  };
  const run = (section: string, heading: string) => shell(blocksOf(section).get(heading) ?? 'false');

  await run('TLS certificates', 'Request');
  await shell(
    'openssl x509 -req -in www.csr -signkey www.key -days 30 -out www.crt && cat www.key www.crt > first.pem',
  );
  const first = readFileSync(join(folder, 'first.pem'), 'utf8');
  await shell('npx claviger vault put shop/production/tls/www --category node-certificate-key --file first.pem');
  await run('TLS certificates', 'Request');
  await shell('openssl x509 -req -in www.csr -signkey www.key -days 30 -out www.crt');
  expect(await run('TLS certificates', 'Store')).toContain('version 2');
  expect(await run('TLS certificates', 'Verify a certificate')).toContain('www.example.com');
  expect(await run('TLS certificates', 'Roll back a certificate')).toContain('version 3');
  expect(await shell('npx claviger vault get shop/production/tls/www')).toBe(first);

  write('first-secret', 'the first client secret');
  write('new-client-secret', 'the second client secret');
  const client =
    'npx claviger vault put web/production/oidc/client --category system-configuration --file first-secret';
  await shell(client);
  await run('OAuth and OIDC credentials', 'Steps of a credential');
  expect(await shell('npx claviger vault get web/production/oidc/client')).toBe('the second client secret');

  write('cookie', 'c'.repeat(32));
  await shell('npx claviger vault put web/production/cookie --category session-key --file cookie');
  expect(await run('Cookie secrets', 'Steps for cookies')).toContain('would become version 2 by random');

  const login = { username: 'app_a', password: 'the first password of app_a' };
  await server.sql('postgres', `CREATE ROLE app_a LOGIN PASSWORD '${login.password}'; CREATE ROLE app_b LOGIN`);
  write('administrator.json', JSON.stringify(server.administrator));
  write('app_a.json', JSON.stringify(login));
  const [, plan = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
  write('plan.yaml', plan.replace('/var/run/postgresql', server.host));
  expect(await run('Database credentials', 'Automated')).toMatch(/activated by postgres[\s\S]*Nothing is due\.\n$/);
  const value = await shell('npx claviger vault get billing/production/db/main');
  expect(await logIn(server, loginOf(new TextEncoder().encode(value)))).toBe('app_b');
});
