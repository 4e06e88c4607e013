import { expect, test } from 'vitest';
import { findCodes } from '../../core/print/scan.ts';
import { pictureOf, rasterised, reads, scanned, unread, wears } from './paper.ts';
import { backupSheet, manifestSheet, shareSheet } from './paper-sheets.ts';
import { noisy, randomOf, stained, torn } from './wear.ts';

/** A sample of `npm run test:paper`, which goes through every sheet at every resolution. */

test('a share sheet at 150 dpi is read in every condition, twice over', async () => {
  expect(await unread(await shareSheet(3, 'A4', true), 150, 2, 1)).toEqual([]);
});

test('and on Letter at 100 and 300 dpi', async () => {
  const sheet = await shareSheet(2, 'Letter', false);
  expect(await unread(sheet, 100, 1, 2)).toEqual([]);
  expect(await unread(sheet, 300, 1, 3)).toEqual([]);
});

test('a backup sheet of an EC key at 150 dpi, and numbered codes where nothing is torn or stained', async () => {
  expect(await unread(await backupSheet(200, 'Letter', true), 150, 1, 4)).toEqual([]);
  expect(await unread(await backupSheet(2384, 'A4', false), 150, 1, 5)).toEqual([]);
  expect(await unread(await manifestSheet(5, 'A4', true), 150, 1, 6)).toEqual([]);
});

test('the wear is real: half a code is not read, its copy is, and with both gone nothing is', async () => {
  const laid = await scanned(await shareSheet(1, 'A4', false), 150);
  const [all] = wears(150);
  const [{ page, codes: [first, second] } = { codes: [] }] = laid.pages;
  if (!all || !page || !first || !second) throw new Error('no codes');
  const random = randomOf(1);
  const half = { ...all, worn: () => torn(page, first, 0.5, random) };
  expect(await reads(laid, half, 1)).toBe(false);
  expect(await reads(laid, { ...half, read: 'one' }, 1)).toBe(true);
  const gone = torn(torn(page, first, 0.5, random), second, 0.5, random);
  expect(await findCodes(pictureOf(gone))).toEqual([]);
});

test('stain, tear and noise are as large as they say', () => {
  const page = { width: 600, height: 600, grey: new Uint8Array(360_000).fill(200) };
  const code = { x: 50, y: 50, width: 500, height: 500 };
  const changed = (worn: { grey: Uint8Array }) => worn.grey.filter((value) => value !== 200).length / 250_000;
  for (let seed = 1; seed <= 20; seed++) {
    expect(changed(stained(page, code, 0.15, randomOf(seed)))).toBeCloseTo(0.15, 1);
    expect(changed(torn(page, code, 0.2, randomOf(seed)))).toBeCloseTo(0.2, 1);
  }
  const grain = Array.from(noisy(page, 9, randomOf(3)).grey, (value) => value - 200);
  const deviation = Math.sqrt(grain.reduce((sum, value) => sum + value * value, 0) / grain.length);
  expect(deviation).toBeGreaterThan(8.9);
  expect(deviation).toBeLessThan(9.1);
});

test('a page is as large as its resolution says', async () => {
  const { pdf } = await shareSheet(1, 'A4', false);
  expect(rasterised(pdf, 100).map(({ width, height }) => [width, height])).toEqual([[827, 1170]]);
});
