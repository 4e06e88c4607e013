import type { Page } from 'playwright/test';
import { expect, openApplication, test } from './application.ts';
import { untilStep } from './earlier.ts';
import { expectStep, sharePageIsThere } from './walk.ts';

/** The private entry has the focus from the press that opens it, and its page, which comes some time later, takes it from nobody. */

/** The page of the frame is away until `come` is called. */
async function held(page: Page, name: string) {
  const { promise, resolve: come } = Promise.withResolvers<null>();
  await page.route(`**/${name}.html?*`, async (route) => {
    await promise;
    await route.fallback();
  });
  return () => {
    come(null);
  };
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.tagName);

test('of a share: whoever types a path meanwhile goes on with it', async ({ place }) => {
  await untilStep(place, 'recovery-rehearsal', 'rehearsal');
  const { page, close } = await openApplication(place.data);
  await page.getByRole('button', { name: 'Resume the ceremony' }).click();
  await expectStep(page, 'Rehearse recovery');
  const come = await held(page, 'share');
  await page.getByRole('button', { name: 'Amara Diallo shows the share' }).click();
  await expect.poll(() => focused(page)).toBe('IFRAME');
  const path = page.getByRole('textbox', { name: 'Path of a scan or photograph' });
  await path.click();
  await page.keyboard.type('/media/scan');
  come();
  const frame = page.frameLocator('iframe');
  await expect(frame.getByRole('tab', { name: 'Camera' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.type('s/share-1.png');
  await expect(path).toHaveValue('/media/scans/share-1.png');
  await expect(path).toBeFocused();
  // Whoever goes back to the frame goes on there.
  await frame.getByRole('tab', { name: 'Type the lines' }).click();
  await expect(frame.getByRole('textbox', { name: 'Line 1', exact: true })).toBeFocused();
  // And another time, with nobody elsewhere, its page has it.
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Amara Diallo shows the share' }).click();
  await sharePageIsThere(page);
  await close();
});

test('of a PIN: what is typed too early goes nowhere, and what is typed in time is not lost', async ({ place }) => {
  await untilStep(place, 'root-and-issuing', 'master-key');
  const { page, close } = await openApplication(place.data);
  await page.getByRole('button', { name: 'Resume the ceremony' }).click();
  await expectStep(page, 'Make and split the master key');
  const come = await held(page, 'entry');
  await page.getByRole('button', { name: 'Mira Lindqvist types now' }).first().press('Enter');
  await expect.poll(() => focused(page)).toBe('IFRAME');
  await page.keyboard.type('early');
  come();
  const pin = page.frameLocator('iframe').getByLabel('PIN of the token', { exact: true });
  await expect(pin).toBeFocused();
  await expect(pin).toHaveValue('');
  await page.keyboard.type('in time');
  await expect(pin).toHaveValue('in time');
  // Whoever types before all of the page has come does not lose the focus to what is left of it, not for a moment.
  const left = await pin.evaluateHandle(() => {
    const count = { times: 0 };
    addEventListener('blur', () => (count.times += 1));
    return count;
  });
  await page.locator('iframe').dispatchEvent('load');
  await page.keyboard.type(', whole');
  await expect(pin).toHaveValue('in time, whole');
  expect(await left.evaluate(({ times }) => times)).toBe(0);
  await close();
});
