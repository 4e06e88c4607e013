import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERRORS } from '../../core/contract/errors.ts';
import { createKeystore } from '../../core/kms/keystore.ts';
import { LocalKms } from '../../core/kms/local.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { checkKey } from '../../core/vault/vault.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { DATABASE, bytes, refusal, sampleVault, textOf } from './sample-vault.ts';

/** What docs/ops/disaster-recovery.md walks through: found, coded, and nothing lost. */

async function vaultIn(folder: string) {
  const sample = await sampleVault(folder);
  const service = await sample.somebody('billing', ['READ', 'WRITE'], { system: true });
  const wanted = { identity: DATABASE, category: 'database-password' };
  await sample.vault.secrets.put(service, wanted, bytes('first'));
  await sample.vault.secrets.put(service, wanted, bytes('second'));
  return { ...sample, service, data: join(folder, 'data') };
}

test('a key of another vault, and a key that is not what it was, are told apart, and nothing is changed', async () => {
  const folder = temporaryFolder();
  const { vault, store, service, close } = await vaultIn(folder);
  const { keyId } = vault.parts.kms;
  const other = new LocalKms('b2c1ee34-9dc0-41d1-b245-5ffdce74fad2', guardedCopy(new Uint8Array(32)));
  expect((await refusal(() => checkKey(store, other))).value).toMatchObject({
    code: 'VAULT_KEY_OTHER',
    params: { key: keyId, given: other.keyId },
  });
  const damaged = new LocalKms(keyId, guardedCopy(new Uint8Array(32).fill(1)));
  expect((await refusal(() => checkKey(store, damaged))).code).toBe('VAULT_KEY_DAMAGED');
  expect(textOf((await vault.secrets.get(service, { identity: DATABASE })).value)).toBe('second');
  // The vault's own record of it, turned by one bit.
  const key = await store.db.selectFrom('vault_key').selectAll().executeTakeFirstOrThrow();
  const turned = Buffer.from(key.check_value);
  turned[turned.length - 1] = (turned[turned.length - 1] ?? 0) ^ 1;
  await store.db.updateTable('vault_key').set({ check_value: turned }).execute();
  expect((await refusal(() => checkKey(store, vault.parts.kms))).code).toBe('VAULT_KEY_DAMAGED');
  await close();

  const path = join(folder, 'vault.keystore');
  await createKeystore(path, bytes('correct horse battery staple'));
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, text.length / 2));
  expect((await refusal(() => LocalKms.open(path, bytes('correct horse battery staple')))).code).toBe(
    'KEYSTORE_DAMAGED',
  );
});

test('a damaged row is found when it is read, and told of; every other version opens', async () => {
  const { vault, store, service, close } = await vaultIn(temporaryFolder());
  const row = await store.db
    .selectFrom('vault_version')
    .selectAll()
    .where('created_by', '=', 'billing')
    .where('version', '=', 2)
    .executeTakeFirstOrThrow();
  const turned = Buffer.from(row.ciphertext);
  turned[0] = (turned[0] ?? 0) ^ 1;
  await store.db
    .updateTable('vault_version')
    .set({ ciphertext: turned })
    .where('secret', '=', row.secret)
    .where('version', '=', 2)
    .execute();
  expect((await refusal(() => vault.secrets.get(service, { identity: DATABASE }))).code).toBe('VAULT_REFUSED');
  const [alert] = (await vault.parts.ledger.read({ kind: 'vault.alert' })).slice(-1);
  expect(alert?.body).toMatchObject({ alert: 'damaged', name: 'db/main' });
  expect((await vault.parts.ledger.read({ kind: 'vault.failed' }))[0]?.body).toMatchObject({ code: 'SECRET_DAMAGED' });
  expect(textOf((await vault.secrets.get(service, { identity: DATABASE, version: 1 })).value)).toBe('first');
  await close();
});

test('a database that was cut is refused, whatever its length, and stays as it is', async () => {
  const folder = temporaryFolder();
  const { close, data } = await vaultIn(folder);
  await close();
  const whole = readFileSync(join(data, 'claviger.db'));
  expect((await verifyLedger(data, { kinds: KINDS, paper: null })).size).toBeGreaterThan(5);
  for (const share of [0.2, 0.5, 0.9]) {
    const cut = join(folder, `cut-${share}`);
    execFileSync('cp', ['-a', data, cut]);
    const path = join(cut, 'claviger.db');
    truncateSync(path, Math.floor((whole.length * share) / 4096) * 4096);
    const before = readFileSync(path);
    expect((await refusal(() => openStore(cut))).code, `${share}`).toBe('STORE_DAMAGED');
    expect(readFileSync(path).equals(before)).toBe(true);
  }
});

test('a second holder of the same vault is refused, and the first goes on', async () => {
  const { vault, service, close, data } = await vaultIn(temporaryFolder());
  const other = execFileSync(process.execPath, [join(import.meta.dirname, 'one-put.ts'), data], { encoding: 'utf8' });
  expect(other).toBe('STORE_BUSY\n');
  const second = HolderProcess.start({ data });
  expect((await refusal(() => second.transport.call('vault.status', {}))).code).toBe('STORE_BUSY');
  await second.close();
  expect(textOf((await vault.secrets.get(service, { identity: DATABASE })).value)).toBe('second');
  await close();
});

/** The child in a mount of its own. */
function putOn(mount: string, data: string): string {
  const shell = `set -e\n${mount}\nexec "$0" "$1" "$2"`;
  const words = [
    '--map-root-user',
    '--mount',
    'bash',
    '-c',
    shell,
    process.execPath,
    join(import.meta.dirname, 'one-put.ts'),
    data,
  ];
  return execFileSync('unshare', words, { encoding: 'utf8' });
}

test('on a full disk what was answered as stored is there, and what was refused is not', async () => {
  const folder = temporaryFolder();
  const { close, data } = await vaultIn(folder);
  await close();
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mount = `mount -t tmpfs -o size=6m,mode=700 tmpfs "${disk}"\ncp -a "${data}" "${disk}/data"`;
  const said = /^OUTPUT_FULL\nstored (\d+), newest (\d+), versions (\d+)\n$/.exec(putOn(mount, join(disk, 'data')));
  const [stored, newest, versions] = (said ?? []).slice(1).map(Number);
  expect(stored).toBeGreaterThan(0);
  expect(newest).toBe((stored ?? 0) + 2);
  expect(versions).toBe(Math.min(newest ?? 0, 10));
});

test('on a disk that may only be read the vault does not open, and says why', async () => {
  const folder = temporaryFolder();
  const { close, data } = await vaultIn(folder);
  await close();
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mount = [
    `mount -t tmpfs -o size=6m,mode=700 tmpfs "${disk}"`,
    `cp -a "${data}" "${disk}/data"`,
    `mount -o remount,ro "${disk}"`,
  ].join('\n');
  expect(putOn(mount, join(disk, 'data'))).toBe('OUTPUT_UNWRITABLE\n');
  const opened = await openStore(data);
  await checkKey(
    opened,
    new LocalKms('7d444840-9dc0-41d1-b245-5ffdce74fad2', guardedCopy(bytes('a key-encryption key for testing'))),
  );
  await opened.close();
});

test('every command of docs/ops/disaster-recovery.md runs on a vault', async () => {
  const folder = temporaryFolder();
  const { close, data } = await vaultIn(folder);
  await close();
  const page = readFileSync(join(import.meta.dirname, '../../docs/ops/disaster-recovery.md'), 'utf8');
  const blocks = [...page.matchAll(/```sh\n([^`]+)```/g)].map(([, commands]) => commands ?? '');
  expect(blocks.length).toBeGreaterThan(3);
  const launcher = join(import.meta.dirname, '../../core/cli/claviger.js');
  const script = `set -e\nclaviger() { "${process.execPath}" "${launcher}" "$@"; }\n${blocks.join('\n')}`;
  const said = execFileSync('bash', ['-c', script], { env: { ...process.env, DATA: data }, encoding: 'utf8' });
  expect(said.match(/ledger [a-z0-9./:-]+/g)?.length).toBeGreaterThan(1);
  // Each code that the page names is one, and is told as the page says it.
  for (const [, code] of page.matchAll(/`([A-Z]+_[A-Z_]+)`/g)) expect(Object.keys(ERRORS), code).toContain(code);
});
