import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import PDFDocument from 'pdfkit';
import QRCode from 'qrcode';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../cli/claviger.ts';
import type { Canary } from './forms.ts';
import { Ground } from './ground.ts';
import { searchAll } from './leaks.ts';
import { mark } from './marked.ts';
import { Search } from './search.ts';
import { viewsOf } from './views.ts';

/** The search can find: each secret is planted in each form, made by other means than the search's own. */

const key = new Uint8Array(randomBytes(48));
const { passphrases, pin, dice } = mark();
const CANARIES: Canary[] = [
  { kind: 'key', name: 'a key', bytes: key },
  { kind: 'plain share', name: 'a share', bytes: new Uint8Array(randomBytes(32)) },
  { kind: 'passphrase', name: 'a passphrase', bytes: Buffer.from(passphrases[0] ?? '') },
  { kind: 'PIN', name: 'a PIN', bytes: Buffer.from(pin) },
  { kind: 'dice', name: 'dice', bytes: Buffer.from(dice) },
];
const search = new Search(CANARIES);
const namesIn = (bytes: Uint8Array) => [...new Set(search.find(bytes).map(({ canary }) => canary.name))];
const noise = (length: number) => randomBytes(length);
const between = (bytes: Uint8Array, before: number) => Buffer.concat([noise(before), bytes, noise(7)]);
const wrapped = (text: string, width: number) => text.replace(new RegExp(`.{${width}}`, 'g'), '$&\n');

const FORMS: Record<string, (bytes: Buffer) => (string | Uint8Array)[]> = {
  raw: (bytes) => [bytes],
  'a part': (bytes) => (bytes.length < 32 ? [bytes] : [bytes.subarray(5, 29), bytes.subarray(-24)]),
  hex: (bytes) => [
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    bytes.toString('hex').replace(/../g, '$& '),
  ],
  'hex with colons': (bytes) => [Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')],
  base64: (bytes) => [0, 1, 2].map((before) => between(bytes, before).toString('base64')),
  base64url: (bytes) => [0, 1, 2].map((before) => between(bytes, before).toString('base64url')),
  PEM: (bytes) => [wrapped(between(bytes, 35).toString('base64'), 64), wrapped(bytes.toString('base64'), 64)],
  'PEM in JSON': (bytes) => [JSON.stringify({ pem: wrapped(between(bytes, 34).toString('base64'), 64) })],
  'UTF-16': (bytes) => {
    const little = Buffer.from(bytes.toString('latin1'), 'utf16le');
    return [little, Buffer.from(little).swap16()];
  },
  reversed: (bytes) => [Buffer.from(bytes).reverse()],
  'bytes in JSON': (bytes) => [
    JSON.stringify(bytes),
    JSON.stringify(Uint8Array.from(bytes)),
    JSON.stringify(Array.from(bytes), null, 2),
  ],
  'share alphabet': (bytes) =>
    [0, 1, 2, 3, 4].map((before) => {
      const framed = between(bytes, before);
      const bits = Array.from(framed, (byte) => byte.toString(2).padStart(8, '0')).join('');
      return bits.replace(/.{5}/g, (five) => 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.charAt(Number.parseInt(five, 2)));
    }),
  'percent-encoded': (bytes) => [bytes.toString('hex').replace(/../g, '%$&')],
};

describe.each(CANARIES)('$name', ({ name, bytes }) => {
  test.each(Object.entries(FORMS))('is found as %s', (_, plant) => {
    for (const planted of plant(Buffer.from(bytes))) {
      expect(namesIn(Buffer.concat([noise(5000), Buffer.from(planted as string), noise(5000)]))).toEqual([name]);
    }
  });
});

test('nothing is found where nothing was planted', () => {
  expect(namesIn(noise(4 << 20))).toEqual([]);
  expect(namesIn(readFileSync(import.meta.filename))).toEqual([]);
});

async function pdf(path: string, draw: (page: PDFKit.PDFDocument) => void): Promise<void> {
  const page = new PDFDocument({ compress: true });
  const stream = createWriteStream(path);
  page.pipe(stream);
  draw(page);
  page.end();
  await finished(stream);
}

const namesAt = (path: string) => {
  const found = viewsOf(path).flatMap((view) =>
    search.find(view.bytes).map(({ canary }) => `${view.name}: ${canary.name}`),
  );
  return [...new Set(found)].sort();
};

test('in a PDF: as text, as a code, and in a stream that is deflated', async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  await pdf(path('text.pdf'), (page) => page.text(`the PIN is ${pin}`));
  expect(namesAt(path('text.pdf'))).toEqual(expect.arrayContaining(['raw text: a PIN', 'text: a PIN']));
  const code = await QRCode.toBuffer(Buffer.from(key).toString('base64'), { scale: 6, margin: 4 });
  await pdf(path('code.pdf'), (page) => page.image(code, 50, 50, { width: 250 }));
  expect(namesAt(path('code.pdf'))).toContain('codes: a key');
  await pdf(path('stream.pdf'), (page) => {
    page.addContent(`% ${Buffer.from(key).toString('hex')}`);
  });
  expect(search.find(readFileSync(path('stream.pdf')))).toEqual([]);
  expect(namesAt(path('stream.pdf'))).toContain('inflated: a key');
});

test('in a row of a store that no page holds in one piece, and in base64 of hex', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'claviger.db');
  const database = new Database(path);
  database.exec('PRAGMA page_size = 512; VACUUM; CREATE TABLE row (body BLOB)');
  database.prepare('INSERT INTO row VALUES (?)').run(Buffer.concat([noise(3000), Buffer.from(passphrases[0] ?? '')]));
  database.close();
  expect(namesAt(path)).toContain('rows: a passphrase');
  const nested = join(folder, 'nested.json');
  writeFileSync(nested, JSON.stringify({ it: Buffer.from(Buffer.from(key).toString('hex')).toString('base64') }));
  expect(namesAt(nested)).toEqual(['decoded bytes: a key']);
});

test('in what a run left, under any name, and nowhere that is not allowed to that kind of secret', () => {
  const ground = new Ground();
  onTestFinished(() => {
    ground.remove();
  });
  const out = ground.out('root-and-issuing');
  mkdirSync(out);
  const [secret = '', other = ''] = passphrases;
  writeFileSync(join(out, 'passphrases.txt'), `${secret}\n${pin}\n`);
  writeFileSync(join(out, 'transcript.txt'), secret);
  writeFileSync(join(ground.left, 'tmp', `${Buffer.from(key).toString('hex')}.txt`), other);
  const { leaks, allowed } = searchAll(ground, CANARIES);
  expect(new Set(allowed.map(({ place, canary }) => `${place}: ${canary}`))).toEqual(
    new Set(['left/out-root-and-issuing/passphrases.txt: a passphrase']),
  );
  expect(new Set(leaks.map(({ place, view, canary }) => `${place.slice(0, 9)} ${view}: ${canary}`))).toEqual(
    new Set(['left/out- bytes: a PIN', 'left/out- bytes: a passphrase', 'left/tmp/ name: a key']),
  );
});
