import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ARGON2_COST } from '../../core/hsm/software/pin-key.ts';
import { SoftwareToken } from '../../core/hsm/software/software-token.ts';
import { refused } from './refused.ts';

const LOW_COST = { memoryKiB: 7168, passes: 5, parallelism: 1 };
const PIN = Buffer.from('correct horse battery');

let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'claviger-software-'));
  folder = join(parent, 'token');
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

function open(): SoftwareToken {
  const token = new SoftwareToken(folder, 'training', LOW_COST);
  token.login(PIN, null);
  return token;
}

function keyFiles(): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('key-'))
    .map((name) => join(folder, name));
}

/** Changes what stands in a JSON file, as somebody with an editor would. */
function edit(path: string, change: (content: Record<string, never>) => void): void {
  const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, never>;
  change(content);
  writeFileSync(path, JSON.stringify(content));
}

test('the first login sets the PIN, and the default cost of it', async () => {
  const token = new SoftwareToken(folder, 'training');
  expect(token.info()).toMatchObject({ kind: 'software', initialised: false, serial: '', location: folder });
  await refused('TOKEN_FAILED', () => token.inventory());
  token.login(PIN, null);
  expect(token.info()).toMatchObject({ initialised: true, needsSecurityOfficer: false });
  token.close();
  const { identity } = JSON.parse(readFileSync(join(folder, 'token.json'), 'utf8')) as { identity: { kdf: object } };
  expect(identity.kdf).toMatchObject({ algorithm: 'argon2id', cost: ARGON2_COST });
  const again = new SoftwareToken(folder, 'training');
  expect(again.info().initialised).toBe(true);
  await refused('PIN_WRONG', () => {
    again.login(Buffer.from('correct horse'), null);
  });
  again.login(PIN, null);
  again.close();
  await refused('TOKEN_FAILED', () => again.inventory());
});

test('folder 0700, files 0600, nothing secret in the clear, no draft left', () => {
  const token = open();
  const masterKey = randomBytes(32);
  token.importMasterKey('master', masterKey);
  token.generateKey({ label: 'ca', algorithm: 'EC-P384', purpose: 'ca' });
  token.close();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).every((name) => name === 'token.json' || /^key-[0-9a-f]{32}\.json$/.test(name))).toBe(
    true,
  );
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    for (const secret of [masterKey, PIN]) {
      for (const form of ['base64', 'hex', 'latin1'] as const) expect(text).not.toContain(secret.toString(form));
    }
  }
});

test('the draft of a process that was killed goes at the next login, that of one which still writes stays', () => {
  open().close();
  const name = `key-${'0'.repeat(32)}.json`;
  const { pid: ended } = spawnSync('true');
  for (const pid of [ended, process.ppid])
    writeFileSync(join(folder, `${name}.${pid}.new`), 'half a ke', { mode: 0o600 });
  open().close();
  expect(readdirSync(folder)).toEqual([`${name}.${process.ppid}.new`, 'token.json']);
});

test('a token of another label is not this one', async () => {
  open().close();
  expect(await refused('TOKEN_MISSING', () => new SoftwareToken(folder, 'other'))).toEqual({ label: 'other' });
});

test('a folder or file that others may read is not used', async () => {
  open().close();
  chmodSync(folder, 0o750);
  expect((await refused('STORE_UNSAFE', () => new SoftwareToken(folder, 'training'))).mode).toBe('750');
  chmodSync(folder, 0o700);
  chmodSync(join(folder, 'token.json'), 0o644);
  await refused('STORE_UNSAFE', () => new SoftwareToken(folder, 'training'));
});

test('a cost below the floor is refused before the PIN is tried', async () => {
  open().close();
  for (const cost of [
    { memoryKiB: 1024, passes: 40, parallelism: 1 },
    { memoryKiB: 7168, passes: 4, parallelism: 1 },
  ]) {
    edit(join(folder, 'token.json'), (content) => {
      Object.assign((content as unknown as { identity: { kdf: object } }).identity.kdf, { cost });
    });
    await refused('STORE_DAMAGED', () => new SoftwareToken(folder, 'training'));
  }
});

test('a dearer cost than was stored is not the same PIN key', async () => {
  open().close();
  edit(join(folder, 'token.json'), (content) => {
    Object.assign((content as unknown as { identity: { kdf: { cost: object } } }).identity.kdf.cost, { passes: 6 });
  });
  await refused('PIN_WRONG', open);
});

test('label and attributes belong to the key', async () => {
  const token = open();
  token.generateKey({ label: 'ledger', algorithm: 'EC-P256', purpose: 'service' });
  token.importMasterKey('master', randomBytes(32));
  const file = keyFiles().find((path) => readFileSync(path, 'utf8').includes('ledger')) as string;
  const header = (content: unknown) => (content as { header: { label: string; attributes: object } }).header;
  edit(file, (content) => {
    header(content).label = 'root';
  });
  await refused('STORE_DAMAGED', () => token.sign('root', Buffer.from('message'), 'SHA-256'));
  edit(file, (content) => {
    header(content).label = 'ledger';
    Object.assign(header(content).attributes, { extractable: true });
  });
  await refused('STORE_DAMAGED', () => token.wrap('master', 'ledger'));
  edit(file, (content) => {
    Object.assign(header(content).attributes, { extractable: false });
  });
  expect(token.sign('ledger', Buffer.from('message'), 'SHA-256').length).toBeGreaterThan(60);
  token.close();
});

test('a file that is no key, or a key of another token, is named', async () => {
  const token = open();
  token.generateKey({ label: 'ca', algorithm: 'EC-P256', purpose: 'ca' });
  const [file] = keyFiles() as [string];
  edit(file, (content) => {
    Object.assign((content as unknown as { header: object }).header, { token: '0011223344556677' });
  });
  expect((await refused('STORE_DAMAGED', () => token.inventory())).path).toBe(file);
  writeFileSync(file, '{');
  expect((await refused('STORE_DAMAGED', () => token.inventory())).path).toBe(file);
  token.close();
});

test('two keys of one label are ambiguous', async () => {
  const token = open();
  token.generateKey({ label: 'twin', algorithm: 'EC-P256', purpose: 'ca' });
  const [file] = keyFiles() as [string];
  copyFileSync(file, join(folder, `key-${'0'.repeat(32)}.json`));
  await refused('KEY_AMBIGUOUS', () => token.sign('twin', Buffer.from('message'), 'SHA-256'));
  token.close();
});

test('a place that cannot be written says so', async () => {
  writeFileSync(folder, 'a file where the folder should be');
  const blocked = new SoftwareToken(join(folder, 'below'), 'training', LOW_COST);
  await refused('OUTPUT_UNWRITABLE', () => {
    blocked.login(PIN, null);
  });
});

test('data that was altered, or belongs to another label or token, is not believed', async () => {
  const token = open();
  token.writeData('checkpoint', Buffer.from('tree of 40 rows'));
  token.writeData('other', Buffer.from('tree of 41 rows'));
  const [one, other] = readdirSync(folder)
    .filter((name) => name.startsWith('data-'))
    .map((name) => join(folder, name)) as [string, string];
  const labels = [one, other].map(
    (path) => (JSON.parse(readFileSync(path, 'utf8')) as { header: { label: string } }).header.label,
  ) as [string, string];
  const before = readFileSync(one);
  expect(before.toString()).not.toContain('tree');
  copyFileSync(other, one);
  expect((await refused('STORE_DAMAGED', () => token.readData(labels[0]))).path).toBe(one);
  writeFileSync(one, before);
  edit(one, (content) => {
    (content as unknown as { header: { token: string } }).header.token = '0000000000000000';
  });
  expect((await refused('STORE_DAMAGED', () => token.readData(labels[0]))).path).toBe(one);
  writeFileSync(one, '{');
  await refused('STORE_DAMAGED', () => token.contents());
  writeFileSync(one, before);
  expect(token.readData(labels[0])).not.toBe(null);
  token.close();
  await refused('TOKEN_FAILED', () => token.readData(labels[0]));
});
