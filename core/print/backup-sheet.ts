import type { Locale } from '../contract/messages/locale.ts';
import { backupLines, encodeBackup } from './backup-text.ts';
import { clearBoxes, drawCodes, placeCodes, rangeOf, type Grid } from './code-grid.ts';
import { instructions, writingLines } from './form.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, slackOf, type Page, type PaperName } from './page.ts';
import { clearBox, codeOf, drawCode, type Code } from './qr.ts';
import { trainingMark } from './training.ts';
import { COLOURS, field, groupedHex, groupedWords, paragraph, put, STYLES, utc } from './type.ts';
import { typedLines } from './typed-lines.ts';
import { say } from './say.ts';

/** A key wrapped under the master key, on paper: without it the shares recover nothing. */
export type BackupSheet = {
  language: Locale;
  organisation: string;
  /** The ceremony's title. */
  ceremony: string;
  ceremonyId: string;
  /** The key's label in the token. */
  label: string;
  algorithm: string;
  /** As the token names it: RFC5649, RFC3394, or a vendor's own wrap. */
  mechanism: string;
  /** Hex, both: what opens it. */
  masterKeyId: string;
  setId: string;
  /** The wrapped key: 1 to 9600 bytes. */
  blob: Uint8Array;
  /** Hex. */
  blobSha256: string;
  /** The fingerprint of the key's certificate as words; empty for a key that has none. */
  certificateWords: string[];
  madeAt: Date;
  training: boolean;
  paper: PaperName;
};

const CODES_AT = 206;
/** One code: as large as a share's. Several: four a page. */
const SINGLE_SIZE = (60 / 25.4) * 72;
const SEVERAL_SIZE = 184;

/** One page with two copies and typable lines for an EC key, numbered codes over several pages for an RSA key. */
export async function printBackupSheet(sheet: BackupSheet): Promise<Uint8Array> {
  const { language, label } = sheet;
  const document = say({ language }, 'backup.document', { label });
  const page = beginDocument(sheet.paper, document, sheet.madeAt, language);
  const texts = encodeBackup(sheet.blob);
  const codes = texts.map((text) => codeOf(text, 'H'));
  const [text = ''] = texts;
  const [code] = codes;
  if (code && codes.length === 1) onePage(page, sheet, code, text);
  else severalPages(page, sheet, codes);
  return finish(page);
}

function onePage(page: Page, sheet: BackupSheet, code: Code, text: string): void {
  const { doc, left, right } = page;
  const give = slackOf(page) / 4;
  const codesAt = CODES_AT + give;
  const copies = [left, right - SINGLE_SIZE];
  const below = codesAt + SINGLE_SIZE + 14;
  addPage(page);
  if (sheet.training) {
    const clear = copies.map((x) => clearBox(code, x, codesAt, SINGLE_SIZE));
    trainingMark(page, { x: left, y: below, width: COLUMN, height: page.height - 80 - below }, clear);
  }
  headOf(page, sheet);
  for (const x of copies) drawCode(doc, code, x, codesAt, SINGLE_SIZE);
  const width = COLUMN - 2 * SINGLE_SIZE - 40;
  const middle = left + (COLUMN - width) / 2;
  const at = paragraph(
    doc,
    say(page, 'sheet.codes'),
    middle,
    codesAt + 43,
    width,
    { face: 'bold', size: 11 },
    {
      align: 'centre',
      leading: 14,
    },
  );
  paragraph(doc, say(page, 'backup.encrypted'), middle, at + 4, width, STYLES.body, { align: 'centre' });

  const lines = backupLines(text);
  const linesAt = below + 18 + give * 0.5;
  put(doc, say(page, 'backup.toType'), left, linesAt - 6, STYLES.small);
  const rows = Math.ceil(lines.length / 2);
  const formPitch = 31 + give * 0.3;
  const room = page.height - 47 - 64 - formPitch * 2 - 24 - linesAt;
  const rowHeight = Math.min(19.5 + give * 0.2, room / rows);
  const block = { y: linesAt, width: (COLUMN - 27) / 2, rowHeight, size: Math.min(12, rowHeight * 0.65) };
  typedLines(page, lines.slice(0, rows), { ...block, x: left });
  typedLines(page, lines.slice(rows), { ...block, x: right - block.width });
  closing(page, linesAt + rows * rowHeight + 24 + give * 0.4, formPitch, true);
  footOf(page, sheet, 1, 1);
}

function severalPages(page: Page, sheet: BackupSheet, codes: Code[]): void {
  const give = slackOf(page) / 4;
  const formPitch = 31 + give * 0.3;
  const formAt = page.height - 101 - formPitch;
  const grid = placeCodes(page, codes, {
    columns: 2,
    size: SEVERAL_SIZE,
    firstPageTop: CODES_AT + 17 + give * 0.7,
    firstPageBottom: formAt - 8,
    top: 92,
    bottom: page.height - 52,
  });
  for (let index = 0; index < grid.pages; index++) {
    addPage(page);
    if (sheet.training) trainingBehind(page, grid, index);
    if (index === 0) {
      headOf(page, sheet);
      put(
        page.doc,
        say(page, 'backup.severalCodes', { count: codes.length, bytes: sheet.blob.length }),
        page.left,
        CODES_AT - 1 + give * 0.35,
        STYLES.strong,
        { width: COLUMN },
      );
      closing(page, formAt, formPitch, false);
    } else {
      runningHeader(page, {
        left: say(page, 'backup.running', { label: sheet.label }),
        right: rangeOf(page, grid, index),
        training: sheet.training,
      });
    }
    drawCodes(page, grid, index);
    footOf(page, sheet, index + 1, grid.pages);
  }
}

/** In the gutter between the two columns, where the word stays whole. */
function trainingBehind(page: Page, grid: Grid, index: number): void {
  const clear = clearBoxes(grid, index);
  const top = Math.min(...clear.map(({ y }) => y));
  const bottom = Math.max(...clear.map(({ y, height }) => y + height));
  const gutter = COLUMN - 2 * SEVERAL_SIZE - 32;
  trainingMark(page, { x: page.left + (COLUMN - gutter) / 2, y: top, width: gutter, height: bottom - top }, clear);
}

function headOf(page: Page, sheet: BackupSheet): void {
  header(page, {
    title: say(page, 'backup.title'),
    lines: [sheet.organisation, sheet.ceremony],
    aside: { large: '', upper: sheet.algorithm, lower: say(page, 'backup.bytes', { bytes: sheet.blob.length }) },
    training: sheet.training,
  });
  const { doc, left } = page;
  const labelWidth = 76;
  const half = left + 292;
  const mono = { face: 'monoBold', size: 9 } as const;
  const side = { x: half, labelWidth: 58, width: COLUMN - 292 };
  const main = { x: left, labelWidth, width: 282 };
  field(doc, say(page, 'backup.key'), sheet.label, { ...main, baseline: 126 }, STYLES.heading);
  field(doc, say(page, 'sheet.made'), utc(sheet.madeAt), { ...side, baseline: 126 });
  field(doc, say(page, 'sheet.masterKey'), groupedHex(sheet.masterKeyId), { ...main, baseline: 142 }, mono);
  field(doc, say(page, 'backup.wrappedBy'), mechanismName(sheet.mechanism), { ...side, baseline: 142 });
  field(doc, say(page, 'sheet.shareSet'), groupedHex(sheet.setId), { ...main, baseline: 158 }, mono);
  field(doc, say(page, 'sheet.ceremony'), sheet.ceremonyId, { ...side, baseline: 158 });
  if (sheet.certificateWords.length > 0) {
    field(doc, say(page, 'backup.certificate'), groupedWords(sheet.certificateWords), {
      x: left,
      labelWidth,
      width: COLUMN,
      baseline: 174,
    });
  }
  field(
    doc,
    say(page, 'backup.blob'),
    groupedHex(sheet.blobSha256),
    { x: left, labelWidth, width: COLUMN, baseline: 188 },
    { face: 'mono', size: 8, colour: COLOURS.ink },
  );
}

function mechanismName(mechanism: string): string {
  if (mechanism === 'YUBIHSM-AES-CCM') return 'YubiHSM 2, AES-CCM';
  if (mechanism === 'RFC3394') return 'AES-KW, RFC 3394';
  return mechanism === 'RFC5649' ? 'AES-KWP, RFC 5649' : mechanism;
}

function closing(page: Page, at: number, pitch: number, twoRows: boolean): void {
  if (twoRows) {
    writingLines(page, [say(page, 'form.bag'), say(page, 'form.seal'), say(page, 'sheet.keptAt')], at);
    writingLines(
      page,
      [say(page, 'form.date'), say(page, 'form.witness'), say(page, 'form.administrator')],
      at + pitch,
    );
  } else {
    const who = [say(page, 'form.witnessShort'), say(page, 'form.administratorShort')];
    writingLines(page, [say(page, 'form.bagAndSeal'), say(page, 'form.date'), ...who], at);
  }
  instructions(
    page,
    [
      { heading: say(page, 'sheet.whatItIs'), text: say(page, 'backup.whatText') },
      { heading: say(page, 'sheet.store'), text: say(page, 'backup.storeText') },
      { heading: say(page, 'backup.lost'), text: say(page, 'backup.lostText') },
      { heading: say(page, 'sheet.withoutClaviger'), text: say(page, 'backup.withoutText') },
    ],
    at + (twoRows ? 2 : 1) * pitch + 7,
  );
}

function footOf(page: Page, sheet: BackupSheet, number: number, pages: number): void {
  footer(page, {
    left: say(page, 'backup.foot', { label: sheet.label, ceremony: sheet.ceremonyId }),
    right: say(page, 'foot.page', { number, count: pages, paper: sheet.paper }),
    below: say(page, 'backup.footBlob', { hash: groupedHex(sheet.blobSha256) }),
  });
}
