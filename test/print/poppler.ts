import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What other programs make of a PDF: poppler's tools, and zbar's on the picture. */

function withFile<T>(pdf: Uint8Array, use: (path: string, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-print-'));
  try {
    const path = join(folder, 'sheet.pdf');
    writeFileSync(path, pdf);
    return use(path, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(command: string, args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 });
}

export function pageCount(pdf: Uint8Array): number {
  return Number(/^Pages:\s+(\d+)$/m.exec(withFile(pdf, (path) => run('pdfinfo', [path])))?.[1]);
}

/** One page as a PNG file's bytes. */
export function pagePng(pdf: Uint8Array, dpi: number, page = 1): Uint8Array<ArrayBuffer> {
  return withFile(pdf, (path, folder) => {
    run('pdftoppm', [
      '-r',
      `${dpi}`,
      '-f',
      `${page}`,
      '-l',
      `${page}`,
      '-png',
      '-singlefile',
      path,
      join(folder, 'page'),
    ]);
    return new Uint8Array(readFileSync(join(folder, 'page.png')));
  });
}

export type Pixels = { width: number; height: number; rgb: Uint8Array };

/** One page as bare pixels (portable pixmap, P6). */
export function pagePixels(pdf: Uint8Array, dpi: number): Pixels {
  return withFile(pdf, (path, folder) => {
    run('pdftoppm', ['-r', `${dpi}`, '-f', '1', '-singlefile', path, join(folder, 'page')]);
    const bytes = readFileSync(join(folder, 'page.ppm'));
    const [head = '', width, height] = /^P6\s(\d+)\s(\d+)\s255\s/.exec(bytes.toString('latin1', 0, 40)) ?? [];
    return { width: Number(width), height: Number(height), rgb: new Uint8Array(bytes.subarray(head.length)) };
  });
}

/** The texts that zbarimg reads from a picture. */
export function zbarTexts(png: Uint8Array): string[] {
  return withFile(png, (path) =>
    run('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path]).trim().split('\n'),
  );
}

export function textOf(pdf: Uint8Array): string {
  return withFile(pdf, (path) => run('pdftotext', ['-layout', path, '-']));
}

/** Every font as pdffonts lists it: whether it is embedded, and whether only what is used of it. */
export function fontsOf(pdf: Uint8Array): { name: string; embedded: boolean; subset: boolean }[] {
  const rows = withFile(pdf, (path) => run('pdffonts', [path]))
    .trim()
    .split('\n')
    .slice(2);
  return rows.map((row) => {
    const [name = ''] = row.split(/\s+/);
    const [, embedded, subset] = / (yes|no) +(yes|no) +(?:yes|no) +\d+ +\d+$/.exec(row) ?? [];
    return { name, embedded: embedded === 'yes', subset: subset === 'yes' };
  });
}

export type Word = { text: string; left: number; right: number; top: number; bottom: number };
export type PageOfWords = { width: number; height: number; words: Word[] };

/** Where each word stands, in points. */
export function wordsOnPages(pdf: Uint8Array): PageOfWords[] {
  const html = withFile(pdf, (path) => run('pdftotext', ['-bbox', path, '-']));
  return html
    .split('<page ')
    .slice(1)
    .map((page) => {
      const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(page) ?? [];
      const words = page.matchAll(/xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)</g);
      return {
        width: Number(width),
        height: Number(height),
        words: Array.from(words, ([, left, top, right, bottom, text = '']) => ({
          text,
          left: Number(left),
          right: Number(right),
          top: Number(top),
          bottom: Number(bottom),
        })),
      };
    });
}

/** Pairs of words that would be printed over each other. The boxes are cut to about the height of small letters. */
export function overlaps({ words }: PageOfWords): [string, string][] {
  const pairs: [string, string][] = [];
  const ink = words.map(({ text, left, right, top, bottom }) => ({
    text,
    left: left + 0.5,
    right: right - 0.5,
    top: top + (bottom - top) * 0.35,
    bottom: bottom - (bottom - top) * 0.25,
  }));
  ink.forEach((one, index) => {
    for (const other of ink.slice(index + 1)) {
      const apart =
        one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
      if (!apart) pairs.push([one.text, other.text]);
    }
  });
  return pairs;
}
