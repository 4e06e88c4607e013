import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { SecretIdentity } from '../../core/contract/vault.ts';
import { unlockKeystore } from '../../core/kms/keystore.ts';
import { LocalKms } from '../../core/kms/local.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { contextOf } from '../../core/vault/envelope.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import type { Canary } from './forms.ts';
import { Ground } from './ground.ts';
import { searchAll } from './leaks.ts';
import { drawn } from './marked.ts';
import type { Walk, WalkSecret } from './vault-walk.ts';

/** No value, password, token, field or key of a vault is in anything that it leaves or says. */

const KINDS_OF: Record<WalkSecret, Canary['kind']> = {
  passphrase: 'passphrase',
  password: 'password',
  'keeper password': 'password',
  'wrong password': 'password',
  value: 'value',
  'value before': 'value',
  'large value': 'value',
  'binary value': 'value',
  'user password': 'password',
  'wrong user password': 'password',
  'api token': 'token',
  'wrong api token': 'token',
  'refused value': 'value',
  field: 'value',
};

function makeSecrets(): Record<WalkSecret, Buffer> {
  const text = (length: number) => Buffer.from(drawn(length));
  const names = Object.keys(KINDS_OF) as WalkSecret[];
  const secrets = Object.fromEntries(names.map((name) => [name, text(32)])) as Record<WalkSecret, Buffer>;
  return { ...secrets, 'large value': text(1500), 'binary value': randomBytes(64) };
}

/** Two lines on what the ledger of a store can be told and made to write, by the command line. */
async function useLedger(ground: Ground, data: string, recipient: string): Promise<void> {
  const store = await openStore(data);
  const ledger = openLedger(store, () => new Date(), KINDS);
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  await appendCheckpoint(ledger, key);
  await store.close();
  for (const words of [
    ['list', '--json'],
    ['export', '-o', join(ground.left, 'slice.ledger')],
    ['export', '--recipient', recipient, '-o', join(ground.left, 'slice.cms')],
    ['seal', '--before', '2100-01-01'],
    ['verify', data],
  ]) {
    const place = words[0] === 'verify' ? [] : ['--data', data];
    const { status, stderr } = await ground.run(['ledger', ...words, ...place], undefined, { listen: false });
    expect(status, stderr).toBe(0);
  }
  for (const report of ['inventory', 'rotation', 'access', 'violations', 'emergencies', 'rehearsals', 'losses']) {
    const files = ['--csv', join(ground.left, `${report}.csv`), '-o', join(ground.left, `${report}.pdf`)];
    const { status, stderr } = await ground.run(['report', report, '--data', data, '--json', ...files], undefined, { listen: false }); // prettier-ignore
    expect(status, stderr).toBe(0);
  }
}

/** The KEK, and every data key that it opens: what no file of the vault has in the clear either. */
async function keysOf(data: string, passphrase: Uint8Array): Promise<Canary[]> {
  const { keyId, kek } = await unlockKeystore(join(data, 'vault.keystore'), passphrase);
  const keys: Canary[] = [{ kind: 'key', name: 'KEK', bytes: Uint8Array.from(kek) }];
  const kms = new LocalKms(keyId, guardedCopy(kek));
  const store = await openStore(data);
  const rows = await store.db
    .selectFrom('vault_data_key as d')
    .innerJoin('vault_secret as s', 's.id', 'd.secret')
    .select(['s.id', 's.owner', 's.environment', 's.name', 'd.version', 'd.data_key'])
    .execute();
  for (const { id, owner, environment, name, version, data_key } of rows) {
    const context = contextOf({ ...({ owner, environment, name } as SecretIdentity), id }, version);
    const opened = await kms.decrypt(data_key, context);
    keys.push({ kind: 'key', name: `data key of ${owner}/${name} ${version}`, bytes: Uint8Array.from(opened) });
  }
  await store.close();
  await kms.close();
  return keys;
}

test(
  'through every way of a vault, nothing secret is in its files, logs, ledger, exports, backups, metrics and errors',
  { timeout: 300_000 },
  async () => {
    const ground = new Ground();
    onTestFinished(() => {
      ground.remove();
    });
    const secrets = makeSecrets();
    const [certificate, key] = [ground.bring('to.crt', ''), ground.bring('to.key', '')];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=other', '-days', '30'];
    execFileSync('openssl', [...request, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    const heard = ground.bring('heard.jsonl', '');
    const walk: Walk = {
      ...{ data: ground.data, left: ground.left, heard, recipient: { certificate, key } },
      secrets: Object.fromEntries(
        Object.entries(secrets).map(([name, bytes]) => [name, bytes.toString('hex')]),
      ) as Walk['secrets'],
    };
    const input = ground.bring('walk.json', JSON.stringify(walk));
    const walked = await ground.run([input], join(import.meta.dirname, 'vault-walk.ts'), { listen: false });
    expect(walked.status, walked.stderr).toBe(0);
    expect(walked.stdout).toContain('"walked"');
    await useLedger(ground, ground.data, certificate);

    const drawnByVault = readFileSync(heard, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { name: string; hex: string }); // prettier-ignore
    expect(drawnByVault.map(({ name }) => name)).toEqual([
      ...['codes of ada', 'session', 'codes of keeper', 'token', 'wrong token'],
      'data key',
    ]);
    const canaries: Canary[] = [
      ...Object.entries(secrets).map(([name, bytes]) => ({ kind: KINDS_OF[name as WalkSecret], name, bytes })),
      ...drawnByVault.map(({ name, hex }): Canary => ({ kind: 'token', name, bytes: Buffer.from(hex, 'hex') })),
      ...(await keysOf(ground.data, secrets.passphrase)),
    ].map((canary) => ({ ...canary, bytes: new Uint8Array(canary.bytes) }));
    // Of five that are there by then, their versions, the credentials and the KEK.
    expect(canaries.filter(({ kind }) => kind === 'key').length).toBeGreaterThan(12);

    const { leaks, files } = searchAll(ground, canaries);
    expect(leaks).toEqual([]);
    expect(files).toBeGreaterThan(30);
    const there = readdirSync(ground.left, { recursive: true }).map(String);
    for (const name of [
      'billing.cms',
      'vault.backup',
      'metrics.txt',
      'field.txt',
      'slice.ledger',
      'slice.cms',
      'access.csv',
      'access.pdf',
    ]) {
      expect(there).toContain(name);
    }
    for (const name of [/^moment-\d\/claviger\.db-wal$/, /^data\/segments\/.+\.ledger$/, /^restored\/claviger\.db$/]) {
      expect(there).toContainEqual(expect.stringMatching(name));
    }
    for (const name of ['run-1.stdout', 'run-1.stderr', 'run-2.stdout']) {
      expect(readFileSync(join(ground.said, name)).length).toBeGreaterThan(10);
    }

    // The search finds each of them where one does stand: in a store's rows and log, in what is said, as hex and as base64.
    const planted = { home: ground.home, left: join(ground.home, 'planted'), said: join(ground.home, 'planted-said') };
    for (const folder of [planted.left, planted.said, join(planted.left, 'data')]) mkdirSync(folder);
    cpSync(join(ground.left, 'restored'), join(planted.left, 'data'), { recursive: true });
    const path = join(planted.left, 'data/claviger.db');
    const database = new Database(path);
    database.pragma('journal_mode = WAL');
    database.pragma('wal_autocheckpoint = 0');
    const put = database.prepare('UPDATE vault_secret SET description = ? WHERE name = ?');
    put.run(secrets['binary value'], 'db/main');
    put.run(secrets.value.toString('base64'), 'large');
    copyFileSync(`${path}-wal`, join(planted.said, 'holder.log'));
    database.close();
    for (const [index, { bytes }] of canaries.entries()) {
      const form = (['hex', 'base64', 'latin1'] as const)[index % 3] ?? 'hex';
      const said = Buffer.concat([randomBytes(99), Buffer.from(`said: ${Buffer.from(bytes).toString(form)};`, form === 'latin1' ? 'latin1' : 'ascii')]); // prettier-ignore
      writeFileSync(join(planted.said, `said-${index}`), said);
    }
    const found = searchAll(planted, canaries).leaks;
    const at = (place: string) => new Set(found.filter((one) => one.place.endsWith(place)).map(({ canary }) => canary));
    expect(at('data/claviger.db')).toEqual(new Set(['binary value', 'value']));
    expect(at('holder.log')).toEqual(new Set(['binary value', 'value']));
    for (const [index, { name }] of canaries.entries()) expect(at(`/said-${index}`)).toContain(name);
  },
);
