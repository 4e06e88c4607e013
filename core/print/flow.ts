import { addPage, COLUMN, type Page } from './page.ts';

/** Setting text down the page and on to the next one. `y` is the next free y, in points. */
export type Flow = { page: Page; y: number; top: number; bottom: number };

/** Starts under the first page's header. Every further page begins at `top`. */
export function beginFlow(page: Page, y: number, top: number): Flow {
  return { page, y, top, bottom: page.height - 56 };
}

/** Goes to a new page unless `height` fits on this one. */
export function keep(flow: Flow, height: number): void {
  if (flow.y + height <= flow.bottom) return;
  addPage(flow.page);
  flow.y = flow.top;
}

/** Where a transcript's second column begins, and how wide it is. */
export const GUTTER_WIDTH = 76;
export const TEXT_WIDTH = COLUMN - GUTTER_WIDTH;
