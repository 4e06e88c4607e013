import { keep, type Flow } from './flow.ts';
import { writingLines } from './form.ts';
import { COLUMN } from './page.ts';
import { COLOURS, paragraph, put, STYLES } from './type.ts';
import { say } from './say.ts';

/**
 * Empty cards for the custodians' passphrases, to cut out. A passphrase is written by hand and never printed: no printer and no
 * spool has ever seen it. Each card goes into a bag of its own, away from the sheet.
 */

const HEIGHT = 164;
/** How far the cut lines stand outside the column. */
const OUTSET = 12;
/** Room for so many characters, in rows of boxes. */
const ROWS = 2;
const BOXES = 30;

export function passphraseCards(
  flow: Flow,
  head: { organisation: string; ceremony: string; shareCount: number },
): void {
  for (let number = 1; number <= head.shareCount; number++) {
    keep(flow, HEIGHT + 4);
    card(flow, head, number);
    flow.y += HEIGHT;
  }
}

function card(flow: Flow, head: { organisation: string; ceremony: string; shareCount: number }, number: number): void {
  const { page } = flow;
  const { doc, left } = page;
  const [x, y, width] = [left, flow.y, COLUMN];
  doc
    .save()
    .rect(left - OUTSET, y, COLUMN + 2 * OUTSET, HEIGHT)
    .lineWidth(0.5)
    .dash(3, { space: 3 })
    .strokeColor(COLOURS.soft)
    .stroke()
    .restore();
  put(doc, say(page, 'card.title', { number, count: head.shareCount }), x, y + 22, { face: 'bold', size: 13 });
  put(doc, `${head.organisation}  ·  ${head.ceremony}`, x + width, y + 22, STYLES.label, {
    align: 'right',
    width: width * 0.5,
  });
  const box = width / BOXES;
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < BOXES; column++) {
      doc.rect(x + column * box, y + 32 + row * (box + 8), box, box + 4);
    }
  }
  doc.lineWidth(0.5).strokeColor(COLOURS.line).stroke();
  const below = y + 32 + ROWS * (box + 8);
  paragraph(doc, say(page, 'card.text'), x, below + 8, width, STYLES.body);
  const labels = [say(page, 'sheet.custodian'), say(page, 'form.bag'), say(page, 'form.seal'), say(page, 'form.date')];
  writingLines(page, labels, y + HEIGHT - 32, 20);
}
