import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { REPOSITORY } from '../shipped.ts';
import { claviger, temporaryFolder } from './claviger.ts';
import { nextCode } from './next-code.ts';

/** Every command on what a served vault holds, as its administrator and as a service that is known by its user. */

const PASSWORD = 'correct horse battery staple';
const SECRET = 'billing/production/db/main';

async function served(folder: string): Promise<string> {
  const at = (name: string) => join(folder, name);
  for (const [name, text] of [
    ['passphrase', 'a passphrase of six plain words'],
    ['password', PASSWORD],
  ] as const) {
    writeFileSync(at(name), text, { mode: 0o600 });
  }
  const key = ['--data', at('data'), '--pin-file', at('passphrase')];
  const init = await claviger([
    'vault',
    'init',
    ...key,
    '--administrator',
    'ada',
    '--password-file',
    at('password'),
    '-o',
    at('uri'),
  ]);
  expect(init.status, init.stderr).toBe(0);
  mkdirSync(at('run'), { mode: 0o700 });
  const child = spawn(
    process.execPath,
    [join(REPOSITORY, 'core/cli/claviger.js'), 'vault', 'serve', ...key, '--socket', at('run/vault.sock')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
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
  return at('run/vault.sock');
}

test('every command does over a socket what it says', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  const socket = await served(folder);
  const run = async (words: string[], input = '') => {
    const { status, stdout, stderr } = await claviger(['vault', ...words, '--socket', socket], { input });
    expect(status, stderr).toBe(0);
    return stdout;
  };
  const refused = async (words: string[], input = '') => {
    const { status, stderr } = await claviger(['vault', ...words, '--socket', socket], { input });
    expect(status).toBe(1);
    return /^[A-Z_]+(?=: )/m.exec(stderr)?.[0];
  };
  const asAda = async (words: string[]) => {
    await run([...words, '--as', 'ada'], `${PASSWORD}\n${await nextCode(at('uri'))}\n`);
  };

  await asAda(['principal', 'add', 'keeper', '--kind', 'service', '--system']);
  await asAda(['principal', 'bind', 'keeper', '--uid', String(process.getuid?.() ?? 0)]);
  await asAda(['grant', 'keeper', '*/*/*', 'READ,WRITE,ADMIN,ROTATE']);
  expect(await run(['whoami'])).toContain('keeper');

  await run(['put', SECRET, '--category', 'database-password', '--tag', 'pci'], 'the first value');
  await run(['put', SECRET], 'the second value');
  expect(await run(['get', SECRET])).toBe('the second value');
  expect(await run(['get', SECRET, '--version-number', '1'])).toBe('the first value');
  expect((await run(['versions', SECRET])).split('\n').filter(Boolean)).toHaveLength(2);
  await run(['tag', SECRET, 'main', 'eu']);
  await run(['describe', SECRET, 'the main database']);
  expect(JSON.parse(await run(['list', '--tag', 'eu', '--json']))).toMatchObject({
    secrets: [{ owner: 'billing', description: 'the main database', tags: ['eu', 'main'], version: 2 }],
    more: false,
  });
  expect(await refused(['get', 'billing/production/nothing'])).toBe('VAULT_REFUSED');

  await run(['put', 'keeper/production/api', '--category', 'api-token'], 'a token of the keeper');
  expect(await run(['verify', 'keeper/production/api'], 'a token of the keeper')).toBe('It is that.\n');
  expect(await refused(['verify', 'keeper/production/api'], 'another token')).toBe('VAULT_REFUSED');
  expect(await refused(['get', 'keeper/production/api'])).toBe('SECRET_NOT_READABLE');

  await run(['put', 'ca/isolated/root', '--category', 'root-ca-key'], 'a key');
  expect(await refused(['get', 'ca/isolated/root', '--purpose', 'a rehearsal'])).toBe('VAULT_REFUSED');
  const asked = await run(['request', 'versions', 'ca/isolated/root', '--purpose', 'a rehearsal', '--json']);
  const { id, shown } = JSON.parse(asked) as { id: string; shown: string };
  expect(await run(['requests'])).toContain(id);
  // A service approves nothing, and least of all its own.
  expect(await refused(['approve', id, shown])).toBe('REQUEST_UNKNOWN');

  await run(['principal', 'add', 'web', '--kind', 'service']);
  const granted = await run(['grant', 'web', 'web/*/*', 'READ', '--json']);
  const { grant } = JSON.parse(granted) as { grant: string };
  expect(await run(['grants'])).toContain(`${grant}  web  web/*/*  READ`);
  await run(['revoke', grant]);
  expect(await run(['grants'])).not.toContain(grant);
  await run(['principal', 'disable', 'web']);
  await run(['principal', 'enable', 'web']);
  await run(['principal', 'unblock', 'web']);
  expect(await run(['principal', 'list'])).toMatch(/^web /m);

  const shownPolicy = JSON.parse(await run(['policy', 'show'])) as {
    version: number;
    policy: { approvalMinutes: number };
  };
  writeFileSync(
    at('policy.json'),
    JSON.stringify({ ...shownPolicy, policy: { ...shownPolicy.policy, approvalMinutes: 5 } }),
  );
  await run(['policy', 'change', at('policy.json')]);
  expect(JSON.parse(await run(['policy', 'show']))).toMatchObject({ version: 2, policy: { approvalMinutes: 5 } });

  expect(await run(['health'])).toMatch(/opens what it sealed\n3 secrets; /);
  expect(await run(['metrics'])).toMatch(/# EOF\n$/);
  expect(await run(['alerts'])).toContain('new-principal (1)  billing/production/db/main  keeper from unix:');

  const [certificate, privateKey] = [at('recipient.crt'), at('recipient.key')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-noenc', '-days', '1'],
      ...['-subj', '/CN=recipient', '-keyout', privateKey, '-out', certificate],
    ],
    { stdio: 'pipe' },
  );
  const why = ['--purpose', 'a second site'];
  const sent = await run([
    'export',
    'billing',
    '--recipient',
    certificate,
    '-o',
    at('billing.export'),
    ...why,
    '--json',
  ]);
  const { sha256 } = JSON.parse(sent) as { sha256: string };
  const bring = ['import', at('billing.export'), '--sha256', sha256, '--recipient-key', privateKey, ...why];
  expect(await refused(bring)).toBe('EXPORT_COLLIDES');
  await run(['delete', SECRET, '--yes']);
  expect(await refused(['get', SECRET])).toBe('VAULT_REFUSED');
  expect(await run(bring)).toBe('1 secrets: 1 new, 0 replaced\n');
  expect(await run(['get', SECRET])).toBe('the second value');

  await run(['backup', '-o', at('vault.backup')]);
  const restore = [
    'vault',
    'restore',
    at('vault.backup'),
    '--data',
    at('restored'),
    '--keystore',
    at('data/vault.keystore'),
  ];
  const key = ['--pin-file', at('passphrase')];
  const back = await claviger([...restore, ...key]);
  expect(back.status, back.stderr).toBe(0);
  const copy = await claviger(['vault', 'status', '--data', at('restored'), ...key]);
  expect(copy.stdout, copy.stderr).toMatch(/^open {2}local /);
  expect(await run(['lock'])).toBe('locked\n');
  expect(await refused(['get', SECRET])).toBe('VAULT_LOCKED');
});
