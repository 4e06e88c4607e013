import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TOTP, URI } from 'otpauth';
import { expect, onTestFinished, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { SecretBox } from '../../core/process/secret-channel.ts';
import { Changes } from '../../core/service/changes.ts';
import { handlersOf } from '../../core/service/handlers.ts';
import type { Peer } from '../../core/service/vault.ts';
import { KEYSTORE } from '../../core/service/vault-key.ts';
import { KeyWatch } from '../../core/vault/key-watch.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from '../hsm/softhsm.ts';
import { openPipe } from './open-pipe.ts';
import { PASSWORD, bytes, preparedData, refusal, sampleVault, textOf } from './sample-vault.ts';

/** Requirement K6: a key that is damaged is found, told of, brought back from its backup, or given up with a list of what that means. */

const PASSPHRASE = 'a passphrase for a keystore';

function coreOf(data: string) {
  const box = new SecretBox(openPipe());
  const parts = { data, box, changes: new Changes(), clock: () => new Date(), random: () => new Uint8Array(4) };
  const core = handlersOf(parts);
  const keep = (text: string) => box.keep(guardedCopy(bytes(text)));
  return { ...core, keep, taken: async (ticket: string) => textOf(await box.take(ticket)) };
}

test('a key that no longer opens what it sealed is told of once while the vault is open, and so is its end', async () => {
  const { vault, store, close } = await sampleVault(temporaryFolder());
  const watch = new KeyWatch(vault.parts);
  await watch.check();
  const key = await store.db.selectFrom('vault_key').selectAll().executeTakeFirstOrThrow();
  const turned = Buffer.from(key.check_value);
  turned[turned.length - 1] = (turned[turned.length - 1] ?? 0) ^ 1;
  const write = (check_value: Uint8Array) => store.db.updateTable('vault_key').set({ check_value }).execute();
  await write(turned);
  await watch.check();
  await watch.check();
  await write(key.check_value);
  await watch.check();
  const rows = (await vault.parts.ledger.read({ kind: 'vault.key-check' })).map(({ body }) => body);
  expect(rows).toEqual([
    { key: key.id, ok: false, code: 'VAULT_KEY_DAMAGED' },
    { key: key.id, ok: true, code: null },
  ]);
  const alerts = (await vault.parts.ledger.read({ kind: 'vault.alert' })).map(({ body }) => body);
  expect(alerts).toMatchObject([{ alert: 'key', owner: '.vault', name: 'key' }]);
  await close();
});

test('a damaged keystore is found at the unlock, told of, and brought back from its copy; what is learned is recorded', async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  await preparedData(data);
  const { handlers, keep, taken, close } = coreOf(data);
  const ada: Peer = { address: 'pipe', agent: 'test', credential: null };
  const made = await handlers['vault.initialise'](
    { key: { keystore: true }, secret: keep(PASSPHRASE), administrator: 'ada', password: keep(PASSWORD) },
    ada,
  );
  const totp = URI.parse(await taken(made.ticket)) as TOTP;
  await handlers['vault.login']({ name: 'ada', password: keep(PASSWORD), code: totp.generate() }, ada);
  await handlers['vault.addPrincipal']({ name: 'billing', kind: 'service', system: true }, ada);
  const scope = { owner: '*', environment: '*', name: '*' } as const;
  await handlers['vault.grant']({ name: 'billing', scope, rights: ['READ', 'WRITE'] }, ada);
  const token = bytes(await taken((await handlers['vault.issueToken']({ name: 'billing' }, ada)).ticket));
  const billing: Peer = { address: 'unix:1000', agent: 'test', credential: { token } };
  const place = { owner: 'billing', environment: 'production' } as const;
  for (const [name, category] of [
    ['db/main', 'database-password'],
    ['tls/www', 'node-certificate-key'],
    ['login', 'user-password'],
  ] as const) {
    await handlers['vault.put']({ ...place, name, category, value: keep(`value of ${name}`) }, billing);
  }
  await handlers['vault.lock']({}, ada);

  const keystore = join(data, KEYSTORE);
  const copy = readFileSync(keystore);
  const unlock = () => handlers['vault.unlock']({ secret: keep(PASSPHRASE) }, ada);
  truncateSync(keystore, 40);
  expect((await refusal(unlock)).code).toBe('KEYSTORE_DAMAGED');
  expect((await refusal(() => handlers['vault.unlock']({ secret: keep('another one') }, ada))).code).toBe(
    'KEYSTORE_DAMAGED',
  );
  rmSync(keystore);
  expect((await refusal(unlock)).value).toMatchObject({ code: 'VAULT_KEY_GONE', params: { where: KEYSTORE } });
  writeFileSync(keystore, copy, { mode: 0o600 });
  // Nobody is told of a passphrase that was typed wrongly.
  expect((await refusal(() => handlers['vault.unlock']({ secret: keep('another one') }, ada))).code).toBe(
    'KEYSTORE_PASSPHRASE_WRONG',
  );
  const trouble = await handlers['ledger.list']({ kind: 'vault.key-check', limit: 10 }, ada);
  expect(trouble.rows.map(({ body }) => (body as { code: string }).code)).toEqual([
    'KEYSTORE_DAMAGED',
    'KEYSTORE_DAMAGED',
    'VAULT_KEY_GONE',
  ]);
  await unlock();
  await unlock();
  const over = await handlers['ledger.list']({ kind: 'vault.key-check', limit: 10 }, ada);
  expect(over.rows.slice(3).map(({ body }) => body)).toMatchObject([{ ok: true, code: null }]);
  const { ticket } = await handlers['vault.get']({ ...place, name: 'db/main', purpose: 'the rehearsal' }, billing);
  expect(await taken(ticket)).toBe('value of db/main');
  await close();

  const at = ['--data', data];
  const losses = await claviger(['report', 'losses', ...at]);
  expect(losses.stdout.trim().split('\n').sort()).toEqual(
    [
      'replace  billing/production/db/main  database-password, version 1',
      'reissue  billing/production/tls/www  node-certificate-key, version 1',
      'reset  billing/production/login  user-password, version 1',
    ].sort(),
  );
  const said = ['--what', 'The keystore was cut short.', '--cause', 'A full disk.', '--lost', 'Nothing.'];
  const lessons = ['--lessons', 'The copy lies on another disk.', '--person', 'Ines', 'Tomas'];
  expect(await claviger(['incident', 'record', ...said, ...lessons, ...at])).toMatchObject({ status: 0 });
  expect((await claviger(['incident', 'record', ...said, ...at])).status).toBe(2);
  const listed = JSON.parse((await claviger(['incident', 'list', '--json', ...at])).stdout) as { incidents: object[] };
  expect(listed.incidents).toMatchObject([{ what: 'The keystore was cut short.', people: ['Ines', 'Tomas'] }]);
});

/** A key-encryption key as a ceremony makes it. */
async function makeKek(token: string): Promise<void> {
  const process = TokenProcess.start();
  try {
    await process.call('open', { location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token } });
    const pin = await process.sendSecret(bytes(USER_PIN));
    const securityOfficerPin = await process.sendSecret(bytes(SECURITY_OFFICER_PIN));
    await process.call('login', { pin, securityOfficerPin });
    await process.call('generateKey', { label: 'kek', algorithm: 'AES-256', purpose: 'kek' });
  } finally {
    await process.close();
  }
}

test('a token that is not there is told of at the unlock, and the vault takes its key from another one only if it is the same key', async () => {
  const softHsm = makeSoftHsm(['vault']);
  onTestFinished(softHsm.remove);
  const tokens = join(softHsm.folder, 'tokens');
  const [folder = ''] = readdirSync(tokens);
  const pins = ['--pin', USER_PIN, '--so-pin', SECURITY_OFFICER_PIN];
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'other', ...pins]);
  await makeKek('vault');
  await makeKek('other');
  const home = temporaryFolder();
  writeFileSync(join(home, 'pin'), USER_PIN, { mode: 0o600 });
  const fileOf = (name: string, token: string, mode = 'training') => {
    const path = join(home, name);
    writeFileSync(path, `mode: ${mode}\nmodule: ${SOFTHSM_MODULE}\ntoken: ${token}\npin: { file: pin }\n`);
    return path;
  };

  const { handlers, keep, close } = coreOf(join(home, 'data'));
  onTestFinished(close);
  const ada: Peer = { address: 'pipe', agent: 'test', credential: null };
  const key = { token: fileOf('token.yaml', 'vault'), label: 'kek' };
  await handlers['vault.initialise']({ key, administrator: 'ada', password: keep(PASSWORD) }, ada);
  const move = (token: string, address = 'pipe') => handlers['vault.moveKey']({ token }, { ...ada, address });
  const codeOf = async (work: () => Promise<unknown>) => (await refusal(work)).code;
  const rowsOf = async (kind: string) =>
    (await handlers['ledger.list']({ kind, limit: 10 }, ada)).rows.map(({ body }) => body);

  expect(await codeOf(() => move(fileOf('other.yaml', 'other')))).toBe('KEY_DIFFERENT');
  expect(await codeOf(() => move(fileOf('live.yaml', 'vault', 'live')))).toBe('STORE_OF_OTHER_MODE');
  expect(await codeOf(() => move(key.token, 'unix:1000'))).toBe('VAULT_REFUSED');
  expect(await handlers['vault.status']({}, ada)).toMatchObject({ state: 'open' });
  expect(await rowsOf('vault.key-moved')).toEqual([]);
  const again = fileOf('again.yaml', 'vault');
  await move(again);
  expect(await handlers['vault.status']({}, ada)).toMatchObject({ state: 'locked' });
  expect(await rowsOf('vault.key-moved')).toMatchObject([{ from: key.token, to: again }]);

  renameSync(join(tokens, folder), join(softHsm.folder, 'away'));
  const gone = await refusal(() => handlers['vault.unlock']({}, ada));
  expect(gone.value).toMatchObject({ code: 'VAULT_KEY_GONE', params: { where: 'vault', cause: 'TOKEN_MISSING' } });
  renameSync(join(softHsm.folder, 'away'), join(tokens, folder));
  expect(await handlers['vault.unlock']({}, ada)).toMatchObject({ state: 'open' });
  expect(await rowsOf('vault.key-check')).toMatchObject([{ code: 'VAULT_KEY_GONE' }, { ok: true, code: null }]);
});
