import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { PaperName } from '../../core/print/page.ts';
import { scanPdf, scanPicture, textOfPdf } from '../../core/print/scan.ts';
import { printShareSheet, type ShareSheet } from '../../core/print/share-sheet.ts';
import { fontsOf, overlaps, pageCount, pagePixels, pagePng, textOf, wordsOnPages, zbarTexts } from './poppler.ts';
import { sampleLines, sampleShareSheet, sampleShareText } from './samples.ts';

const PAPERS: PaperName[] = ['A4', 'Letter'];
const LONG: Partial<ShareSheet> = {
  organisation: 'The Very Long-Named Federal Institute for Trust Services and Certification Ltd.',
  ceremony: 'Quadrennial regeneration of the root, issuing and cross-signed intermediate CAs',
  ceremonyId: '2026-11-21-quadrennial-root-and-issuing-and-cross-signed-intermediates-000042',
  custodian: 'Wilhelmina Featherstonehaugh-Cholmondeley von Hohenlohe-Waldenburg-Schillingsfürst',
  number: 14,
  shareCount: 15,
  threshold: 15,
  epoch: 255,
};

const cases = PAPERS.flatMap((paper) =>
  [true, false].flatMap((training) => [
    { name: `${paper}, training ${training}, short names`, sheet: sampleShareSheet({ paper, training }) },
    { name: `${paper}, training ${training}, long names`, sheet: sampleShareSheet({ paper, training, ...LONG }) },
  ]),
);

describe.each(cases)('share sheet, $name', ({ sheet }) => {
  test('is one page on which both copies read at 150 dpi, here and elsewhere', async () => {
    const pdf = await printShareSheet(sheet);
    expect(pageCount(pdf)).toBe(1);
    expect(await scanPdf(pdf)).toEqual([sheet.text, sheet.text]);
    const png = pagePng(pdf, 150);
    expect(await scanPicture(png)).toEqual([sheet.text, sheet.text]);
    expect(zbarTexts(png)).toEqual([sheet.text, sheet.text]);
  });

  test('has every line with its check characters as text, and every field', async () => {
    const pdf = await printShareSheet(sheet);
    const flat = (await textOfPdf(pdf)).replace(/\s+/g, ' ');
    for (const { number, groups, check } of sheet.lines) {
      expect(flat).toContain(`${number} ${groups.join(' ')} ${check}`);
    }
    // poppler sorts by place on the page and so mixes the slanting letters of TRAINING into the lines.
    const live = textOf(await printShareSheet({ ...sheet, training: false }));
    const rows = live.split('\n').map((row) => row.trim().replace(/\s+/g, ' '));
    for (const { number, groups, check } of sheet.lines) {
      expect(rows).toContain(`${number} ${groups.join(' ')} ${check}`);
    }
    for (const value of [
      sheet.organisation,
      sheet.ceremony,
      sheet.custodian,
      sheet.ceremonyId,
      '2026-11-21 14:31 UTC',
    ]) {
      expect(flat).toContain(value);
    }
    expect(flat.replace(/ · /g, ' ')).toContain(sheet.rootWords.join(' '));
    for (const label of ['Bag number', 'Seal number', 'Date', 'Custodian, signature', 'Witness, signature']) {
      expect(flat).toContain(label);
    }
    expect(flat).toContain('CLV1');
  });

  test('says TRAINING if and only if it is training', async () => {
    const count = textOf(await printShareSheet(sheet)).match(/TRAINING/g)?.length ?? 0;
    // pdftotext leaves out what is set aslant or gives it in pieces; pdfium keeps it.
    expect(count > 0).toBe(sheet.training);
    const all = (await textOfPdf(await printShareSheet(sheet))).match(/TRAINING/g)?.length ?? 0;
    expect(all).toBe(sheet.training ? 2 : 0);
  });

  test('embeds every font, prints nothing outside the margins and no word over another', async () => {
    const pdf = await printShareSheet(sheet);
    const fonts = fontsOf(pdf);
    expect(fonts.length).toBeGreaterThan(2);
    expect(fonts.filter(({ embedded, subset }) => !embedded || !subset)).toEqual([]);
    const [page] = wordsOnPages(await printShareSheet({ ...sheet, training: false }));
    if (!page) throw new Error('no page');
    const outside = page.words.filter(
      ({ left, right, top, bottom }) => left < 36 || right > page.width - 36 || top < 18 || bottom > page.height - 10,
    );
    expect(outside).toEqual([]);
    expect(overlaps(page)).toEqual([]);
  });
});

test('the same input gives the same bytes, another second another document', async () => {
  const sheet = sampleShareSheet({ training: true, custodian: 'Ελένη Παππά' });
  const first = await printShareSheet(sheet);
  expect(Buffer.from(await printShareSheet(structuredClone(sheet))).equals(first)).toBe(true);
  const later = await printShareSheet({ ...sheet, madeAt: new Date(sheet.madeAt.getTime() + 60_000) });
  expect(Buffer.from(later).equals(first)).toBe(false);
});

test('a fresh process makes the same bytes as one that has printed other names before', async () => {
  await printShareSheet(sampleShareSheet({ custodian: 'Şükrü Παππά Петровић 山' }));
  const here = createHash('sha256').update(await printShareSheet(sampleShareSheet({ custodian: 'Żółć' })));
  const script = `
    import { createHash } from 'node:crypto';
    import { printShareSheet } from './core/print/share-sheet.ts';
    import { sampleShareSheet } from './test/print/samples.ts';
    const pdf = await printShareSheet(sampleShareSheet({ custodian: 'Żółć' }));
    process.stdout.write(createHash('sha256').update(pdf).digest('hex'));`;
  const root = new URL('../..', import.meta.url);
  const there = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' });
  expect(there).toBe(here.digest('hex'));
});

test.each([
  ['Greek', 'Ελένη Παπαδοπούλου'],
  ['Cyrillic', 'Ђорђе Петровић'],
  ['Turkish', 'Şükrü İğdır Yıldız'],
  ['Polish', 'Żółć Gęślą Jaźń'],
  ['Vietnamese', 'Nguyễn Thị Phượng'],
  ['decomposed', 'Ines\u0301 Duarte\u0301'],
])('a %s name is printed as it is', async (_script, custodian) => {
  const pdf = await printShareSheet(sampleShareSheet({ custodian }));
  expect(textOf(pdf).normalize('NFC')).toContain(custodian.normalize('NFC'));
  expect(fontsOf(pdf).every(({ embedded }) => embedded)).toBe(true);
  expect(pageCount(pdf)).toBe(1);
});

test('a character without a glyph is printed as its code point, and a direction mark not at all', async () => {
  const text = textOf(await printShareSheet(sampleShareSheet({ custodian: '山 Yamada \u202Eeht' })));
  expect(text).toContain('[U+5C71] Yamada eht');
});

test('TRAINING leaves no ink in the codes or their quiet zones', async () => {
  for (const paper of PAPERS) {
    const live = pagePixels(await printShareSheet(sampleShareSheet({ paper })), 100);
    const training = pagePixels(await printShareSheet(sampleShareSheet({ paper, training: true })), 100);
    const differing = rowsThatDiffer(live, training);
    const side = Math.ceil((60 / 25.4) * 100);
    const top = topOfCodes(live);
    const bottom = top + side;
    expect(differing.size).toBeGreaterThan(300);
    const quiet = Math.floor((60 / 57) * 4 * (100 / 25.4)) - 1;
    for (let row = top - quiet; row <= bottom + quiet; row++) expect(differing.has(row)).toBe(false);
  }
});

test('a text that does not fit version 10 at level H is refused by the code, never printed smaller', async () => {
  const text = sampleShareText('long') + 'Q'.repeat(40);
  await expect(printShareSheet(sampleShareSheet({ text, lines: sampleLines(text) }))).rejects.toThrow();
});

type Pixels = ReturnType<typeof pagePixels>;

function rowsThatDiffer(one: Pixels, other: Pixels): Set<number> {
  const rows = new Set<number>();
  const stride = one.width * 3;
  for (let row = 0; row < one.height; row++) {
    const [from, to] = [row * stride, (row + 1) * stride];
    if (Buffer.compare(one.rgb.subarray(from, to), other.rgb.subarray(from, to)) !== 0) rows.add(row);
  }
  return rows;
}

/** The row where the black edge of the left code's finder pattern begins: seven modules one under the other at the margin. */
function topOfCodes({ width, height, rgb }: Pixels): number {
  const column = Math.ceil(((width / 100) * 72 - 493) / 2 / 0.72) + 2;
  const dark = (row: number) => (rgb[(row * width + column) * 3] ?? 255) < 128;
  for (let row = 0, run = 0; row < height; row++) {
    run = dark(row) ? run + 1 : 0;
    if (run === 25) return row - 24;
  }
  throw new Error('there is no code at the margin');
}

test('a sheet that was printed before says which copy it is, and is the same but for that', async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(async (copy) => textOfPdf(await printShareSheet(sampleShareSheet({ copy })))),
  );
  expect(first).toContain('Share 3 of 5 ·');
  expect(second).toBe(first?.replace('Share 3 of 5 ·', 'Share 3 of 5, copy 2 ·'));
});
