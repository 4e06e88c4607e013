import { backupLines, encodeBackup } from './backup-text.ts';
import { clearBoxes, drawCodes, placeCodes, rangeOf, type Grid } from './code-grid.ts';
import { instructions, writingLines } from './form.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, slackOf, type Page, type PaperName } from './page.ts';
import { clearBox, codeOf, drawCode, type Code } from './qr.ts';
import { trainingMark } from './training.ts';
import { COLOURS, field, groupedHex, groupedWords, paragraph, put, STYLES, utc } from './type.ts';
import { typedLines } from './typed-lines.ts';

/** A key wrapped under the master key, on paper: without it the shares recover nothing. */
export type BackupSheet = {
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
  const page = beginDocument(sheet.paper, `Key backup ${sheet.label}`, sheet.madeAt);
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
    'Two copies, one is enough',
    middle,
    codesAt + 43,
    width,
    { face: 'bold', size: 11 },
    {
      align: 'centre',
      leading: 14,
    },
  );
  paragraph(
    doc,
    'The key is encrypted. It opens only under the master key that a quorum of the share set rebuilds.',
    middle,
    at + 4,
    width,
    STYLES.body,
    { align: 'centre' },
  );

  const lines = backupLines(text);
  const linesAt = below + 18 + give * 0.5;
  put(
    doc,
    'The same to type, if neither code can be read. Check characters close each line.',
    left,
    linesAt - 6,
    STYLES.small,
  );
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
        `${codes.length} codes, all are needed, in any order. Typing ${sheet.blob.length} bytes by hand would be absurd: this key has no lines to type.`,
        page.left,
        CODES_AT - 1 + give * 0.35,
        STYLES.strong,
        { width: COLUMN },
      );
      closing(page, formAt, formPitch, false);
    } else {
      runningHeader(page, {
        left: `Key backup  ·  ${sheet.label}`,
        right: rangeOf(grid, index),
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
    title: 'Key backup',
    lines: [sheet.organisation, sheet.ceremony],
    aside: { large: '', upper: sheet.algorithm, lower: `${sheet.blob.length} bytes, wrapped` },
    training: sheet.training,
  });
  const { doc, left } = page;
  const labelWidth = 76;
  const half = left + 292;
  const mono = { face: 'monoBold', size: 9 } as const;
  const side = { x: half, labelWidth: 58, width: COLUMN - 292 };
  const main = { x: left, labelWidth, width: 282 };
  field(doc, 'Key', sheet.label, { ...main, baseline: 126 }, STYLES.heading);
  field(doc, 'Made', utc(sheet.madeAt), { ...side, baseline: 126 });
  field(doc, 'Master key', groupedHex(sheet.masterKeyId), { ...main, baseline: 142 }, mono);
  field(doc, 'Wrapped by', mechanismName(sheet.mechanism), { ...side, baseline: 142 });
  field(doc, 'Share set', groupedHex(sheet.setId), { ...main, baseline: 158 }, mono);
  field(doc, 'Ceremony', sheet.ceremonyId, { ...side, baseline: 158 });
  if (sheet.certificateWords.length > 0) {
    field(doc, 'Certificate', groupedWords(sheet.certificateWords), {
      x: left,
      labelWidth,
      width: COLUMN,
      baseline: 174,
    });
  }
  field(
    doc,
    'Blob SHA-256',
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
    writingLines(page, ['Bag number', 'Seal number', 'Kept at'], at);
    writingLines(page, ['Date', 'Witness, signature', 'Ceremony administrator, signature'], at + pitch);
  } else {
    writingLines(page, ['Bag and seal number', 'Date', 'Witness', 'Ceremony administrator'], at);
  }
  instructions(
    page,
    [
      {
        heading: 'What it is',
        text: 'A key of the token, wrapped under the master key. The shares alone recover nothing.',
      },
      {
        heading: 'Store',
        text: 'Seal it in a bag and keep it away from the shares. The file beside it holds the same bytes.',
      },
      { heading: 'Lost or damaged', text: 'Tell the ceremony administrator, who prints it again from a medium.' },
      {
        heading: 'Without Claviger',
        text: 'recovery-by-hand.md leads from the papers to the key; backup.md is format CLVB1.',
      },
    ],
    at + (twoRows ? 2 : 1) * pitch + 7,
  );
}

function footOf(page: Page, sheet: BackupSheet, number: number, pages: number): void {
  footer(page, {
    left: `Backup of ${sheet.label}  ·  ${sheet.ceremonyId}`,
    right: `Page ${number} of ${pages}  ·  ${sheet.paper}`,
    below: `Blob SHA-256 ${groupedHex(sheet.blobSha256)}`,
  });
}
