import type { Locale } from '../contract/messages/locale.ts';
import type { ShareSetManifest } from '../shares/manifest.ts';
import { wordsOf } from '../contract/words.ts';
import { encodeParts } from './backup-text.ts';
import { clearBoxes, drawCodes, placeCodes, rangeOf } from './code-grid.ts';
import { instructions, writingLines } from './form.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, rule, type Box, type Page, type PaperName } from './page.ts';
import { codeOf } from './qr.ts';
import { trainingMark } from './training.ts';
import { COLOURS, field, groupedHex, groupedWords, put, STYLES, utc } from './type.ts';
import { say } from './say.ts';

/** The public description of a share set on paper: enough to check one share alone and to know the key when it is found. */
export type ManifestSheet = {
  language: Locale;
  organisation: string;
  /** The ceremony's title. */
  ceremony: string;
  ceremonyId: string;
  manifest: ShareSetManifest;
  /** The bytes of manifest.json as it was written: the codes hold exactly these. At most 9600. */
  file: Uint8Array;
  /** Hex. */
  fileSha256: string;
  /** The head of the ledger as words; empty if there is none yet, and then nothing is said of it. */
  ledgerWords: string[];
  /** The root certificate's fingerprint as words; empty where there is no CA, and then nothing is said of it. */
  rootWords: string[];
  madeAt: Date;
  /** Hex. */
  scriptSha256: string;
  training: boolean;
  /** Of a dummy set. */
  exercise?: boolean | undefined;
  paper: PaperName;
};

const CODE_SIZE = 140;
const TABLE_AT = 258;
const FILE_HEX = { face: 'mono', size: 8, colour: COLOURS.ink } as const;

/** One page for most sets; the codes go on to further pages when the table is long. */
export async function printManifestSheet(sheet: ManifestSheet): Promise<Uint8Array> {
  const { manifest } = sheet;
  const { language } = sheet;
  const document = say({ language }, 'manifest.document', { set: manifest.setId });
  const page = beginDocument(sheet.paper, document, sheet.madeAt, language);
  const { doc, left } = page;
  const codes = encodeParts('CLVM1', sheet.file).map((text) => codeOf(text, 'M'));
  const rowHeight = manifest.shares.length > 7 ? 15 : 20;
  const tableEnd = TABLE_AT + 6 + manifest.shares.length * rowHeight;
  const formAt = page.height - 143;
  const codesHeadingAt = tableEnd + 26;
  const grid = placeCodes(page, codes, {
    columns: 3,
    size: CODE_SIZE,
    firstPageTop: codesHeadingAt + 19,
    firstPageBottom: formAt - 10,
    top: 92,
    bottom: page.height - 52,
  });
  const onFirst = grid.placed.some(({ page: on }) => on === 0);

  for (let index = 0; index < grid.pages; index++) {
    addPage(page);
    if (sheet.training || sheet.exercise) {
      const clear = clearBoxes(grid, index);
      trainingMark(
        page,
        widestGap(index === 0 ? TABLE_AT : 80, index === 0 ? formAt : page.height - 60, clear, page),
        clear,
        sheet.exercise ? 'EXERCISE' : 'TRAINING',
      );
    }
    if (index === 0) {
      headOf(page, sheet);
      commitments(page, manifest, rowHeight);
      writingLines(page, [say(page, 'form.date'), say(page, 'form.witness'), say(page, 'form.administrator')], formAt);
      instructions(page, whatToDo(page), formAt + 36);
      const { length: count } = codes;
      const together = count === 1 ? say(page, 'manifest.oneCode') : say(page, 'manifest.codes', { count });
      const told = onFirst ? together : say(page, 'manifest.codesNext', { count });
      put(doc, told, left, codesHeadingAt, STYLES.strong, { width: COLUMN });
    } else {
      runningHeader(page, {
        left: say(page, 'manifest.running', { set: groupedHex(manifest.setId) }),
        right: rangeOf(page, grid, index),
        training: sheet.training,
      });
    }
    drawCodes(page, grid, index);
    footer(page, {
      left: say(page, 'manifest.foot', { ceremony: sheet.ceremonyId, epoch: manifest.epoch }),
      right: say(page, 'foot.page', { number: index + 1, count: grid.pages, paper: sheet.paper }),
      below: say(page, 'foot.script', { hash: groupedHex(sheet.scriptSha256) }),
    });
  }
  return finish(page);
}

/** The taller of the two bands above and below the codes. */
function widestGap(top: number, bottom: number, clear: Box[], page: Page): Box {
  const above = { y: top, height: Math.min(bottom, ...clear.map(({ y }) => y)) - top };
  const end = Math.max(top, ...clear.map(({ y, height }) => y + height));
  const below = { y: end, height: bottom - end };
  return { x: page.left, width: COLUMN, ...(below.height > above.height ? below : above) };
}

function whatToDo(page: Page): { heading: string; text: string }[] {
  return [
    { heading: say(page, 'sheet.whatItIs'), text: say(page, 'manifest.whatText') },
    { heading: say(page, 'manifest.proves'), text: say(page, 'manifest.provesText') },
    { heading: say(page, 'manifest.compare'), text: say(page, 'manifest.compareText') },
    { heading: say(page, 'sheet.withoutClaviger'), text: say(page, 'manifest.withoutText') },
  ];
}

function headOf(page: Page, sheet: ManifestSheet): void {
  const { manifest } = sheet;
  header(page, {
    title: say(page, sheet.exercise ? 'manifest.dummy' : 'manifest.title'),
    lines: [sheet.organisation, sheet.ceremony],
    aside: {
      // No large number: it would be taken for a share's.
      large: '',
      upper: say(page, 'manifest.public'),
      lower: say(page, 'manifest.recover', { threshold: manifest.threshold, count: manifest.shareCount }),
    },
    training: sheet.training,
    exercise: sheet.exercise,
  });
  const { doc, left } = page;
  const labelWidth = 76;
  const mono = { face: 'monoBold', size: 9 } as const;
  const main = { x: left, labelWidth, width: 282 };
  const side = { x: left + 292, labelWidth: 58, width: COLUMN - 292 };
  field(doc, say(page, 'sheet.shareSet'), groupedHex(manifest.setId), { ...main, baseline: 126 }, mono);
  field(doc, say(page, 'sheet.made'), utc(sheet.madeAt), { ...side, baseline: 126 });
  field(doc, say(page, 'sheet.masterKey'), groupedHex(manifest.masterKeyId), { ...main, baseline: 142 }, mono);
  field(doc, say(page, 'sheet.epoch'), String(manifest.epoch), { ...side, baseline: 142 });
  field(doc, say(page, 'manifest.keyCheck'), groupedHex(manifest.keyCheckValue), { ...main, baseline: 158 }, mono);
  field(doc, say(page, 'manifest.format'), manifest.format, { ...side, baseline: 158 });
  const wide = { x: left, labelWidth, width: COLUMN };
  field(doc, say(page, 'sheet.ceremony'), sheet.ceremonyId, { ...wide, baseline: 174 });
  if (sheet.rootWords.length > 0) {
    field(doc, say(page, 'sheet.rootWords'), groupedWords(sheet.rootWords), { ...wide, baseline: 190 });
  }
  field(doc, say(page, 'manifest.fileSha256'), groupedHex(sheet.fileSha256), { ...wide, baseline: 206 }, FILE_HEX);
  const fileWords = wordsOf(Buffer.from(sheet.fileSha256, 'hex').subarray(0, 8));
  field(doc, say(page, 'manifest.fileWords'), groupedWords(fileWords), { ...wide, baseline: 220 });
  if (sheet.ledgerWords.length > 0) {
    field(doc, say(page, 'manifest.ledgerWords'), groupedWords(sheet.ledgerWords), { ...wide, baseline: 236 });
  }
}

function commitments(page: Page, manifest: ShareSetManifest, rowHeight: number): void {
  const { doc, left } = page;
  put(doc, say(page, 'manifest.point'), left, TABLE_AT, STYLES.small);
  put(doc, say(page, 'manifest.commitment'), left + 76, TABLE_AT, STYLES.small);
  manifest.shares.forEach(({ x, commitment }, row) => {
    const top = TABLE_AT + 6 + row * rowHeight;
    rule(page, top, row === 0 ? 0.75 : 0.5, row === 0 ? COLOURS.ink : COLOURS.line);
    put(doc, String(x), left, top + rowHeight / 2 + 3, { face: 'bold', size: 10 });
    put(
      doc,
      groupedHex(commitment),
      left + 76,
      top + rowHeight / 2 + 3,
      { face: 'mono', size: 9 },
      { width: COLUMN - 76 },
    );
  });
  rule(page, TABLE_AT + 6 + manifest.shares.length * rowHeight, 0.75, COLOURS.ink);
}
