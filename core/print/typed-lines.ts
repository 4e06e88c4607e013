import type { Page } from './page.ts';
import { COLOURS, put, STYLES } from './type.ts';
import { say } from './say.ts';

/** The same bytes to type: numbered lines of groups in columns, each with its check characters in a tinted box. */

export type TypedLine = { number: number; groups: string[]; check: string };

type Block = { x: number; y: number; width: number; rowHeight: number; size: number };

const GROUPS = 5;

/** Draws from `y` (the rule above the first line) and answers the y of the rule below the last. */
export function typedLines(page: Page, lines: TypedLine[], block: Block): number {
  const { doc } = page;
  const { x, y, width, rowHeight, size } = block;
  const mono = { face: 'monoBold', size } as const;
  const advance = size * 0.632;
  const numberWidth = Math.max(20, size * 1.8);
  const checkWidth = advance * 2 + size;
  const pitch = (width - numberWidth - checkWidth) / GROUPS;
  const right = x + width;
  const line = (at: number, weight: number, colour: string) => {
    doc.moveTo(x, at).lineTo(right, at).lineWidth(weight).strokeColor(colour).stroke();
  };
  lines.forEach(({ number, groups, check }, row) => {
    const top = y + row * rowHeight;
    const baseline = top + rowHeight / 2 + size * 0.334;
    doc.rect(right - checkWidth, top + 2, checkWidth, rowHeight - 4).fill(COLOURS.tint);
    put(doc, String(number), x, baseline, { face: 'bold', size: Math.min(10, size * 0.7), colour: COLOURS.soft });
    groups.forEach((group, column) => {
      put(doc, group, x + numberWidth + column * pitch, baseline, mono);
    });
    put(doc, check, right - checkWidth / 2, baseline, mono, { align: 'centre' });
    if (row > 0) line(top, 0.5, COLOURS.line);
  });
  const end = y + lines.length * rowHeight;
  line(y, 0.75, COLOURS.ink);
  line(end, 0.75, COLOURS.ink);
  return end;
}

/** The small words above a block of typed lines. */
export function typedLinesHeading(page: Page, x: number, width: number, baseline: number, middle: string): void {
  put(page.doc, say(page, 'line.number'), x, baseline, STYLES.small);
  put(page.doc, middle, x + Math.max(20, 17 * 1.8), baseline, STYLES.small, { width: width - 80 });
  put(page.doc, say(page, 'line.check'), x + width, baseline, STYLES.small, { align: 'right' });
}
