import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { REPOSITORY } from '../shipped.ts';

/** A picture to be looked at, in both sizes; those of the documents are taken by shots.spec.ts. */
export async function shoot(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [1920, 1080],
    [1280, 800],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(REPOSITORY, `.test/shots/${name}-${width}.png`), animations: 'disabled' });
  }
}
