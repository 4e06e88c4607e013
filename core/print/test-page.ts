import type { Locale } from '../contract/messages/locale.ts';
import { instructions, writingLines } from './form.ts';
import { footer, header } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, type PaperName } from './page.ts';
import { codeOf, drawCode } from './qr.ts';
import { paragraph, put, STYLES, utc } from './type.ts';
import { say } from './say.ts';

/** A page that shows before the day whether a printer prints a share sheet: codes of the same size and strength, and nothing that matters. */
export type TestPage = { printer: string; text: string; madeAt: Date; paper: PaperName; language: Locale };

const CODE_SIZE = (60 / 25.4) * 72;
const CODES_AT = 150;

/** The text of its codes: as long as a share's, and not one. `random` is 151 bytes. */
export function testPageText(random: Uint8Array): string {
  return `TEST${Array.from(random, (byte) => 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.charAt(byte % 32)).join('')}`;
}

export async function printTestPage({ printer, text, madeAt, paper, language }: TestPage): Promise<Uint8Array> {
  const page = beginDocument(paper, say({ language }, 'test.title'), madeAt, language);
  const { doc, left, right } = page;
  addPage(page);
  header(page, {
    title: say(page, 'test.title'),
    lines: [say(page, 'test.printer', { printer }), utc(madeAt)],
    aside: { large: '', upper: say(page, 'test.notShare'), lower: say(page, 'test.throwAway') },
    training: false,
  });
  const code = codeOf(text, 'H', 10);
  put(doc, say(page, 'test.told'), left, 128, STYLES.body, { width: COLUMN });
  for (const x of [left, right - CODE_SIZE]) drawCode(doc, code, x, CODES_AT, CODE_SIZE);
  const linesAt = CODES_AT + CODE_SIZE + 40;
  put(doc, say(page, 'test.text'), left, linesAt, STYLES.heading);
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
  writingLines(page, [say(page, 'test.width'), say(page, 'form.readBy'), say(page, 'form.date')], formAt);
  instructions(
    page,
    [
      { heading: say(page, 'test.scale'), text: say(page, 'test.scaleText') },
      { heading: say(page, 'test.read'), text: say(page, 'test.readText') },
      { heading: say(page, 'test.copy'), text: say(page, 'test.copyText') },
    ],
    formAt + 50,
  );
  footer(page, {
    left: say(page, 'test.title'),
    right: say(page, 'foot.page', { number: 1, count: 1, paper }),
    below: 'Claviger',
  });
  return finish(page);
}
