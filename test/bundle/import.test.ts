import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { importBundle } from '../../core/bundle/import.ts';
import { openBundle } from '../../core/bundle/open.ts';
import type { ErrorValue, Outcome } from '../../core/contract/errors.ts';
import { wordsOf } from '../../core/contract/words.ts';
import { outcomeOf } from '../../core/process/rpc.ts';
import { memorySigner } from '../pki/memory-signer.ts';
import {
  type Authority,
  NOW,
  daysFrom,
  run,
  sampleAuthority,
  sampleRecipient,
  temporaryFolder,
} from '../pki/sample-authority.ts';
import { ITEMS, sampleBundle } from './sample-bundle.ts';

let authority: Authority;
let foreign: Authority;
let recipient: { certificate: string; key: string };
beforeAll(async () => {
  authority = await sampleAuthority('EC-P384');
  foreign = await sampleAuthority('EC-P384');
  recipient = await sampleRecipient('EC-P384');
});

/** A far side: a folder with key, root certificate and bundle, and `opened` not made yet. */
async function farSide(changes: Parameters<typeof sampleBundle>[2] = {}) {
  const sealed = await sampleBundle(authority, recipient.certificate, changes);
  const folder = temporaryFolder({
    'bundle.cms': sealed.der,
    'recipient.key': recipient.key,
    'root.crt': authority.root.pem,
    'foreign.crt': foreign.root.pem,
  });
  const at = (name: string) => join(folder, name);
  const input = { bundle: at('bundle.cms'), key: at('recipient.key'), directory: at('opened'), now: NOW };
  return { folder, at, input, sealed };
}

async function failure(work: Promise<unknown>): Promise<ErrorValue | 'imported'> {
  const outcome: Outcome<unknown> = await outcomeOf(() => work);
  return outcome.ok ? 'imported' : outcome.error;
}

const WRITTEN = ['.claviger-import.json', 'backup', 'backup/issuing.kwp', 'empty', 'issuing.crt'];
const listing = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();

test('a first import writes every item, remembers the root, and says its words', async () => {
  const { input, at } = await farSide();
  const imported = await importBundle(input);
  const { sha256 } = authority.root;
  expect(imported).toMatchObject({
    sequence: 1,
    issuer: 'CN=Export key 鍵',
    recipient: 'CN=Empfänger',
    rootSha256: sha256,
    rootWords: wordsOf(Buffer.from(sha256.slice(0, 32), 'hex')),
    trust: 'first',
  });
  expect(imported.written.map(({ path, type }) => `${path} ${type}`)).toEqual([
    'backup/issuing.kwp wrapped-key',
    'empty document',
    'issuing.crt certificate',
  ]);
  expect(listing(at('opened'))).toEqual(WRITTEN);
  for (const { path, bytes } of ITEMS) expect(readFileSync(at(`opened/${path}`))).toEqual(Buffer.from(bytes));
  expect(statSync(at('opened/issuing.crt')).mode & 0o777).toBe(0o600);
});

test('a root that was given or remembered pins the next bundle', async () => {
  const { input, at } = await farSide();
  expect((await importBundle({ ...input, root: at('root.crt') })).trust).toBe('given');

  const other = await sampleBundle(foreign, recipient.certificate, { sequence: 2 });
  writeFileSync(at('foreign.cms'), other.der);
  const foreignInput = { ...input, bundle: at('foreign.cms') };
  expect(await failure(importBundle(foreignInput))).toMatchObject({ code: 'BUNDLE_UNTRUSTED' });
  // Naming another root does not turn a folder over to it.
  expect(await failure(importBundle({ ...foreignInput, root: at('foreign.crt') }))).toMatchObject({
    code: 'BUNDLE_UNTRUSTED',
  });
  const elsewhere = { ...foreignInput, directory: at('elsewhere') };
  expect(await failure(importBundle({ ...elsewhere, root: at('root.crt') }))).toMatchObject({
    code: 'BUNDLE_UNTRUSTED',
  });
  expect(existsSync(at('elsewhere'))).toBe(false);

  const first = readFileSync(at('bundle.cms'));
  const { bundleSha256 } = await openBundle({
    bundle: first,
    privateKey: createPrivateKey(recipient.key),
    trustedRoot: null,
    now: NOW,
  });
  const next = await sampleBundle(authority, recipient.certificate, { sequence: 2, previous: bundleSha256 });
  writeFileSync(at('bundle.cms'), next.der);
  expect((await importBundle(input)).trust).toBe('remembered');
});

test('a sequence only grows, and the next number follows the bundle that was imported', async () => {
  const { input, at, sealed } = await farSide({ sequence: 4, previous: 'a'.repeat(64) });
  await importBundle(input);
  const importing = async (changes: Parameters<typeof sampleBundle>[2]) => {
    writeFileSync(at('next.cms'), (await sampleBundle(authority, recipient.certificate, changes)).der);
    return failure(importBundle({ ...input, bundle: at('next.cms') }));
  };
  expect(await failure(importBundle(input))).toMatchObject({
    code: 'BUNDLE_REPLAYED',
    params: { sequence: 4, last: 4 },
  });
  expect(await importing({ sequence: 3 })).toMatchObject({ code: 'BUNDLE_REPLAYED' });
  expect(await importing({ sequence: 5, previous: 'b'.repeat(64) })).toMatchObject({ code: 'BUNDLE_FORKED' });
  const changed = ITEMS.map((item) => ({ ...item, bytes: Buffer.from('second') }));
  expect(await importing({ sequence: 5, previous: sealed.sha256, items: changed })).toBe('imported');
  expect(readFileSync(at('opened/issuing.crt'), 'utf8')).toBe('second');
  expect(await importing({ sequence: 9, previous: 'c'.repeat(64) })).toBe('imported');
});

describe('nothing is written when', () => {
  test.each<[string, string, (side: Awaited<ReturnType<typeof farSide>>) => Promise<unknown>]>([
    ['the bundle is missing', 'FILE_MISSING', ({ input, at }) => importBundle({ ...input, bundle: at('none') })],
    ['the key is missing', 'FILE_MISSING', ({ input, at }) => importBundle({ ...input, key: at('none') })],
    ['the root is missing', 'FILE_MISSING', ({ input, at }) => importBundle({ ...input, root: at('none') })],
    ['the bundle is a folder', 'FILE_UNREADABLE', ({ input, folder }) => importBundle({ ...input, bundle: folder })],
    ['the bundle is too large', 'FILE_TOO_LARGE', ({ input }) => importBundle({ ...input, bundle: '/dev/zero' })],
    [
      'the key is a certificate',
      'KEY_FILE_INVALID',
      ({ input, at }) => importBundle({ ...input, key: at('root.crt') }),
    ],
    ['the root is a key', 'CERTIFICATE_INVALID', ({ input }) => importBundle({ ...input, root: input.key })],
    ['it has expired', 'BUNDLE_EXPIRED', ({ input }) => importBundle({ ...input, now: daysFrom(NOW, 31) })],
    [
      'the parent is missing',
      'OUTPUT_MISSING',
      ({ input, at }) => importBundle({ ...input, directory: at('no/where') }),
    ],
    ['the folder is a file', 'OUTPUT_MISSING', ({ input }) => importBundle({ ...input, directory: input.key })],
  ])('%s', async (_, code, work) => {
    const side = await farSide();
    const before = listing(side.folder);
    expect(await failure(work(side))).toMatchObject({ code });
    expect(listing(side.folder)).toEqual(before);
  });

  test('the key is of another kind, encrypted, or another key', async () => {
    const { input, at } = await farSide();
    const keyed = async (content: string) => {
      writeFileSync(at('other.key'), content);
      return failure(importBundle({ ...input, key: at('other.key') }));
    };
    const key = createPrivateKey(recipient.key);
    const encrypted = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }) as string;
    const other = memorySigner('EC-P384').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    run(at('.'), 'openssl', 'genpkey', '-algorithm', 'ed25519', '-out', 'ed.key');
    expect(await keyed(encrypted)).toMatchObject({ code: 'KEY_FILE_INVALID' });
    expect(await keyed(readFileSync(at('ed.key'), 'utf8'))).toMatchObject({ code: 'KEY_FILE_INVALID' });
    expect(await keyed(other)).toMatchObject({ code: 'BUNDLE_NOT_FOR_KEY' });
    expect(existsSync(at('opened'))).toBe(false);
  });

  test('the bundle is damaged', async () => {
    const { input, at, sealed } = await farSide();
    const damaged = Uint8Array.from(sealed.der);
    damaged[damaged.length - 100] = (damaged[damaged.length - 100] ?? 0) ^ 1;
    writeFileSync(at('bundle.cms'), damaged);
    expect(await failure(importBundle(input))).toMatchObject({ code: 'BUNDLE_DAMAGED' });
    expect(existsSync(at('opened'))).toBe(false);
  });

  test('a foreign file, folder or link stands where an item goes, or an item was changed by hand', async () => {
    const { input, at } = await farSide();
    const refusedFor = async (path: string) => {
      const before = listing(at('opened'));
      expect(await failure(importBundle(input))).toMatchObject({ code: 'OUTPUT_EXISTS', params: { path: at(path) } });
      expect(listing(at('opened'))).toEqual(before);
      rmSync(at(path), { recursive: true });
    };
    mkdirSync(at('opened'));
    writeFileSync(at('opened/issuing.crt'), 'mine');
    await refusedFor('opened/issuing.crt');
    mkdirSync(at('opened/issuing.crt'));
    await refusedFor('opened/issuing.crt');
    symlinkSync('/etc/hostname', at('opened/issuing.crt'));
    await refusedFor('opened/issuing.crt');
    mkdirSync(at('outside'));
    symlinkSync(at('outside'), at('opened/backup'));
    await refusedFor('opened/backup');
    writeFileSync(at('opened/backup'), 'a file');
    await refusedFor('opened/backup');
    expect(await failure(importBundle(input))).toBe('imported');

    const next = await sampleBundle(authority, recipient.certificate, {
      sequence: 7,
      items: ITEMS.map((item) => ({ ...item, bytes: Buffer.from('new') })),
    });
    writeFileSync(at('bundle.cms'), next.der);
    writeFileSync(at('opened/issuing.crt'), 'changed by hand');
    await refusedFor('opened/issuing.crt');
    expect(readFileSync(at('opened/backup/issuing.kwp'))).toEqual(Buffer.from([0, 1, 2, 255]));
    expect(await failure(importBundle(input))).toBe('imported');
  });

  test('what the folder remembers is damaged', async () => {
    const { input, at } = await farSide();
    await importBundle(input);
    writeFileSync(at('opened/.claviger-import.json'), '{}');
    expect(await failure(importBundle(input))).toMatchObject({ code: 'STORE_DAMAGED' });
  });
});

test('an import that a crash cut short is finished by the same import', async () => {
  const { input, at } = await farSide();
  await importBundle(input);
  // As a crash among the moves leaves it: one item in place, the others staged, nothing remembered.
  rmSync(at('opened/.claviger-import.json'));
  rmSync(at('opened/issuing.crt'));
  mkdirSync(at('opened/.claviger-staging'));
  writeFileSync(at('opened/.claviger-staging/2'), 'half of a cert');
  expect((await importBundle(input)).trust).toBe('first');
  expect(listing(at('opened'))).toEqual(WRITTEN);
  expect(readFileSync(at('opened/issuing.crt'), 'utf8')).toBe('a certificate');
});

/** Runs one import in a mount namespace of its own, after `mount` was done there. */
function importIn(mount: string, bundle: string, key: string, directory: string, after = 'true'): [ErrorValue, string] {
  const script = new URL('import-once.ts', import.meta.url).pathname;
  const commands = `${mount} && "$0" "${script}" "$1" "$2" "$3" && echo && ${after}`;
  const unshare = ['--map-root-user', '--mount', 'sh', '-e', '-c', commands, process.execPath, bundle, key, directory];
  const printed = execFileSync('unshare', unshare, { encoding: 'utf8' });
  const [outcome = '', ...rest] = printed.split('\n');
  const { error } = JSON.parse(outcome) as { error: ErrorValue };
  return [error, rest.join('\n').trim()];
}

test('a full disk leaves nothing behind', async () => {
  const items = [
    ...ITEMS,
    { path: 'sub/large', type: 'document' as const, target: 'vault', bytes: Buffer.alloc(200_000) },
  ];
  const { input, at } = await farSide({ items });
  mkdirSync(at('disk'));
  const mount = `mount -t tmpfs -o size=128k tmpfs "${at('disk')}"`;
  const [error, left] = importIn(mount, input.bundle, input.key, at('disk/opened'), `ls -A "${at('disk')}"`);
  expect(error).toMatchObject({ code: 'OUTPUT_FULL', recovery: 'retry' });
  expect(left).toBe('');
});

test('a read-only medium is unwritable', async () => {
  const { input, at } = await farSide();
  mkdirSync(at('disk'));
  chmodSync(at('disk'), 0o755);
  const [error] = importIn(`mount -t tmpfs -o ro tmpfs "${at('disk')}"`, input.bundle, input.key, at('disk/opened'));
  expect(error).toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
});
