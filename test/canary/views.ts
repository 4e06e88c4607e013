import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/** What a file says to somebody who opens it: each part is searched beside the file's own bytes. */
export type View = { name: string; bytes: Uint8Array };

/** Enough for every sheet's codes: the densest has modules of 0.5 mm. */
const DPI = 200;
/** A larger file is searched as it is: nothing that is written in base64 or hex is so large. */
const DECODED_BYTES = 4 << 20;

/** The views of a file, the file's own bytes first. */
export function viewsOf(path: string): View[] {
  const bytes = readFileSync(path);
  const views = [{ name: 'bytes', bytes }, ...opened(path, bytes)];
  return [
    ...views,
    ...views.flatMap(({ name, bytes: shown }) =>
      decoded(shown).map((part) => ({ name: `decoded ${name}`, bytes: part })),
    ),
  ];
}

function opened(path: string, bytes: Buffer): View[] {
  if (bytes.subarray(0, 5).toString() === '%PDF-') return pdfViews(path);
  if (path.endsWith('mailbox')) return [{ name: 'mail', bytes: mailsIn(bytes) }];
  if (path.endsWith('claviger.db')) return [{ name: 'rows', bytes: rowsOf(path) }];
  const key = join(dirname(path), 'recipient.key');
  if (path.endsWith('bundle.cms') && existsSync(key)) return [{ name: 'opened', bytes: openBundle(path, key) }];
  return [];
}

/** Its streams inflated, its text in two orders, and its codes read from the picture of each page. */
export function pdfViews(path: string): View[] {
  return inFolder((folder) => {
    const plain = join(folder, 'plain.pdf');
    run('qpdf', ['--qdf', '--object-streams=disable', path, plain]);
    run('pdftoppm', ['-r', `${DPI}`, '-gray', path, join(folder, 'page')]);
    const text = run('pdftotext', ['-layout', path, '-']);
    const pages = readdirSync(folder).filter((name) => name.endsWith('.pgm'));
    return [
      { name: 'inflated', bytes: readFileSync(plain) },
      { name: 'text', bytes: text },
      { name: 'typed lines', bytes: Buffer.from(typedLines(text.toString())) },
      { name: 'raw text', bytes: run('pdftotext', ['-raw', path, '-']) },
      { name: 'codes', bytes: Buffer.from(pages.flatMap((page) => codesOf(join(folder, page))).join('\n')) },
    ];
  });
}

/** The lines of a sheet that a person would type, put together without their numbers and check characters. */
function typedLines(text: string): string {
  return Array.from(text.matchAll(/^ *\d+ +((?:\w{3,4} +)+)\w{2}\b/gm), ([, groups = '']) =>
    groups.replace(/\s/g, ''),
  ).join('');
}

/** The texts of the codes on a picture; none is no error (zbarimg ends with 4). */
function codesOf(picture: string): string[] {
  const { status, stdout } = spawnSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', picture], {
    encoding: 'utf8',
  });
  if (status !== 0 && status !== 4) throw new Error(`zbarimg ended with ${status ?? 'a signal'}`);
  return stdout.trim().split('\n').filter(Boolean);
}

/** Every value of every row, each in one piece: a page of the file may hold but a part of it. */
function rowsOf(path: string): Buffer {
  return inFolder((folder) => {
    const copy = join(folder, 'claviger.db');
    copyFileSync(path, copy);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    const database = new Database(copy);
    try {
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[];
      const values = tables.flatMap((table) => database.prepare(`SELECT * FROM "${table}"`).raw().all() as unknown[][]);
      return Buffer.concat(
        values
          .flat()
          .flatMap((value) => [value instanceof Uint8Array ? value : Buffer.from(String(value)), Buffer.from('\n')]),
      );
    } finally {
      database.close();
    }
  });
}

/** What the readers of mails see: lines of JSON with what a mail server took, whose text is quoted-printable (RFC 2045, section 6.7). */
function mailsIn(lines: Buffer): Buffer {
  const mails = lines
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const texts = mails.map((line) => (JSON.parse(line) as { content: string }).content.replaceAll('=\r\n', ''));
  const letter = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
  return Buffer.from(texts.map((text) => text.replace(/=([0-9A-F]{2})/g, letter)).join('\n'), 'latin1');
}

/** What the recipient of a bundle gets. */
function openBundle(path: string, key: string): Buffer {
  return inFolder((folder) => {
    const signed = join(folder, 'signed');
    const words = ['-inform', 'DER', '-in', path, '-recip', key.replace(/key$/, 'crt'), '-inkey', key];
    run('openssl', ['cms', '-decrypt', ...words, '-out', signed]);
    return run('openssl', ['cms', '-verify', '-noverify', '-inform', 'DER', '-in', signed]);
  });
}

/** What stands in some bytes as base64 or hex, decoded from each place where it could begin. */
function decoded(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length > DECODED_BYTES) return [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const parts: Buffer[] = [];
  for (const [run64] of text.matchAll(/[A-Za-z0-9+/_-]{24,}/g)) {
    for (const start of [0, 1, 2, 3]) parts.push(Buffer.from(run64.slice(start), 'base64'));
  }
  for (const [digits] of text.matchAll(/[0-9A-Fa-f]{32,}/g)) {
    for (const start of [0, 1])
      parts.push(Buffer.from(digits.slice(start, digits.length - ((digits.length - start) % 2)), 'hex'));
  }
  return parts.length === 0 ? [] : [Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]))];
}

function run(program: string, words: string[]): Buffer {
  return execFileSync(program, words, { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-canary-view-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
