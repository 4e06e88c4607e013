import { COLUMN, rule, type Page } from './page.ts';
import { trainingBand } from './training.ts';
import { COLOURS, put, STYLES, widthOf } from './type.ts';

/** What stands around every sheet: its header and footer, and the fold marks. */

const ASIDE = {
  large: { face: 'bold', size: 58 },
  upper: { face: 'bold', size: 15 },
  lower: { face: 'regular', size: 12, colour: COLOURS.soft },
} as const;

export type Aside = { large: string; upper: string; lower: string };

/** Title, two lines below it, and on the right what tells this sheet from its neighbours. Ends with a rule at 108. */
export function header(
  page: Page,
  head: { title: string; lines: [string, string]; aside?: Aside; training: boolean; exercise?: boolean | undefined },
): void {
  const { doc } = page;
  if (head.exercise) trainingBand(page, 'EXERCISE');
  else if (head.training) trainingBand(page);
  const asideWidth = head.aside ? aside(page, head.aside) : 0;
  const width = COLUMN - asideWidth - (asideWidth > 0 ? 24 : 0);
  put(doc, head.title, page.left, 66, STYLES.title, { width });
  put(doc, head.lines[0], page.left, 84, STYLES.subtitle, { width });
  put(doc, head.lines[1], page.left, 98, STYLES.subtitle, { width });
  rule(page, 108, 1.25, COLOURS.ink);
}

function aside(page: Page, { large, upper, lower }: Aside): number {
  const { doc } = page;
  const beside = Math.max(widthOf(doc, upper, ASIDE.upper), widthOf(doc, lower, ASIDE.lower));
  put(doc, upper, page.right - beside, 79, ASIDE.upper);
  put(doc, lower, page.right - beside, 96, ASIDE.lower);
  if (large === '') return beside;
  put(doc, large, page.right - beside - 10, 96, ASIDE.large, { align: 'right' });
  return beside + 10 + widthOf(doc, large, ASIDE.large);
}

/** The heading of a further page, smaller than the first one's. Ends with a rule at 66. */
export function runningHeader(page: Page, head: { left: string; right: string; training: boolean }): void {
  if (head.training) trainingBand(page);
  put(page.doc, head.left, page.left, 58, STYLES.strong, { width: COLUMN * 0.6 });
  put(page.doc, head.right, page.right, 58, STYLES.label, { align: 'right', width: COLUMN * 0.38 });
  rule(page, 66, 1, COLOURS.ink);
}

/** Two lines at the foot: what this paper is and which page, and where its script is told from another. */
export function footer(page: Page, foot: { left: string; right: string; below: string }): void {
  const { doc } = page;
  const at = page.height - 32;
  rule(page, at - 11);
  put(doc, foot.left, page.left, at, STYLES.small, { width: COLUMN * 0.68 });
  put(doc, foot.right, page.right, at, STYLES.small, { align: 'right', width: COLUMN * 0.3 });
  put(doc, foot.below, page.left, at + 10, STYLES.smallMono, { width: COLUMN });
}

/** Marks in the margins that say where to fold; the caller keeps them clear of every code. */
export function foldMarks(page: Page, across: number[], down: number[]): void {
  const { doc } = page;
  doc.lineWidth(0.5).strokeColor(COLOURS.soft);
  for (const y of across) {
    doc.moveTo(15, y).lineTo(29, y).stroke();
    doc
      .moveTo(page.width - 29, y)
      .lineTo(page.width - 15, y)
      .stroke();
  }
  for (const x of down) doc.moveTo(x, 11).lineTo(x, 21).stroke();
}
