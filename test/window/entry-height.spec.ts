import type { Page } from 'playwright/test';
import { expect, openApplication, test } from './application.ts';
import { untilStep } from './earlier.ts';
import { expectStep } from './walk.ts';

/** What stands below the private entry has its place when a turn begins: a press there is not lost. */

const DESK = { width: 1280, height: 800 };
const PROJECTOR = { width: 1920, height: 1080 };

/** Every height that a frame has, from its first on. */
const watch = (page: Page) =>
  page.evaluate(() => {
    const seen: { height: number; told: boolean }[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const frame = document.querySelector('iframe');
      if (frame) seen.push({ height: frame.offsetHeight, told: frame.style.height !== '' });
    }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['style'] });
  });
const seen = (page: Page) =>
  page.evaluate(() => (window as unknown as { seen: { height: number; told: boolean }[] }).seen.splice(0));

async function turnOf(page: Page, open: RegExp): Promise<void> {
  await seen(page);
  await page.getByRole('button', { name: open }).first().click();
  await expect(page.locator('iframe')).toHaveAttribute('style', /height/);
  const heights = await seen(page);
  expect(heights[0]?.told).toBe(false);
  expect(new Set(heights.map(({ height }) => height)).size, JSON.stringify(heights)).toBe(1);
  // On a projector it is scrolled out from under the band first. For two pictures after that Chromium still gives a press to the frame's process, where the frame was.
  const shut = page.getByRole('button', { name: /^(Close|Schließen)$/ });
  await shut.hover();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await shut.click();
  await expect(page.locator('iframe')).toHaveCount(0);
}

/** On a desk and on a projector, in both languages. */
async function everywhere(page: Page, turns: RegExp[]): Promise<void> {
  await watch(page);
  const all = async () => {
    for (const open of turns) await turnOf(page, open);
  };
  const press = (name: RegExp) => page.getByRole('button', { name }).click();
  await page.setViewportSize(DESK);
  await all();
  await press(/Deutsch/);
  await all();
  await page.setViewportSize(PROJECTOR);
  await press(/^Beamer$/);
  await all();
  await press(/English/);
  await all();
}

test('a passphrase and a PIN', async ({ place }) => {
  await untilStep(place, 'root-and-issuing', 'master-key');
  const { page, close } = await openApplication(place.data);
  await page.getByRole('button', { name: 'Resume the ceremony' }).click();
  await expectStep(page, 'Make and split the master key');
  await everywhere(page, [/^Amara Diallo (types now|tippt)/, /^Mira Lindqvist (types now|tippt)/]);
  await close();
});

test('a share', async ({ place }) => {
  await untilStep(place, 'recovery-rehearsal', 'rehearsal');
  const { page, close } = await openApplication(place.data);
  await page.getByRole('button', { name: 'Resume the ceremony' }).click();
  await expectStep(page, 'Rehearse recovery');
  await everywhere(page, [/^Amara Diallo (shows the share|zeigt)/]);
  await close();
});
