import type { Page } from 'playwright/test';
import { expect } from './application.ts';

/** A window of 1280 x 800 at 200 % is one of these pixels (WCAG 2.2 1.4.4, 1.4.10). */
const AT_200_PERCENT = { width: 640, height: 400 };

/** What is cut off, or lies where nobody can scroll to. */
function cutOff(): string[] {
  const said: string[] = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) said.push('the page scrolls sideways');
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const { overflowX, overflowY, clipPath } = getComputedStyle(element);
    const isControl = element.matches('input, textarea, select, progress, iframe');
    // What is for screen readers only, and what a person scrolls in by typing.
    if (isControl || clipPath !== 'none' || element.clientWidth === 0) continue;
    const name = `${element.tagName} "${element.textContent.slice(0, 40)}"`;
    if (overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1) said.push(`sideways: ${name}`);
    const isShut = overflowY === 'hidden' || overflowY === 'clip';
    if (isShut && element.scrollHeight > element.clientHeight + 1) said.push(`below: ${name}`);
    if (element.getBoundingClientRect().right > innerWidth + 1) said.push(`outside: ${name}`);
  }
  return said;
}

/** Nothing scrolls sideways and nothing is cut off, at the size that the window has. */
export async function expectWhole(page: Page): Promise<void> {
  // What is still on its way to its place is looked at again.
  await expect.poll(() => page.evaluate(cutOff)).toEqual([]);
}

/** At 200 % nothing scrolls sideways, nothing is cut off, and what must always be in sight is; there is room to read between it. */
export async function expectWholeAt200(page: Page, always: string[]): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize(AT_200_PERCENT);
  await expectWhole(page);
  for (const name of always) {
    await expect(page.getByRole('button', { name, exact: true })).toBeInViewport({ ratio: 1 });
  }
  const heading = page.getByRole('heading', { level: 1 });
  await heading.scrollIntoViewIfNeeded();
  await expect(heading).toBeInViewport({ ratio: 1 });
  if (before) await page.setViewportSize(before);
}
