import { execFileSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scanPdf } from '../../core/print/scan.ts';
import { printShareSheet } from '../../core/print/share-sheet.ts';
import { searchSpool } from '../../core/print/spool.ts';
import { jobEnded, jobState, listPrinters, purgePrinter, sendToPrinter } from '../../core/print/spooler.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { expectRefusal } from '../shares/sample-set.ts';
import { type Cups, startCups } from './cupsd.ts';
import { pagePng } from './poppler.ts';
import { sampleShareSheet } from './samples.ts';

/** Core's printing against a real cupsd, with cups-pdf for a printer. */
describe('CUPS', () => {
  let cups: Cups;
  beforeEach(async () => {
    cups = await startCups(['paper', 'other']);
  });
  afterEach(async () => {
    await cups.remove();
  });

  test('a share sheet goes from memory to the printer, reads back from what it printed, and is purged from the spool', async () => {
    expect(await listPrinters()).toEqual([
      { name: 'other', state: 'idle', accepting: true },
      { name: 'paper', state: 'idle', accepting: true },
    ]);
    const sheet = sampleShareSheet({ training: true });
    const job = await sendToPrinter('paper', 'sheet', await printShareSheet(sheet), 'A4');
    expect(await jobEnded(job, 60_000)).toBe('ended');
    expect(await scanPdf(new Uint8Array(readFileSync(cups.printed())))).toEqual([sheet.text, sheet.text]);

    // CUPS has kept it: a search of compressed bytes would not have seen that.
    const kept = await searchSpool(cups.spool, [sheet.text]);
    expect(kept).toMatchObject({ looked: true, holding: [join(cups.spool, 'd00001-001')] });
    expect(readFileSync(join(cups.spool, 'd00001-001')).includes(sheet.text)).toBe(false);

    await purgePrinter('paper');
    expect(await searchSpool(cups.spool, [sheet.text])).toEqual({ looked: true, files: 0, holding: [] });
    expect(await jobState(job)).toBe('unknown');
  });

  test('a job on a stopped printer waits, and is taken back whole; other printers keep theirs', async () => {
    const sheet = sampleShareSheet();
    const pdf = await printShareSheet(sheet);
    execFileSync('cupsdisable', ['paper']);
    execFileSync('cupsdisable', ['other']);
    const job = await sendToPrinter('paper', 'sheet', pdf, 'A4');
    const stays = await sendToPrinter('other', 'another', pdf, 'A4');
    expect(await jobEnded(job, 0)).toBe('waiting');
    expect((await listPrinters()).map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    await purgePrinter('paper');
    expect(await jobState(job)).toBe('unknown');
    expect(await jobState(stays)).toBe('waiting');
    expect(await searchSpool(cups.spool, [sheet.text])).toMatchObject({ holding: [join(cups.spool, 'd00002-001')] });
  });

  test('an unknown printer and one that takes nothing are refused by name', async () => {
    const pdf = await printShareSheet(sampleShareSheet());
    await expectRefusal(() => sendToPrinter('papre', 'sheet', pdf, 'A4'), 'PRINTER_UNKNOWN', {
      printer: 'papre',
      known: 'other, paper',
    });
    execFileSync('cupsreject', ['other']);
    await expectRefusal(() => sendToPrinter('other', 'sheet', pdf, 'A4'), 'PRINTER_REFUSED');
  });

  test('claviger printer list and test: the page comes out, and nothing of it is left', async () => {
    const listed = await claviger(['printer', 'list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({ printers: [{ name: 'other' }, { name: 'paper' }] });
    const tested = await claviger(['printer', 'test', '--printer', 'paper', '--spool', cups.spool, '--json']);
    expect(tested.stderr).toBe('');
    const { text, searched } = JSON.parse(tested.stdout) as { text: string; searched: number };
    expect(text).toMatch(/^TEST[02-9A-Z]{151}$/);
    expect(searched).toBe(0);
    expect(await scanPdf(new Uint8Array(readFileSync(cups.printed())))).toEqual([text, text]);
    const refused = await claviger(['printer', 'test', '--printer', 'nobody']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('PRINTER_UNKNOWN');
  });
});

test('without CUPS there is no printer, and without its programs that is said', async () => {
  const server = join(temporaryFolder(), 'no.sock');
  const none = await claviger(['printer', 'list', '--json'], { env: { CUPS_SERVER: server } });
  expect(JSON.parse(none.stdout)).toEqual({ printers: [] });
  const missing = await claviger(['printer', 'list'], { env: { PATH: '/nowhere' } });
  expect(missing.stderr).toContain('SPOOLER_MISSING');
});

test('the search of a spool finds a sheet in each form it could be left in, and says where it could not look', async () => {
  const sheet = sampleShareSheet();
  const pdf = await printShareSheet(sheet);
  const folder = temporaryFolder();
  const put = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(join(folder, name), bytes);
  };
  expect(await searchSpool(folder, [sheet.text])).toEqual({ looked: true, files: 0, holding: [] });
  put('sheet.pdf', pdf);
  put('compressed', gzipSync(pdf));
  put('cut.txt', `some of it: ${sheet.lines[3]?.groups.join(' ') ?? ''} and no more`);
  put('small.txt', sheet.text.toLowerCase());
  put('picture.png', pagePng(pdf, 150));
  const found = await searchSpool(folder, [sheet.text]);
  if (!found.looked) throw new Error('it did not look');
  const holding = found.holding.map((path) => path.slice(folder.length + 1)).sort();
  expect(holding).toEqual(['compressed', 'cut.txt', 'picture.png', 'sheet.pdf', 'small.txt']);

  // Another sheet, noise, and what is encrypted are not it.
  const other = sampleShareSheet({ number: 4, text: sheet.text.replace(/[^CLV1]/g, 'Q') });
  const clean = temporaryFolder();
  writeFileSync(join(clean, 'other.pdf'), await printShareSheet({ ...other, lines: [] }));
  writeFileSync(join(clean, 'noise'), randomBytes(100_000));
  writeFileSync(join(clean, 'sealed'), createCipheriv('aes-256-ctr', randomBytes(32), randomBytes(16)).update(pdf));
  expect(await searchSpool(clean, [sheet.text])).toEqual({ looked: true, files: 3, holding: [] });
  copyFileSync(join(folder, 'sheet.pdf'), join(clean, 'late'));
  expect(await searchSpool(clean, [sheet.text])).toMatchObject({ holding: [join(clean, 'late')] });
  expect(await searchSpool(join(clean, 'nowhere'), [sheet.text])).toEqual({ looked: false });
});
