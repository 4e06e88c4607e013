import type { Locator } from 'playwright/test';
import { expectAccessible } from './accessible.ts';
import { expect, openApplication, test } from './application.ts';
import { test as groundTest, walkBefore } from './ground.ts';
import { shoot } from './shoot.ts';
import {
  answers,
  begin,
  checkMachine,
  expectStep,
  giveSecret,
  openToken,
  prepareMasterKey,
  primary,
  takeRoles,
} from './walk.ts';
import { expectWholeAt200 } from './zoom.ts';

/** What a room sees and hears: sizes on a projector, forced colours, rest for the eyes, what is read out, how far long work is. */

const colour = (locator: Locator) => locator.evaluate((element) => getComputedStyle(element).backgroundColor);

groundTest(
  'read-back: words of 48 px, numbered, ticked by two roles; 28 px on a projector; forced colours',
  async ({ ground }) => {
    await walkBefore(ground, 'crl', 'read-back');
    const { page, close } = await openApplication(ground.data);
    try {
      await expectWholeAt200(page, []);
      await page.getByRole('button', { name: 'Resume the ceremony' }).click();
      await expectStep(page, 'Read back the list');
      await page.setViewportSize({ width: 1280, height: 800 });
      const ask = page.getByRole('region', { name: /^SHA-256/ });
      await expect(ask.getByRole('listitem')).toHaveCount(16);
      const third = ask.getByRole('listitem').nth(2);
      const word = third.getByText(/^[a-z]+$/i);
      await expect(word).toHaveCSS('font-size', '48px');
      await expect(third.getByText('3', { exact: true })).toBeVisible();
      const spoken = (await word.textContent()) ?? '';
      const ticks = ['Witness', 'Ceremony administrator'].map((role) =>
        third.getByRole('checkbox', { name: `${role}, word 3: ${spoken}`, exact: true }),
      );
      const instruction = page.getByText(/reads each word aloud/);
      const matched = ask.getByText(/^0 of 16 words matched by both$/);
      await expect(matched).toHaveCSS('font-size', '17px');
      for (const [index, tick] of ticks.entries()) {
        await tick.check();
        await expect(ask.getByText(`${index} of 16 words matched by both`)).toHaveAttribute('aria-live', 'polite');
      }
      await shoot(page, 'read-back');

      await page.getByRole('button', { name: 'Projector' }).click();
      await expect(page.locator('body')).toHaveCSS('font-size', '28px');
      await expect(ask.getByText('1 of 16 words matched by both')).toHaveCSS('font-size', '28px');
      await expect(instruction).toHaveCSS('font-size', '28px');
      await expect(word).toHaveCSS('font-size', '48px');
      await shoot(page, 'read-back-projector');
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Projector' }).click();

      await page.emulateMedia({ forcedColors: 'active' });
      const [given, open] = [
        third.getByRole('checkbox').first(),
        ask.getByRole('listitem').nth(3).getByRole('checkbox').first(),
      ];
      expect(await colour(given)).not.toBe(await colour(open));
      await expect(page.getByText('TRAINING', { exact: true })).toHaveCSS('border-top-style', 'dashed');
      await shoot(page, 'read-back-forced-colours');
    } finally {
      await close();
    }
  },
);

test('long work says what is under way and how far it is, and is paused where it is safe', async ({ page, place }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await begin(page, place.out);
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toHaveAccessibleDescription('Step 1 of 20');
  await takeRoles(page);
  await expect(heading).toHaveAccessibleDescription('Step 2 of 20');
  await checkMachine(page);
  await openToken(page);
  await expectStep(page, 'Make and split the master key');
  await prepareMasterKey(page);
  await primary(page, 'Make and split the key');
  const status = page.getByRole('status').filter({ hasText: 'Make and split the master key: under way' });
  const bar = status.getByRole('progressbar', { name: /^Make and split the master key: under way/ });
  await expect(bar).toBeVisible();
  // Nothing moves for whom motion is reduced.
  await expect(bar).toHaveCSS('animation-name', 'none');
  await expect(status.getByText(/^[1-5] of 5 done$/)).toBeVisible();
  await shoot(page, 'under-way');
  await page.getByRole('button', { name: 'Pause…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause the ceremony' });
  await dialog.getByRole('button', { name: 'Who says so' }).click();
  await page.getByRole('option', { name: 'Jonas Weber' }).click();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('The notary is called away.');
  await dialog.getByRole('button', { name: 'Pause now' }).click();
  // At its end, and not in it: the key is made, split and in the token.
  await expect(page.getByRole('status').filter({ hasText: 'Paused by Jonas Weber' })).toBeVisible();
  await expect(heading).toHaveText('Make the root key');
  await page.getByRole('button', { name: 'Continue…' }).click();
  const back = page.getByRole('dialog', { name: 'Continue the ceremony' });
  await back.getByRole('button', { name: 'Who says so' }).click();
  await page.getByRole('option', { name: 'Inês Duarte' }).click();
  await back.getByRole('button', { name: 'Continue now' }).click();
  await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', answers.pin ?? '', false);
  await expect(page.getByRole('button', { name: 'Inês Duarte confirms as Witness' })).toBeEnabled();
});

test('dark is for the presenter to choose and light the default; trouble is read out at once', async ({
  page,
  place,
}) => {
  const theme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  expect(await theme()).toBe('light');
  await page.getByRole('button', { name: 'Dark' }).click();
  expect(await theme()).toBe('dark');
  await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('textbox', { name: 'Folder for what is made' }).fill(place.folder);
  // The region is there before there is anything to read out.
  const region = page.getByRole('region', { name: 'Begin' }).getByRole('alert');
  await expect(region).toBeEmpty();
  await page.getByRole('button', { name: 'Begin in training' }).click();
  await expect(region).toContainText('exists already');
});
