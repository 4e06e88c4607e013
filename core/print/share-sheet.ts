import type { Locale } from '../contract/messages/locale.ts';
import { instructions, writingLines } from './form.ts';
import { foldMarks, footer, header } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, slackOf, type Page, type PaperName } from './page.ts';
import { clearBox, codeOf, drawCode } from './qr.ts';
import { type Mark, trainingMark } from './training.ts';
import { field, groupedHex, groupedWords, paragraph, put, STYLES, utc } from './type.ts';
import { typedLines, typedLinesHeading, type TypedLine } from './typed-lines.ts';
import { say } from './say.ts';

/** One custodian's share on paper. Its text is encrypted under the custodian's passphrase, which is never printed. */
export type ShareSheet = {
  language: Locale;
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
  const { language, number, shareCount: count, threshold } = sheet;
  const document = say({ language }, 'share.document', { number, count });
  const page = beginDocument(sheet.paper, document, sheet.madeAt, language);
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
    title: say(page, sheet.exercise ? 'share.dummy' : 'share.title'),
    lines: [sheet.organisation, sheet.ceremony],
    aside: {
      large: String(number),
      upper: say(page, 'share.of', { count }),
      lower: threshold === count ? say(page, 'share.allRecover') : say(page, 'share.anyRecover', { threshold }),
    },
    training: sheet.training,
    exercise: sheet.exercise,
  });
  whoAndWhat(page, sheet);

  for (const x of [left, secondCode]) drawCode(doc, code, x, codesAt, CODE_SIZE);
  betweenTheCodes(page, codesAt);
  foldMarks(page, [codesAt + CODE_SIZE + 17, linesEnd + 18], [page.width / 2]);

  typedLinesHeading(page, left, COLUMN, linesAt - 6, say(page, 'share.toType'));
  typedLines(page, sheet.lines, { x: left, y: linesAt, width: COLUMN, rowHeight, size: 16.5 });
  put(doc, say(page, 'share.alphabet'), left, linesEnd + 11, STYLES.small, { width: COLUMN });

  const formAt = linesEnd + 31 + give * 0.4;
  const formPitch = 31 + give * 0.25;
  writingLines(page, [say(page, 'form.bag'), say(page, 'form.seal'), say(page, 'form.date')], formAt);
  writingLines(
    page,
    [say(page, 'form.custodian'), say(page, 'form.witness'), say(page, 'form.administrator')],
    formAt + formPitch,
  );
  writingLines(
    page,
    [say(page, 'form.handedTo'), say(page, 'form.datePlace'), say(page, 'form.signatures')],
    formAt + 2 * formPitch,
  );
  instructions(page, whatToDo(page, sheet), formAt + 3 * formPitch + 8 + give * 0.25);

  footer(page, {
    left: footOf(page, sheet),
    right: say(page, 'foot.page', { number: 1, count: 1, paper: sheet.paper }),
    below: say(page, 'foot.script', { hash: groupedHex(sheet.scriptSha256) }),
  });
  return finish(page);
}

function footOf(page: Page, { number, shareCount: count, ceremonyId: ceremony, epoch, copy = 1 }: ShareSheet): string {
  const said = { number, count, ceremony, epoch };
  return copy > 1 ? say(page, 'share.footCopy', { ...said, copy }) : say(page, 'share.foot', said);
}

function whoAndWhat(page: Page, sheet: ShareSheet): void {
  const { doc, left } = page;
  const labelWidth = 76;
  const half = left + 292;
  field(
    doc,
    say(page, 'sheet.custodian'),
    sheet.custodian,
    { x: left, baseline: 126, labelWidth, width: COLUMN },
    STYLES.heading,
  );
  field(doc, say(page, 'sheet.ceremony'), sheet.ceremonyId, { x: left, baseline: 142, labelWidth, width: 280 });
  field(doc, say(page, 'sheet.made'), utc(sheet.madeAt), {
    x: half,
    baseline: 142,
    labelWidth: 40,
    width: COLUMN - 292,
  });
  field(
    doc,
    say(page, 'sheet.shareSet'),
    groupedHex(sheet.setId),
    { x: left, baseline: 158, labelWidth, width: 280 },
    { face: 'monoBold', size: 9 },
  );
  field(doc, say(page, 'sheet.epoch'), String(sheet.epoch), {
    x: half,
    baseline: 158,
    labelWidth: 40,
    width: COLUMN - 292,
  });
  if (sheet.rootWords.length === 0) return;
  put(doc, say(page, 'sheet.rootWords'), left, 174, STYLES.label);
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
    say(page, 'sheet.codes'),
    x,
    codesAt + 37,
    width,
    { face: 'bold', size: 11 },
    {
      align: 'centre',
      leading: 14,
    },
  );
  const next = paragraph(doc, say(page, 'share.eachCode'), x, at + 4, width, STYLES.body, { align: 'centre' });
  paragraph(doc, say(page, 'share.card'), x, next + 6, width, STYLES.body, {
    align: 'centre',
  });
}

function markOf({ exercise }: ShareSheet): Mark {
  return exercise ? 'EXERCISE' : 'TRAINING';
}

function whatToDo(page: Page, sheet: ShareSheet): { heading: string; text: string }[] {
  if (sheet.exercise) {
    return (['what', 'use', 'after', 'found'] as const).map((what) => ({
      heading: say(page, `dummy.${what}`),
      text: say(page, `dummy.${what}Text`),
    }));
  }
  const { threshold } = sheet;
  return [
    { heading: say(page, 'sheet.store'), text: say(page, 'share.storeText') },
    { heading: say(page, 'share.rehearse'), text: say(page, 'share.rehearseText') },
    { heading: say(page, 'share.lost'), text: say(page, 'share.lostText') },
    {
      heading: say(page, 'sheet.withoutClaviger'),
      text: say(page, threshold === sheet.shareCount ? 'share.recoverAll' : 'share.recoverAny', { threshold }),
    },
  ];
}
