import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Canary } from './forms.ts';
import { Ground } from './ground.ts';
import { searchAll } from './leaks.ts';
import { drawn } from './marked.ts';
import { heardOf, keysIn, recipientOf, useLedger } from './vault-evidence.ts';
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

test(
  'through every way of a vault, nothing secret is in its files, logs, ledger, exports, backups, metrics and errors',
  { timeout: 600_000 },
  async () => {
    const ground = new Ground();
    onTestFinished(() => {
      ground.remove();
    });
    const secrets = makeSecrets();
    const recipient = recipientOf(ground);
    const heard = ground.bring('heard.jsonl', '');
    const walk: Walk = {
      ...{ data: ground.data, left: ground.left, heard, recipient },
      secrets: Object.fromEntries(
        Object.entries(secrets).map(([name, bytes]) => [name, bytes.toString('hex')]),
      ) as Walk['secrets'],
    };
    const input = ground.bring('walk.json', JSON.stringify(walk));
    const walked = await ground.run([input], join(import.meta.dirname, 'vault-walk.ts'), { listen: false });
    expect(walked.status, walked.stderr).toBe(0);
    expect(walked.stdout).toContain('"walked"');
    await useLedger(ground, ground.data, recipient.certificate);

    const drawnByVault = heardOf(heard);
    expect(drawnByVault.map(({ name }) => name)).toEqual([
      ...['codes of ada', 'session', 'codes of keeper', 'token', 'wrong token'],
      'data key',
    ]);
    const canaries: Canary[] = [
      ...Object.entries(secrets).map(([name, bytes]) => ({ kind: KINDS_OF[name as WalkSecret], name, bytes })),
      ...drawnByVault,
      ...(await keysIn(ground.data, secrets.passphrase)),
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
