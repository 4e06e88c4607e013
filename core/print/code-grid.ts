import { COLUMN, type Box, type Page } from './page.ts';
import { clearBox, drawCode, type Code } from './qr.ts';
import { put, STYLES } from './type.ts';
import { say } from './say.ts';

/** Numbered codes in rows under one another, over as many pages as they need. */

type Placed = { code: Code; page: number; x: number; y: number; caption: string };

export type Grid = { placed: Placed[]; size: number; pages: number; end: number };

const CAPTION_HEIGHT = 15;

/** Places the codes before anything is drawn, so that what lies behind them can keep clear. */
export function placeCodes(
  page: Page,
  codes: Code[],
  layout: { columns: number; size: number; firstPageTop: number; firstPageBottom: number; top: number; bottom: number },
): Grid {
  const { columns, size } = layout;
  const gap = columns > 1 ? (COLUMN - columns * size) / (columns - 1) : 0;
  const placed: Placed[] = [];
  let pageIndex = 0;
  let y = layout.firstPageTop;
  for (let at = 0; at < codes.length; at += columns) {
    const row = codes.slice(at, at + columns);
    const quiet = Math.max(...row.map((code) => (size / code.modules) * 4));
    const height = size + quiet + CAPTION_HEIGHT;
    if (y + height > (pageIndex === 0 ? layout.firstPageBottom : layout.bottom)) {
      pageIndex++;
      y = layout.top;
    }
    row.forEach((code, column) => {
      const number = at + column + 1;
      placed.push({
        code,
        page: pageIndex,
        x: page.left + column * (size + gap),
        y,
        caption: say(page, 'code.of', { number, count: codes.length }),
      });
    });
    y += height + quiet;
  }
  return { placed, size, pages: pageIndex + 1, end: y };
}

/** The boxes on one page that nothing else may touch. */
export function clearBoxes(grid: Grid, pageIndex: number): Box[] {
  return grid.placed.filter(({ page }) => page === pageIndex).map(({ code, x, y }) => clearBox(code, x, y, grid.size));
}

/** Draws one page's codes with their captions below the quiet zone. */
export function drawCodes(page: Page, grid: Grid, pageIndex: number): void {
  for (const { code, page: on, x, y, caption } of grid.placed) {
    if (on !== pageIndex) continue;
    drawCode(page.doc, code, x, y, grid.size);
    const quiet = (grid.size / code.modules) * 4;
    put(page.doc, caption, x, y + grid.size + quiet + 8, STYLES.strong);
  }
}

/** Codes 5 to 8 of 9. */
export function rangeOf(page: Page, grid: Grid, pageIndex: number): string {
  const numbers = grid.placed.flatMap(({ page: on }, index) => (on === pageIndex ? [index + 1] : []));
  const [first = 0] = numbers;
  const last = numbers.at(-1) ?? first;
  const count = grid.placed.length;
  return first === last
    ? say(page, 'code.of', { number: first, count })
    : say(page, 'code.range', { first, last, count });
}
