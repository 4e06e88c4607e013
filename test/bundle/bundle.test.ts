import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { packArchive, readArchive } from '../../core/bundle/archive.ts';
import { type BundleManifest, manifestBytes, parseManifest } from '../../core/bundle/manifest.ts';
import { openBundle } from '../../core/bundle/open.ts';
import type { ErrorCode } from '../../core/contract/errors.ts';
import { envelopData, openEnvelope } from '../../core/pki/enveloped-data.ts';
import { readCertificate } from '../../core/pki/read-certificate.ts';
import { signData, verifySignedData } from '../../core/pki/signed-data.ts';
import { type MemoryKind, memorySigner } from '../pki/memory-signer.ts';
import {
  type Authority,
  NOW,
  daysFrom,
  issueUnder,
  run,
  sampleAuthority,
  sampleRecipient,
  temporaryFolder,
} from '../pki/sample-authority.ts';
import { ITEMS, sampleBundle } from './sample-bundle.ts';

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'opened'> {
  try {
    await work;
    return 'opened';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code as ErrorCode;
    throw error;
  }
}

const PAIRS: [MemoryKind, MemoryKind][] = [
  ['EC-P384', 'EC-P384'],
  ['EC-P384', 'EC-P256'],
  ['RSA-3072', 'RSA-3072'],
];

describe.each(PAIRS)('a bundle signed by %s for %s', (signing, receiving) => {
  test('opens here and, with the commands of docs/formats/bundle.md, with stock openssl and tar', async () => {
    const authority = await sampleAuthority(signing);
    const recipient = await sampleRecipient(receiving);
    const { der, sha256, manifest } = await sampleBundle(authority, recipient.certificate);
    const opened = await openBundle({
      bundle: der,
      privateKey: createPrivateKey(recipient.key),
      trustedRoot: authority.root.sha256,
      now: NOW,
    });
    expect(opened).toMatchObject({ manifest, rootSha256: authority.root.sha256, bundleSha256: sha256 });
    expect(opened.items.map(({ path, bytes }) => [path, Buffer.from(bytes)])).toEqual([
      ['backup/issuing.kwp', Buffer.from([0, 1, 2, 255])],
      ['empty', Buffer.alloc(0)],
      ['issuing.crt', Buffer.from('a certificate')],
    ]);
    expect(manifest.recipient.subject).toBe('CN=Empfänger');

    const folder = temporaryFolder({
      'bundle.cms': der,
      'root.crt': authority.root.pem,
      'recipient.crt': recipient.certificate,
      'recipient.key': recipient.key,
    });
    const page = readFileSync(new URL('../../docs/formats/bundle.md', import.meta.url), 'utf8');
    const commands = /```sh\n([^`]+)```/.exec(page)?.[1];
    if (!commands) throw new Error('the page shows no commands');
    run(folder, 'sh', '-e', '-c', commands);
    expect(readFileSync(join(folder, 'opened/backup/issuing.kwp'))).toEqual(Buffer.from([0, 1, 2, 255]));
    expect(readFileSync(join(folder, 'opened/issuing.crt'), 'utf8')).toBe('a certificate');
    expect(JSON.parse(readFileSync(join(folder, 'opened/manifest.json'), 'utf8'))).toEqual(manifest);
  });
});

test('every flipped bit is refused: all bytes around the ciphertext and a sample of it', async () => {
  for (const kind of ['EC-P384', 'RSA-3072'] as const) {
    const authority = await sampleAuthority('EC-P384');
    const recipient = await sampleRecipient(kind);
    const { der } = await sampleBundle(authority, recipient.certificate);
    const privateKey = createPrivateKey(recipient.key);
    const outcomes = new Set<string>();
    for (let position = 0; position < der.length; position += position < 700 || position > der.length - 60 ? 1 : 97) {
      const altered = Uint8Array.from(der);
      altered[position] = (altered[position] ?? 0) ^ (1 << (position % 8));
      const code = await codeOf(openBundle({ bundle: altered, privateKey, trustedRoot: null, now: NOW }));
      outcomes.add(code);
      expect(code, `byte ${position}`).toMatch(/^BUNDLE_(DAMAGED|NOT_FOR_KEY)$/);
    }
    expect(outcomes).toEqual(new Set(['BUNDLE_DAMAGED', 'BUNDLE_NOT_FOR_KEY']));
  }
});

test('a truncated or lengthened bundle, an empty one and any other file are damaged', async () => {
  const authority = await sampleAuthority('EC-P256');
  const recipient = await sampleRecipient('EC-P256');
  const { der } = await sampleBundle(authority, recipient.certificate);
  const privateKey = createPrivateKey(recipient.key);
  const codeFor = (bundle: Uint8Array) => codeOf(openBundle({ bundle, privateKey, trustedRoot: null, now: NOW }));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: der.length - 1 }), async (length) => {
      expect(await codeFor(der.subarray(0, length))).toBe('BUNDLE_DAMAGED');
    }),
    { numRuns: 60 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (more) => {
      expect(await codeFor(Buffer.concat([der, more]))).toBe('BUNDLE_DAMAGED');
      expect(await codeFor(more)).toBe('BUNDLE_DAMAGED');
    }),
    { numRuns: 60 },
  );
  expect(await codeFor(der)).toBe('opened');
});

describe('who may open and who may sign', () => {
  test('another key, another root, an expiry', async () => {
    const authority = await sampleAuthority('EC-P384');
    const recipient = await sampleRecipient('EC-P384');
    const { der } = await sampleBundle(authority, recipient.certificate);
    const open = { bundle: der, privateKey: createPrivateKey(recipient.key), trustedRoot: null, now: NOW };
    expect(await codeOf(openBundle(open))).toBe('opened');
    expect(await codeOf(openBundle({ ...open, now: daysFrom(NOW, 30) }))).toBe('opened');
    const afterwards = new Date(daysFrom(NOW, 30).getTime() + 1);
    expect(await codeOf(openBundle({ ...open, now: afterwards }))).toBe('BUNDLE_EXPIRED');
    expect(await codeOf(openBundle({ ...open, trustedRoot: '0'.repeat(64) }))).toBe('BUNDLE_UNTRUSTED');
    expect(await codeOf(openBundle({ ...open, now: daysFrom(NOW, -2) }))).toBe('BUNDLE_UNTRUSTED');
    for (const kind of ['EC-P384', 'EC-P256', 'RSA-3072'] as const) {
      const { privateKey } = memorySigner(kind);
      expect(await codeOf(openBundle({ ...open, privateKey }))).toBe('BUNDLE_NOT_FOR_KEY');
    }
  });

  test('what another root of the same name signed anew is untrusted', async () => {
    const authority = await sampleAuthority('EC-P384');
    const foreign = await sampleAuthority('EC-P384');
    const recipient = await sampleRecipient('EC-P384');
    const open = { privateKey: createPrivateKey(recipient.key), trustedRoot: authority.root.sha256, now: NOW };
    const { der } = await sampleBundle(foreign, recipient.certificate);
    expect(await codeOf(openBundle({ ...open, bundle: der }))).toBe('BUNDLE_UNTRUSTED');

    // Content of the trusted ceremony under the foreign signature, the trusted root's certificate packed in.
    const trusted = await sampleBundle(authority, recipient.certificate);
    const stolen = verifySignedData(openEnvelope(trusted.der, open.privateKey), null);
    const read = readCertificate(Buffer.from(recipient.certificate), 'recipient.crt');
    const resigned = envelopData(
      await signData({
        content: stolen.content,
        attached: true,
        signer: foreign.exportSigner,
        certificate: foreign.exporter.der,
        certificates: [authority.root.der, foreign.root.der, read.der],
        signingTime: NOW,
      }),
      read,
    );
    expect(await codeOf(openBundle({ ...open, bundle: resigned }))).toBe('BUNDLE_UNTRUSTED');
    expect(await codeOf(openBundle({ ...open, bundle: resigned, trustedRoot: null }))).toBe('BUNDLE_DAMAGED');
  });

  test('a certificate below an issuing CA of the trusted root signs no bundle', async () => {
    const authority = await sampleAuthority('EC-P384');
    const recipient = await sampleRecipient('EC-P384');
    const issuingSigner = memorySigner('EC-P384');
    const issuing = await issueUnder(authority.root, authority.rootSigner, 'issuing-ca', issuingSigner.publicKey, 'I');
    const leafSigner = memorySigner('EC-P384');
    const leaf = await issueUnder(issuing, issuingSigner, 'service', leafSigner.publicKey, 'Some server');
    const privateKey = createPrivateKey(recipient.key);
    const read = readCertificate(Buffer.from(recipient.certificate), 'recipient.crt');
    const { der } = await sampleBundle(authority, recipient.certificate);
    const { content } = verifySignedData(openEnvelope(der, privateKey), null);
    const message = await signData({
      content,
      attached: true,
      signer: leafSigner,
      certificate: leaf.der,
      certificates: [issuing.der, authority.root.der, read.der],
      signingTime: NOW,
    });
    const bundle = envelopData(message, read);
    const { sha256 } = authority.root;
    expect(await codeOf(openBundle({ bundle, privateKey, trustedRoot: sha256, now: NOW }))).toBe('BUNDLE_UNTRUSTED');
  });

  test('a bundle that its recipient encrypted anew for somebody else is not for them', async () => {
    const authority = await sampleAuthority('EC-P384');
    const first = await sampleRecipient('EC-P384');
    const second = await sampleRecipient('EC-P384');
    const { der } = await sampleBundle(authority, first.certificate);
    const message = openEnvelope(der, createPrivateKey(first.key));
    const forwarded = envelopData(message, readCertificate(Buffer.from(second.certificate), 'second.crt'));
    const open = { bundle: forwarded, privateKey: createPrivateKey(second.key), trustedRoot: null, now: NOW };
    expect(await codeOf(openBundle(open))).toBe('BUNDLE_NOT_FOR_KEY');
  });
});

async function sampleManifest(): Promise<{ manifest: BundleManifest; authority: Authority }> {
  const authority = await sampleAuthority('EC-P256');
  const { manifest } = await sampleBundle(authority, (await sampleRecipient('EC-P256')).certificate);
  return { manifest, authority };
}

const SORTED = ITEMS.toSorted((one, other) => (one.path < other.path ? -1 : 1));

test('an archive is the same bytes each time, and GNU tar lists it', async () => {
  const { manifest } = await sampleManifest();
  const archive = await packArchive(manifest, SORTED);
  expect(Buffer.from(await packArchive(manifest, SORTED)).equals(archive)).toBe(true);
  const folder = temporaryFolder({ 'a.tar': archive });
  expect(run(folder, 'tar', '--utc', '-tvf', 'a.tar').split('\n')[0]).toMatch(
    /^-rw-r--r-- 0\/0 +\d+ 1970-01-01 00:00 manifest\.json$/,
  );
  expect((await readArchive(archive)).items).toHaveLength(3);
});

type Entry = Parameters<ReturnType<typeof pack>['entry']>[0];

/** An archive made by hand, header by header. */
async function rawArchive(entries: [Entry, Uint8Array][]): Promise<Uint8Array> {
  const archive = pack();
  for (const [header, bytes] of entries) {
    archive.entry({ mode: 0o644, mtime: new Date(0), ...header }, Buffer.from(bytes));
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('an archive with anything but what its manifest names is damaged', async () => {
  const { manifest } = await sampleManifest();
  const head: [Entry, Uint8Array] = [{ name: 'manifest.json' }, manifestBytes(manifest)];
  const good = SORTED.map(({ path, bytes }): [Entry, Uint8Array] => [{ name: path }, bytes]);
  const [one, two, three] = good;
  if (!one || !two || !three) throw new Error('three items');
  expect(await codeOf(readArchive(await rawArchive([head, ...good])))).toBe('opened');
  const none = new Uint8Array();
  const bad: Record<string, Uint8Array> = {
    'a missing item': await rawArchive([head, one, two]),
    'an unknown item': await rawArchive([head, ...good, [{ name: 'more' }, none]]),
    'an item twice': await rawArchive([head, ...good, one]),
    'another order': await rawArchive([head, three, two, one]),
    'no manifest first': await rawArchive([...good, head]),
    'other bytes': await rawArchive([head, [{ name: 'backup/issuing.kwp' }, Buffer.from([0, 1, 2, 254])], two, three]),
    'another size': await rawArchive([head, one, [{ name: 'empty' }, Buffer.from('x')], three]),
    'a symbolic link': await rawArchive([
      head,
      one,
      [{ name: 'empty', type: 'symlink', linkname: '/etc' }, none],
      three,
    ]),
    'a folder': await rawArchive([head, one, [{ name: 'empty', type: 'directory' }, none], three]),
    'another mode': await rawArchive([head, one, [{ name: 'empty', mode: 0o4755 }, none], three]),
    'another owner': await rawArchive([head, one, [{ name: 'empty', uid: 1 }, none], three]),
    'an extended header': await rawArchive([head, one, [{ name: 'empty', pax: { comment: 'x' } }, none], three]),
    'bytes behind the end': Buffer.concat([await rawArchive([head, ...good]), Buffer.alloc(512)]),
    'no end': (await rawArchive([head, ...good])).subarray(0, -1024),
    nothing: none,
    noise: Buffer.alloc(2048, 0x41),
  };
  for (const [what, archive] of Object.entries(bad)) {
    expect(await codeOf(readArchive(archive)), what).toBe('BUNDLE_DAMAGED');
  }
});

test('every flipped bit of an archive is found but for those that make another valid manifest', async () => {
  const { manifest } = await sampleManifest();
  const archive = await packArchive(manifest, SORTED);
  const manifestEnd = 512 + manifestBytes(manifest).length;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: archive.length * 8 - 1 }), async (bit) => {
      // The manifest itself is what the signature stands for.
      fc.pre(bit >> 3 < 512 || bit >> 3 >= manifestEnd);
      const altered = Uint8Array.from(archive);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await codeOf(readArchive(altered))).toBe('BUNDLE_DAMAGED');
    }),
    { numRuns: 500 },
  );
});

test('signed content that is no archive is damaged', async () => {
  const authority = await sampleAuthority('EC-P384');
  const recipient = await sampleRecipient('EC-P384');
  const read = readCertificate(Buffer.from(recipient.certificate), 'recipient.crt');
  const message = await signData({
    content: Buffer.from('a letter'),
    attached: true,
    signer: authority.exportSigner,
    certificate: authority.exporter.der,
    certificates: [authority.root.der, read.der],
    signingTime: NOW,
  });
  const open = { privateKey: createPrivateKey(recipient.key), trustedRoot: null, now: NOW };
  expect(await codeOf(openBundle({ ...open, bundle: envelopData(message, read) }))).toBe('BUNDLE_DAMAGED');
  // Encrypted, but never signed.
  expect(await codeOf(openBundle({ ...open, bundle: envelopData(Buffer.from('a letter'), read) }))).toBe(
    'BUNDLE_DAMAGED',
  );
});

test('a manifest is canonical JSON and names only safe, sorted, distinct paths', async () => {
  const { manifest } = await sampleManifest();
  const [item] = manifest.items;
  if (!item) throw new Error('an item');
  expect(parseManifest(manifestBytes(manifest))).toEqual(manifest);
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const refused = expect.objectContaining({ code: 'BUNDLE_DAMAGED' }) as Error;
  expect(() => parseManifest(encode(manifest))).toThrow(refused); // the keys are in another order
  expect(() => parseManifest(Buffer.concat([manifestBytes(manifest), Buffer.from('\n')]))).toThrow(refused);
  expect(() => parseManifest(encode({ ...manifest, more: 1 }))).toThrow(refused);
  const withPaths = (...paths: string[]) => ({ ...manifest, items: paths.map((path) => ({ ...item, path })) });
  expect(parseManifest(manifestBytes(withPaths('a', 'b/c')))).toEqual(withPaths('a', 'b/c'));
  for (const paths of [
    ['b', 'a'],
    ['a', 'a'],
    ['A', 'a'],
    ['a', 'a/b'],
  ]) {
    expect(() => parseManifest(manifestBytes(withPaths(...paths))), paths.join()).toThrow(refused);
  }
  const unsafe = ['/a', '../a', 'a/../b', 'a//b', 'a/', './a', '.a', 'a\\b', 'C:a', 'a b', 'ä', '', 'manifest.json'];
  for (const path of unsafe) expect(() => manifestBytes(withPaths(path)), path).toThrow();
});

test('what cannot be sealed is refused before anything is signed', async () => {
  const authority = await sampleAuthority('EC-P256');
  const recipient = await sampleRecipient('EC-P256');
  const [item] = ITEMS;
  if (!item) throw new Error('an item');
  const seal = (changes: Parameters<typeof sampleBundle>[2]) =>
    codeOf(sampleBundle(authority, recipient.certificate, changes));
  expect(await seal({ items: [{ ...item, path: '../escape' }] })).toBe('INPUT_INVALID');
  expect(await seal({ items: [item, item] })).toBe('INPUT_INVALID');
  expect(await seal({ items: [] })).toBe('INPUT_INVALID');
  expect(await seal({ expires: NOW })).toBe('INPUT_INVALID');
  expect(await seal({ items: [{ ...item, bytes: new Uint8Array(9 * 1024 * 1024) }] })).toBe('INPUT_INVALID');
  expect(await seal({ recipientCertificate: Buffer.from('none') })).toBe('CERTIFICATE_INVALID');
});

test('the manifest names the keys behind it by their hashes', async () => {
  const { manifest, authority } = await sampleManifest();
  const folder = temporaryFolder({ 'export.crt': authority.exporter.pem });
  const key = run(folder, 'openssl', 'x509', '-in', 'export.crt', '-noout', '-pubkey');
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  expect(run(folder, 'sh', '-c', `echo ${spki.toString('base64')} | base64 -d | sha256sum`)).toContain(
    manifest.issuer.exportKeySha256,
  );
  expect(manifest.rootSha256).toBe(authority.root.sha256);
});
