import { instructions, writingLines } from './form.ts';
import { footer, header } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, type PaperName } from './page.ts';
import { codeOf, drawCode } from './qr.ts';
import { paragraph, put, STYLES, utc } from './type.ts';

/** A page that shows before the day whether a printer prints a share sheet: codes of the same size and strength, and nothing that matters. */
export type TestPage = { printer: string; text: string; madeAt: Date; paper: PaperName };

const CODE_SIZE = (60 / 25.4) * 72;
const CODES_AT = 150;

/** The text of its codes: as long as a share's, and not one. `random` is 151 bytes. */
export function testPageText(random: Uint8Array): string {
  return `TEST${Array.from(random, (byte) => 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.charAt(byte % 32)).join('')}`;
}

export async function printTestPage({ printer, text, madeAt, paper }: TestPage): Promise<Uint8Array> {
  const page = beginDocument(paper, 'Test page', madeAt);
  const { doc, left, right } = page;
  addPage(page);
  header(page, {
    title: 'Test page',
    lines: [`Printer ${printer}`, utc(madeAt)],
    aside: { large: '', upper: 'Not a share', lower: 'throw it away' },
    training: false,
  });
  const code = codeOf(text, 'H', 10);
  const told =
    'The codes are as large and as strong as those of a share sheet. Measure one: its black part is 60 mm wide.';
  put(doc, told, left, 128, STYLES.body, { width: COLUMN });
  for (const x of [left, right - CODE_SIZE]) drawCode(doc, code, x, CODES_AT, CODE_SIZE);
  const linesAt = CODES_AT + CODE_SIZE + 40;
  put(doc, 'The same as text', left, linesAt, STYLES.heading);
  paragraph(
    doc,
    text.match(/.{1,4}/gu)?.join(' ') ?? '',
    left,
    linesAt + 22,
    COLUMN,
    { face: 'monoBold', size: 14 },
    { leading: 20 },
  );
  const formAt = linesAt + 150;
  writingLines(page, ['Width of a code, mm', 'Read by', 'Date'], formAt);
  instructions(
    page,
    [
      { heading: 'Scale', text: 'If a code is not 60 mm wide, the printer scales pages: switch that off.' },
      {
        heading: 'Read',
        text: 'Both codes read with any reader. Streaks and pale bands are a reason to take another printer.',
      },
      {
        heading: 'The printer’s own copy',
        text: 'Many printers keep what they printed. Use one that is never used again, or whose disk is destroyed.',
      },
    ],
    formAt + 50,
  );
  footer(page, { left: 'Test page', right: `Page 1 of 1  ·  ${paper}`, below: 'Claviger' });
  return finish(page);
}
