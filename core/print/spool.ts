import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, inflateSync } from 'node:zlib';
import { findCodes, scanPdf, textOfPdf } from './scan.ts';

/**
 * Whether a printer's spool still holds something that was printed. A text in a PDF is compressed, set in glyph numbers and drawn as
 * a code: so files are searched as they are, with every stream inflated, as the text that a reader would copy, and as codes.
 */
const CUPS_SPOOL = '/var/spool/cups';

/** Where the CUPS of this machine keeps its jobs: RequestRoot of cups-files.conf(5), which lies in CUPS_SERVERROOT. */
export function spoolFolder(): string {
  const path = join(process.env['CUPS_SERVERROOT'] ?? '/etc/cups', 'cups-files.conf');
  try {
    const named = existsSync(path)
      ? /^\s*RequestRoot\s+(\S.*?)\s*$/im.exec(readFileSync(path, 'utf8'))?.[1]
      : undefined;
    return named ?? CUPS_SPOOL;
  } catch {
    // It may be readable to CUPS alone.
    return CUPS_SPOOL;
  }
}

export type SpoolSearch =
  /** The folder, or something in it, may not be read by this user: nothing is known. */
  { looked: false } | { looked: true; files: number; holding: string[] };

/** `texts`: what must not be there, as it stood in a code. */
export async function searchSpool(folder: string, texts: string[]): Promise<SpoolSearch> {
  const files = filesOf(folder);
  if (files === null) return { looked: false };
  const holding: string[] = [];
  for (const { path, bytes } of files) if (await holds(bytes, texts)) holding.push(path);
  return { looked: true, files: files.length, holding };
}

/** Whether this user may look. */
export function isSearchable(folder: string): boolean {
  return filesOf(folder) !== null;
}

function filesOf(folder: string): { path: string; bytes: Uint8Array<ArrayBuffer> }[] | null {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path, bytes: new Uint8Array(readFileSync(path)) }));
  } catch {
    return null;
  }
}

async function holds(bytes: Uint8Array<ArrayBuffer>, texts: string[]): Promise<boolean> {
  const within = inflated(bytes);
  const views = [bytes, ...within].map((view) => squeezed(Buffer.from(view).toString('latin1')));
  for (const whole of [bytes, ...within.filter(isPdf)]) {
    views.push(...(isPdf(whole) ? await pdfViews(whole) : await pictureViews(whole)));
  }
  return texts.some((text) => parts(text).some((part) => views.some((view) => view.includes(part))));
}

function isPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 1024)).includes('%PDF-');
}

/** A printed line of a text is enough to know it by. */
function parts(text: string): string[] {
  return text.match(/.{20}/gu) ?? [text];
}

function squeezed(text: string): string {
  return text.replace(/\s+/gu, '').toUpperCase();
}

async function pdfViews(bytes: Uint8Array): Promise<string[]> {
  try {
    return [squeezed(await textOfPdf(bytes)), ...(await scanPdf(bytes))];
  } catch {
    // Cut off or broken: no page can be drawn, and its streams have been looked at.
    return [];
  }
}

async function pictureViews(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  try {
    return (await findCodes(bytes)).map(({ text }) => text);
  } catch {
    return [];
  }
}

/** Whatever a file has compressed by zlib or gzip: PDF streams, and files that CUPS compressed whole. */
function inflated(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const found: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at + 2 < bytes.length; at++) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    const isZlib = first === 0x78 && ((first << 8) | second) % 31 === 0;
    const isGzip = first === 0x1f && second === 0x8b;
    if (!isZlib && !isGzip) continue;
    try {
      // What follows a stream in a file is no error here.
      const options = { finishFlush: 2 };
      const read = isGzip ? gunzipSync : inflateSync;
      found.push(new Uint8Array(read(bytes.subarray(at), options)));
    } catch {
      // Two bytes that only look like the beginning of a stream.
    }
  }
  return found;
}
