import { instructions, writingLines } from './form.ts';
import { foldMarks, footer, header } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, slackOf, type Page, type PaperName } from './page.ts';
import { clearBox, codeOf, drawCode } from './qr.ts';
import { type Mark, trainingMark } from './training.ts';
import { field, groupedHex, groupedWords, paragraph, put, STYLES, utc } from './type.ts';
import { typedLines, typedLinesHeading, type TypedLine } from './typed-lines.ts';

/** One custodian's share on paper. Its text is encrypted under the custodian's passphrase, which is never printed. */
export type ShareSheet = {
  organisation: string;
  /** The ceremony's title. */
  ceremony: string;
  ceremonyId: string;
  custodian: string;
  number: number;
  shareCount: number;
  threshold: number;
  /** Hex. */
  setId: string;
  epoch: number;
  madeAt: Date;
  /** The root certificate's fingerprint as words; empty where there is no CA, and then nothing is said of it. */
  rootWords: string[];
  /** CLV1 and what follows: 155 characters (docs/formats/share.md). */
  text: string;
  /** The same text in lines to type. */
  lines: TypedLine[];
  /** Hex. */
  scriptSha256: string;
  training: boolean;
  /** Of a dummy set. */
  exercise?: boolean | undefined;
  paper: PaperName;
  /** From 2 where it was printed before: the room tells the two apart. */
  copy?: number | undefined;
};

/** 60 mm of black modules: measured to read at 150 dpi with a fifth of it torn off. */
const CODE_SIZE = (60 / 25.4) * 72;
const CODE_VERSION = 10;

/** One page, byte-identical for the same input: two copies of the code, the same text to type, the forms to sign. */
export async function printShareSheet(sheet: ShareSheet): Promise<Uint8Array> {
  const page = beginDocument(sheet.paper, `Key share ${sheet.number} of ${sheet.shareCount}`, sheet.madeAt);
  addPage(page);
  const { doc, left, right } = page;
  const give = slackOf(page) / 4;

  const code = codeOf(sheet.text, 'H', CODE_VERSION);
  const codesAt = 196 + give;
  const linesAt = codesAt + CODE_SIZE + 33 + give * 0.6;
  const rowHeight = 19.5 + give * 0.12;
  const linesEnd = linesAt + sheet.lines.length * rowHeight;
  const secondCode = right - CODE_SIZE;
  const copies = [left, secondCode].map((x) => clearBox(code, x, codesAt, CODE_SIZE));

  if (sheet.training || sheet.exercise) {
    const top = codesAt + CODE_SIZE + 16;
    trainingMark(page, { x: left, y: top, width: COLUMN, height: page.height - 70 - top }, copies, markOf(sheet));
  }
  header(page, {
    title: sheet.exercise ? 'Dummy share' : 'Key share',
    lines: [sheet.organisation, sheet.ceremony],
    aside: {
      large: String(sheet.number),
      upper: `of ${sheet.shareCount}`,
      lower: sheet.threshold === sheet.shareCount ? 'all recover' : `any ${sheet.threshold} recover`,
    },
    training: sheet.training,
    exercise: sheet.exercise,
  });
  whoAndWhat(page, sheet);

  for (const x of [left, secondCode]) drawCode(doc, code, x, codesAt, CODE_SIZE);
  betweenTheCodes(page, codesAt);
  foldMarks(page, [codesAt + CODE_SIZE + 17, linesEnd + 18], [page.width / 2]);

  typedLinesHeading(page, left, COLUMN, linesAt - 6, 'The same share to type, if neither code can be read');
  typedLines(page, sheet.lines, { x: left, y: linesAt, width: COLUMN, rowHeight, size: 16.5 });
  put(
    doc,
    'After CLV1 there is no letter B, I or O and no digit 1: what looks like an O is a zero. A wrong character is named with its line.',
    left,
    linesEnd + 11,
    STYLES.small,
    { width: COLUMN },
  );

  const formAt = linesEnd + 31 + give * 0.4;
  const formPitch = 31 + give * 0.25;
  writingLines(page, ['Bag number', 'Seal number', 'Date'], formAt);
  writingLines(
    page,
    ['Custodian, signature', 'Witness, signature', 'Ceremony administrator, signature'],
    formAt + formPitch,
  );
  writingLines(page, ['Handed on to', 'Date and place', 'Signatures of both'], formAt + 2 * formPitch);
  instructions(page, whatToDo(sheet), formAt + 3 * formPitch + 8 + give * 0.25);

  footer(page, {
    left: `Share ${sheet.number} of ${sheet.shareCount}${copyOf(sheet)}  ·  ${sheet.ceremonyId}  ·  epoch ${sheet.epoch}`,
    right: `Page 1 of 1  ·  ${sheet.paper}`,
    below: `Script SHA-256 ${groupedHex(sheet.scriptSha256)}`,
  });
  return finish(page);
}

function copyOf({ copy = 1 }: ShareSheet): string {
  return copy > 1 ? `, copy ${copy}` : '';
}

const DUMMY = [
  { heading: 'Dummy', text: 'It is of an exercise. It recovers nothing, and no real recovery takes it.' },
  { heading: 'Use', text: 'Do with it what you would do with a real one: bag, seal, card, scan and type.' },
  { heading: 'Afterwards', text: 'It is counted and shredded with its card, before the exercise ends.' },
  { heading: 'Found later', text: 'Give it to the ceremony administrator. Nothing is in danger.' },
];

function whoAndWhat(page: Page, sheet: ShareSheet): void {
  const { doc, left } = page;
  const labelWidth = 76;
  const half = left + 292;
  field(doc, 'Custodian', sheet.custodian, { x: left, baseline: 126, labelWidth, width: COLUMN }, STYLES.heading);
  field(doc, 'Ceremony', sheet.ceremonyId, { x: left, baseline: 142, labelWidth, width: 280 });
  field(doc, 'Made', utc(sheet.madeAt), { x: half, baseline: 142, labelWidth: 40, width: COLUMN - 292 });
  field(
    doc,
    'Share set',
    groupedHex(sheet.setId),
    { x: left, baseline: 158, labelWidth, width: 280 },
    { face: 'monoBold', size: 9 },
  );
  field(doc, 'Epoch', String(sheet.epoch), { x: half, baseline: 158, labelWidth: 40, width: COLUMN - 292 });
  if (sheet.rootWords.length === 0) return;
  put(doc, 'Root in words', left, 174, STYLES.label);
  paragraph(doc, groupedWords(sheet.rootWords), left + labelWidth, 174, COLUMN - labelWidth, {
    face: 'bold',
    size: sheet.rootWords.length > 8 ? 8 : 10,
  });
}

function betweenTheCodes(page: Page, codesAt: number): void {
  const { doc } = page;
  const width = COLUMN - 2 * CODE_SIZE - 40;
  const x = page.left + (COLUMN - width) / 2;
  const at = paragraph(
    doc,
    'Two copies, one is enough',
    x,
    codesAt + 37,
    width,
    { face: 'bold', size: 11 },
    {
      align: 'centre',
      leading: 14,
    },
  );
  const next = paragraph(
    doc,
    'Each code is the whole share, encrypted. Fold only at the marks. Keep it dry, flat and dark.',
    x,
    at + 4,
    width,
    STYLES.body,
    { align: 'centre' },
  );
  paragraph(
    doc,
    'The passphrase is not here: it is on a card of its own, in another bag.',
    x,
    next + 6,
    width,
    STYLES.body,
    {
      align: 'centre',
    },
  );
}

function markOf({ exercise }: ShareSheet): Mark {
  return exercise ? 'EXERCISE' : 'TRAINING';
}

function whatToDo(sheet: ShareSheet): { heading: string; text: string }[] {
  if (sheet.exercise) return DUMMY;
  const quorum =
    sheet.threshold === sheet.shareCount
      ? `All ${sheet.threshold} sheets of this set`
      : `Any ${sheet.threshold} sheets of this set`;
  return [
    {
      heading: 'Store',
      text: 'Seal this sheet in its bag in front of the witness, and the card in another. Keep the two bags apart.',
    },
    {
      heading: 'Rehearse',
      text: 'Once a year you are asked to prove that you hold it. Nobody else keeps it, copies it or takes a picture.',
    },
    {
      heading: 'Lost, damaged or seen',
      text: 'Tell the ceremony administrator the same day. Bring the bag and whatever is left of the sheet.',
    },
    {
      heading: 'Without Claviger',
      text: `${quorum}, their passphrases and a backup sheet recover a key: recovery-by-hand.md, CLV1.`,
    },
  ];
}
