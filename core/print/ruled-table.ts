import type { Flow } from './flow.ts';
import { addPage, rule } from './page.ts';
import { COLOURS, put, STYLES, type Style } from './type.ts';

/** Rows to write in: a heading that comes again on every page, and cells that hold what is known before the day. */

export type Column = { label: string; width: number; style?: Style };

const HEAD = 14;
const PADDING = 5;

/** Draws `rows` (empty cells are left to be written in) over as many pages as they need, never one row alone. */
export function ruledTable(flow: Flow, columns: Column[], rows: string[][], rowHeight: number): void {
  let drawn = 0;
  while (drawn < rows.length) {
    const left = rows.length - drawn;
    const fitting = Math.floor((flow.bottom - flow.y - HEAD) / rowHeight);
    if (fitting < Math.min(left, 2)) {
      newPage(flow);
      continue;
    }
    const count = left - fitting === 1 && fitting > 2 ? fitting - 1 : Math.min(fitting, left);
    chunk(flow, columns, rows.slice(drawn, drawn + count), rowHeight);
    drawn += count;
    if (drawn < rows.length) newPage(flow);
  }
}

export function newPage(flow: Flow): void {
  addPage(flow.page);
  flow.y = flow.top;
}

function chunk(flow: Flow, columns: Column[], rows: string[][], rowHeight: number): void {
  const { page } = flow;
  const { doc } = page;
  const top = flow.y + HEAD;
  const bottom = top + rows.length * rowHeight;
  let x = page.left;
  columns.forEach(({ label, width, style = STYLES.body }, column) => {
    const inset = column === 0 ? 0 : PADDING;
    put(doc, label, x + inset, flow.y + 9, STYLES.small, { width: width - inset });
    rows.forEach((cells, row) => {
      const baseline = top + row * rowHeight + rowHeight / 2 + style.size * 0.34;
      put(doc, cells[column] ?? '', x + inset, baseline, style, { width: width - inset - PADDING });
    });
    if (column > 0) doc.moveTo(x, top).lineTo(x, bottom).lineWidth(0.5).strokeColor(COLOURS.line).stroke();
    x += width;
  });
  rows.forEach((_, row) => {
    if (row > 0) rule(page, top + row * rowHeight);
  });
  rule(page, top, 0.75, COLOURS.ink);
  rule(page, bottom, 0.75, COLOURS.ink);
  flow.y = bottom;
}
