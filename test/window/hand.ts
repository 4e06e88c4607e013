import type { Locator, Page } from 'playwright/test';
import { expect } from './application.ts';

/** How somebody reaches what has a role and a name: with a pointer, or with the keyboard alone. */
export type Hand = {
  press: (button: Locator) => Promise<void>;
  type: (field: Locator, text: string) => Promise<void>;
  /** The first of a group of ticks; from there on it is the keyboard for both. */
  reach: (tick: Locator) => Promise<void>;
};

export const POINTER: Hand = {
  press: (button) => button.click(),
  type: (field, text) => field.fill(text),
  reach: (tick) => tick.focus(),
};

/** No view has more that can be reached. */
const FARTHEST = 200;

/** Tab, until the focus is there. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeEnabled();
  for (let tabs = 0; tabs < FARTHEST; tabs += 1) {
    if (await target.evaluate((element) => document.hasFocus() && element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${target.toString()} is not reached with Tab`);
}

/**
 * Tab, Space, and letters. What is typed ends with Enter, as a hand scanner ends it; what does or records something is pressed
 * with Enter first, and the window must say that this is nothing.
 */
export function keyboardOf(page: Page): Hand {
  return {
    press: async (button) => {
      await tabTo(page, button);
      if ((await button.getAttribute('data-deliberate')) !== null) {
        await page.keyboard.press('Enter');
        await expect(page.getByText('Enter presses nothing here. Press the space bar.')).toBeVisible();
        await expect(button).toBeFocused();
      }
      await page.keyboard.press('Space');
    },
    type: async (field, text) => {
      await tabTo(page, field);
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(text);
      if ((await field.getAttribute('type')) !== 'password') await page.keyboard.press('Enter');
    },
    reach: (tick) => tabTo(page, tick),
  };
}
