import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { expect } from './application.ts';

/** WCAG 2.2 AA by axe-core, in both themes. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const theme of ['dark', 'light']) {
    await page.getByRole('button', { name: 'Dark' }).click();
    await expectAccessibleAsIs(page, theme);
    await page.getByRole('heading', { level: 1 }).focus();
  }
}

/** In the theme that it has: a dialog, which keeps the switch from being reached. */
export async function expectAccessibleAsIs(page: Page, theme = 'light'): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    // Its newer mode opens a second page, which the shell closes at once.
    .setLegacyMode()
    // What React Aria has a screen reader say, for seven seconds: by then what it is named by may be gone.
    .exclude('[data-live-announcer]')
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${theme}: ${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
}
