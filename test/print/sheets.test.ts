import { describe, expect, test } from 'vitest';
import { decodeBackup, decodeParts, encodeBackup } from '../../core/print/backup-text.ts';
import { printBagLabels } from '../../core/print/bag-labels.ts';
import { printBackupSheet } from '../../core/print/backup-sheet.ts';
import { printCustodySheet } from '../../core/print/custody-sheet.ts';
import { printManifestSheet } from '../../core/print/manifest-sheet.ts';
import type { PaperName } from '../../core/print/page.ts';
import { scanPdf, scanPicture, textOfPdf } from '../../core/print/scan.ts';
import { printShareSheet } from '../../core/print/share-sheet.ts';
import { printTranscript } from '../../core/print/transcript.ts';
import { fontsOf, overlaps, pageCount, pagePng, textOf, wordsOnPages, zbarTexts } from './poppler.ts';
import {
  sampleBackupSheet,
  sampleBagLabels,
  sampleCustodySheet,
  sampleHex,
  sampleManifestSheet,
  sampleShareSheet,
  sampleTranscript,
} from './samples.ts';

const PAPERS: PaperName[] = ['A4', 'Letter'];
const LONG_LABEL = 'the-quadrennial-root-of-the-very-long-named-federal-institute-64';

function soundPages(pdf: Uint8Array): void {
  expect(fontsOf(pdf).filter(({ embedded, subset }) => !embedded || !subset)).toEqual([]);
  for (const page of wordsOnPages(pdf)) {
    const outside = page.words.filter(
      ({ left, right, top, bottom }) => left < 36 || right > page.width - 36 || top < 18 || bottom > page.height - 10,
    );
    expect(outside).toEqual([]);
    expect(overlaps(page)).toEqual([]);
  }
}

async function textsOfPictures(pdf: Uint8Array): Promise<string[]> {
  const texts: string[] = [];
  for (let page = 1; page <= pageCount(pdf); page++) texts.push(...(await scanPicture(pagePng(pdf, 150, page))));
  return texts;
}

describe.each(PAPERS)('backup sheet on %s', (paper) => {
  test.each([150, 200, 300])('a key of %i bytes: one page, two copies, the same to type', async (length) => {
    const sheet = sampleBackupSheet(length, { paper, label: LONG_LABEL });
    const pdf = await printBackupSheet(sheet);
    const [text = ''] = encodeBackup(sheet.blob);
    expect(pageCount(pdf)).toBe(1);
    expect(await scanPdf(pdf)).toEqual([text, text]);
    expect(await textsOfPictures(pdf)).toEqual([text, text]);
    expect(zbarTexts(pagePng(pdf, 150))).toEqual([text, text]);
    const printed = textOf(pdf).replace(/\s+/g, '');
    for (const line of text.match(/.{1,20}/g) ?? []) expect(printed).toContain(line);
    expect(printed).toContain(sheet.masterKeyId);
    expect(printed).toContain(sheet.setId);
    expect(printed).toContain(sheet.blobSha256);
    expect(printed).toContain(LONG_LABEL);
    expect(printed).toContain('RFC5649');
    soundPages(pdf);
  });

  test.each([2384, 9600])('a key of %i bytes: numbered codes over several pages, none to type', async (length) => {
    const sheet = sampleBackupSheet(length, { paper });
    const pdf = await printBackupSheet(sheet);
    const texts = await scanPdf(pdf);
    expect(texts).toEqual(encodeBackup(sheet.blob));
    expect(Buffer.from(decodeBackup(texts)).equals(sheet.blob)).toBe(true);
    expect(Buffer.from(decodeBackup(await textsOfPictures(pdf))).equals(sheet.blob)).toBe(true);
    const text = textOf(pdf);
    texts.forEach((_, index) => {
      expect(text).toContain(`Code ${index + 1} of ${texts.length}`);
    });
    expect(text).toContain('this key has no lines to type');
    expect(text).toContain(`Page ${pageCount(pdf)} of ${pageCount(pdf)}`);
    expect(text).not.toContain('TRAINING');
    soundPages(pdf);
  });

  test('in training every page says so and every code still reads', async () => {
    for (const length of [200, 2384]) {
      const sheet = sampleBackupSheet(length, { paper, training: true });
      const pdf = await printBackupSheet(sheet);
      expect(Buffer.from(decodeBackup(await scanPdf(pdf))).equals(sheet.blob)).toBe(true);
      expect((await textOfPdf(pdf)).match(/TRAINING/g)).toHaveLength(2 * pageCount(pdf));
    }
  });
});

describe.each(PAPERS)('manifest sheet on %s', (paper) => {
  test.each([2, 5, 15])('%i shares: every commitment, and the very file in codes', async (shareCount) => {
    for (const training of [true, false]) {
      const sheet = sampleManifestSheet(shareCount, { paper, training });
      const pdf = await printManifestSheet(sheet);
      expect(Buffer.from(decodeParts('CLVM1', await scanPdf(pdf))).equals(sheet.file)).toBe(true);
      const text = textOf(pdf);
      const printed = text.replace(/\s+/g, '');
      for (const { commitment } of sheet.manifest.shares) {
        if (!training) expect(printed).toContain(commitment);
      }
      expect(printed).toContain(sheet.fileSha256);
      expect(text.includes('TRAINING')).toBe(training);
      if (!training) soundPages(pdf);
    }
  });

  test('has no number in large type that could be taken for a share’s', async () => {
    const [page] = wordsOnPages(await printManifestSheet(sampleManifestSheet(5, { paper })));
    const tall = page?.words.filter(({ top, bottom }) => bottom - top > 40).map(({ text }) => text);
    expect(tall).toEqual([]);
    const [share] = wordsOnPages(await printShareSheet(sampleShareSheet({ paper, number: 4 })));
    expect(share?.words.filter(({ top, bottom }) => bottom - top > 40).map(({ text }) => text)).toEqual(['4']);
  });

  test('says nothing of a ledger that is not there yet', async () => {
    const text = textOf(await printManifestSheet(sampleManifestSheet(5, { paper, ledgerWords: [] })));
    expect(text).not.toContain('Ledger');
  });
});

describe.each(PAPERS)('custody register on %s', (paper) => {
  test.each([2, 5, 15])('%i shares: every bag, and a line for each who signs', async (shareCount) => {
    const sheet = sampleCustodySheet(shareCount, { paper });
    const pdf = await printCustodySheet(sheet);
    const text = textOf(pdf).replace(/\s+/g, ' ');
    for (const { sheet: paperBag, card } of sheet.register.shares) {
      for (const { bag, seal } of [paperBag, card]) {
        expect(text).toContain(bag);
        expect(text).toContain(seal);
      }
    }
    const signed = ['Chen Wei hands it over, signature', 'Lena Fischer takes it, signature', 'Witness, signature'];
    for (const line of [...signed, 'Chen Wei leaves', 'A-3001']) expect(text).toContain(line);
    expect(text.match(/, signature/g)).toHaveLength(shareCount < 3 ? 4 : 5);
    expect(text).not.toContain('TRAINING');
    expect(pageCount(pdf)).toBeLessThanOrEqual(Math.ceil((shareCount + 1) / 5));
    soundPages(pdf);
    expect(Buffer.from(await printCustodySheet(sheet)).equals(pdf)).toBe(true);
  });

  test('the first one has a line for each who receives a share', async () => {
    const { register, ...sheet } = sampleCustodySheet(5, { paper, changes: [] });
    const first = { ...register, number: 1, previous: null, changes: [] };
    const pdf = await printCustodySheet({ ...sheet, register: first });
    expect(textOf(pdf).match(/received, signature/g)).toHaveLength(5);
    expect(textOf(pdf)).not.toContain('no longer holds');
    soundPages(pdf);
  });

  test('in training every page says so', async () => {
    const { register, ...sheet } = sampleCustodySheet(15, { paper });
    const pdf = await printCustodySheet({ ...sheet, register: { ...register, mode: 'training' } });
    expect((await textOfPdf(pdf)).match(/TRAINING/g)).toHaveLength(2 * pageCount(pdf));
  });
});

describe.each(PAPERS)('bag labels on %s', (paper) => {
  test.each([2, 5, 15])(
    '%i shares: two labels for each, one for each other sheet, and the same bytes again',
    async (shareCount) => {
      const sheet = sampleBagLabels(shareCount, { paper });
      const pdf = await printBagLabels(sheet);
      const text = textOf(pdf).replace(/\s+/g, ' ');
      for (const { bag, seal, what } of sheet.labels)
        for (const told of [bag, seal, what]) expect(text).toContain(told);
      expect(text.match(/opened only in a ceremony/g)).toHaveLength(2 * shareCount + 1);
      expect(text).not.toContain('TRAINING');
      soundPages(pdf);
      expect(Buffer.from(await printBagLabels(sheet)).equals(pdf)).toBe(true);
    },
  );

  test('in training every label says so: they are cut apart', async () => {
    const pdf = await printBagLabels(sampleBagLabels(5, { paper, training: true }));
    expect(textOf(pdf).match(/TRAINING/g)).toHaveLength(11 + pageCount(pdf));
  });
});

describe.each(PAPERS)('transcript on %s', (paper) => {
  test('has every step, fact, deviation and a line for everybody to sign, on numbered pages', async () => {
    const transcript = sampleTranscript({ paper });
    const pdf = await printTranscript(transcript);
    const pages = pageCount(pdf);
    expect(pages).toBeGreaterThan(1);
    const flat = textOf(pdf).replace(/\s+/g, ' ');
    for (let page = 1; page <= pages; page++) expect(flat).toContain(`Page ${page} of ${pages}`);
    for (const { number, title } of transcript.steps) {
      expect(flat).toContain(title);
      expect(flat).toMatch(new RegExp(`\\b${number} \\d\\d:\\d\\d:\\d\\d `));
    }
    for (const { name } of transcript.participants) {
      expect(flat.split(name).length - 1).toBeGreaterThanOrEqual(2);
    }
    expect(flat).toContain('confirmed by Ruth Okafor (ceremony administrator), Şükrü Yıldız (witness)');
    expect(flat).toContain('The seal of bag 12 was torn');
    expect(flat.replace(/ /g, '')).toContain(sampleHex('file', 32));
    for (const verdict of ['GO', 'WARNING', 'NO-GO']) expect(flat).toContain(verdict);
    expect(flat).toContain('LIVE');
    expect(flat).not.toContain('TRAINING');
    soundPages(pdf);
  });

  test('in training says so on every page; without deviations says that there was none', async () => {
    const pdf = await printTranscript(sampleTranscript({ paper, mode: 'training', deviations: [] }));
    expect((await textOfPdf(pdf)).match(/TRAINING/g)?.length).toBeGreaterThanOrEqual(2 * pageCount(pdf));
    expect(textOf(pdf)).toContain('None was recorded.');
  });

  test('a step with sixty facts and a word without end stay on the paper', async () => {
    const [step] = sampleTranscript().steps;
    if (!step) throw new Error('no step');
    const facts = Array.from({ length: 60 }, (_, index) => ({
      kind: 'row' as const,
      label: `Fact ${index}`,
      value: 'x'.repeat(index * 9),
    }));
    const pdf = await printTranscript(sampleTranscript({ paper, steps: [{ ...step, facts }] }));
    const printed = textOf(pdf).replace(/\s+/g, ' ');
    for (const { label } of facts) expect(printed).toContain(label);
    soundPages(pdf);
  });
});

test('every document is the same bytes for the same input', async () => {
  for (const training of [true, false]) {
    const documents = () =>
      Promise.all([
        printBackupSheet(sampleBackupSheet(200, { training })),
        printBackupSheet(sampleBackupSheet(2384, { training })),
        printManifestSheet(sampleManifestSheet(5, { training })),
        printTranscript(sampleTranscript({ mode: training ? 'training' : 'live' })),
      ]);
    const [first, second] = [await documents(), await documents()];
    first.forEach((bytes, index) => {
      expect(Buffer.from(bytes).equals(second[index] ?? new Uint8Array())).toBe(true);
    });
  }
});
