import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCodes, type FoundCode, type Picture } from '../../core/print/scan.ts';
import {
  blurred,
  folded,
  noisy,
  randomOf,
  rotated,
  stained,
  torn,
  type Grey,
  type Place,
  type Random,
} from './wear.ts';

/** Sheets as a scanner sees them after some years: rasterised by poppler, worn, and read by zxing-wasm, or zbarimg where they are clean. */

/** What must be read on a sheet: `texts` are its codes, a copy as often as it stands there. A numbered code has no copy. */
export type Sheet = { name: string; pdf: Uint8Array; texts: string[]; numbered: boolean; share: boolean };

export type Wear = {
  name: string;
  dpi: 100 | 150 | 300;
  /** What is done to the page; `codes` are where they stand on it. */
  worn: (page: Grey, codes: Place[], random: Random) => Grey;
  /** `all`: every code on the sheet, both copies. `one`: every text, from whichever copy. */
  read: 'all' | 'one';
  /** Only where each code has a copy: a numbered one that is damaged is printed again from a medium. */
  copies?: true;
  /** Only of share sheets: the denser code of a backup was not read in 1 of 20 such folds. */
  shares?: true;
};

const NOISE = 9;
const STAIN = 0.15;
const TEAR = 0.2;
/** Out of focus by so many millimetres (standard deviation). */
const BLUR = 0.2;
/** Where the upper fold mark of a share sheet is, as a part of the height. */
const MARKED = 0.47;

const onEach = (worn: (page: Grey, code: Place, random: Random) => Grey): Wear['worn'] => {
  return (page, codes, random) => codes.reduce((now, code) => worn(now, code, random), page);
};
const pixels = (millimetres: number, dpi: number) => (millimetres / 25.4) * dpi;
const stain = onEach((page, code, random) => stained(page, code, STAIN, random));
const tear = onEach((page, code, random) => torn(page, code, TEAR, random));

function everything(dpi: number): Wear['worn'] {
  return (page, codes, random) => {
    const [first, second] = [codes.slice(0, 1), codes.slice(1)];
    const damaged = tear(stain(page, first, random), second, random);
    const creased = folded(damaged, MARKED, 0.5);
    return noisy(blurred(rotated(creased, -4 + 8 * random()), pixels(BLUR / 2, dpi)), NOISE, random);
  };
}

export function wears(dpi: Wear['dpi']): Wear[] {
  const turn = (name: string, degrees: (random: Random) => number): Wear => ({
    ...{ name, dpi, read: 'all' },
    worn: (page, _codes, random) => rotated(page, degrees(random)),
  });
  return [
    { name: 'clean', dpi, read: 'all', worn: (page) => page },
    turn('laid askew', (random) => 2 + 10 * random()),
    turn('laid across', () => 90),
    turn('upside down', (random) => 178 + 4 * random()),
    { name: 'out of focus', dpi, read: 'all', worn: (page) => blurred(page, pixels(BLUR, dpi)) },
    { name: 'noise of sd 9', dpi, read: 'all', worn: (page, _codes, random) => noisy(page, NOISE, random) },
    { name: 'a stain of 15 %', dpi, read: 'all', worn: stain, copies: true },
    { name: 'a tear of 20 %', dpi, read: 'all', worn: tear, copies: true },
    { name: 'folded at the marks', dpi, read: 'all', worn: (page) => folded(page, MARKED, 0.5) },
    {
      name: 'folded through a code',
      dpi,
      read: 'all',
      worn: (page, _codes, random) => folded(page, 0.26 + 0.16 * random(), 0.5),
      copies: true,
      shares: true,
    },
    { name: 'all of it', dpi, read: 'one', worn: everything(dpi), copies: true },
  ];
}

/** Every page of a PDF as grey pixels, by poppler. */
export function rasterised(pdf: Uint8Array, dpi: number): Grey[] {
  return inFolder(pdf, (path, folder) => {
    execFileSync('pdftoppm', ['-r', `${dpi}`, '-gray', path, join(folder, 'page')]);
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.pgm'))
      .sort();
    return files.map((name) => {
      const bytes = readFileSync(join(folder, name));
      const [head = '', width, height] = /^P5\s(\d+)\s(\d+)\s255\s/.exec(bytes.toString('latin1', 0, 40)) ?? [];
      return { width: Number(width), height: Number(height), grey: new Uint8Array(bytes.subarray(head.length)) };
    });
  });
}

/** What zbarimg reads on clean pages. */
export function zbarTextsOf(pages: Grey[]): string[] {
  return pages.flatMap(({ width, height, grey }) =>
    inFolder(Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), grey]), (path) =>
      execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path], { encoding: 'utf8' })
        .trim()
        .split('\n'),
    ),
  );
}

function inFolder<T>(bytes: Uint8Array, use: (path: string, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-paper-'));
  try {
    const path = join(folder, 'sheet');
    writeFileSync(path, bytes);
    return use(path, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function pictureOf({ width, height, grey }: Grey): Picture {
  const data = new Uint8ClampedArray(grey.length * 4);
  grey.forEach((value, index) => {
    data.set([value, value, value, 255], index * 4);
  });
  return { width, height, data };
}

function placeOf({ corners }: FoundCode): Place {
  const [{ x, y }, , opposite] = corners;
  return { x, y, width: opposite.x - x, height: opposite.y - y };
}

/** The sheet's pages at one resolution, and its codes where they stand while it is clean. */
export type Scanned = { sheet: Sheet; dpi: number; pages: { page: Grey; codes: Place[] }[] };

export async function scanned(sheet: Sheet, dpi: number): Promise<Scanned> {
  const pages: Scanned['pages'] = [];
  for (const page of rasterised(sheet.pdf, dpi)) {
    const codes = await findCodes(pictureOf(page));
    pages.push({ page, codes: codes.map(placeOf) });
  }
  return { sheet, dpi, pages };
}

/** Whether a worn sheet is read as it must be. What it reads is never something else: that is an error of its own. */
export async function reads({ sheet, pages }: Scanned, wear: Wear, seed: number): Promise<boolean> {
  const random = randomOf(seed);
  const found: string[] = [];
  for (const { page, codes } of pages) {
    found.push(...(await findCodes(pictureOf(wear.worn(page, codes, random)))).map(({ text }) => text));
  }
  const strange = found.filter((text) => !sheet.texts.includes(text));
  if (strange.length > 0) throw new Error(`${sheet.name}, ${wear.name}: read what is not on it`);
  if (wear.read === 'one') return sheet.texts.every((text) => found.includes(text));
  return alike(found, sheet.texts);
}

/** The same texts equally often, in whatever order a reader gives them. */
function alike(found: string[], texts: string[]): boolean {
  return [...found].sort().join('\n') === [...texts].sort().join('\n');
}

/** What is not read at one resolution, of a sheet in every condition that it must stand; empty if all is. `times` with other damage each time. */
export async function unread(sheet: Sheet, dpi: Wear['dpi'], times: number, seed: number): Promise<string[]> {
  const laid = await scanned(sheet, dpi);
  const missing: string[] = [];
  if (!alike(zbarTextsOf(laid.pages.map(({ page }) => page)), sheet.texts)) {
    missing.push(`${sheet.name}, ${dpi} dpi, clean, by zbarimg`);
  }
  for (const wear of wears(dpi)) {
    if ((wear.copies && sheet.numbered) || (wear.shares && !sheet.share)) continue;
    for (let time = 0; time < times; time++) {
      if (!(await reads(laid, wear, seed + time)))
        missing.push(`${sheet.name}, ${dpi} dpi, ${wear.name}, seed ${seed + time}`);
    }
  }
  return missing;
}
