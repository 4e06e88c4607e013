import { COLUMN, type Page } from './page.ts';
import { COLOURS, paragraph, put, STYLES } from './type.ts';

/** What people fill in by hand, and what they are told to do. */

const GUTTER = 18;

/** One row of lines to write on, each under its label; `baseline` is the label's. */
export function writingLines(page: Page, labels: string[], baseline: number, room = 20): void {
  const { doc } = page;
  const width = (COLUMN - GUTTER * (labels.length - 1)) / labels.length;
  labels.forEach((label, index) => {
    const x = page.left + index * (width + GUTTER);
    put(doc, label, x, baseline, STYLES.small, { width });
    doc
      .moveTo(x, baseline + room)
      .lineTo(x + width, baseline + room)
      .lineWidth(0.75)
      .strokeColor(COLOURS.ink)
      .stroke();
  });
}

/** Short instructions side by side, each under its heading. Answers the baseline after the longest. */
export function instructions(page: Page, items: { heading: string; text: string }[], baseline: number): number {
  const { doc } = page;
  const width = (COLUMN - GUTTER * (items.length - 1)) / items.length;
  const ends = items.map(({ heading, text }, index) => {
    const x = page.left + index * (width + GUTTER);
    put(doc, heading, x, baseline, STYLES.strong, { width });
    return paragraph(doc, text, x, baseline + 11, width, { face: 'regular', size: 8 }, { leading: 10.5 });
  });
  return Math.max(...ends);
}
