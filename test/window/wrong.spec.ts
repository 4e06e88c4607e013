import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { sampleAnswers } from '../crash/shipped.ts';
import { expect, openApplication, test } from './application.ts';
import { giveAll } from './attend.ts';
import { test as groundTest, walkBefore } from './ground.ts';
import {
  answers,
  begin,
  checkMachine,
  expectStep,
  giveSecret,
  nameEverybody,
  primary,
  sharePageIsThere,
  takeRoles,
} from './walk.ts';

/** A person who does everything wrong: each thing ends in a sentence that says what and what next, and nothing is lost. */

const alert = (page: Page, text: string) => page.getByRole('alert').filter({ hasText: text });

test('back and forth, twice and too early: a step is done once, when all is given', async ({ page, place }) => {
  // A token file that is not there: nothing was begun, and what was typed stays.
  await page.getByRole('textbox', { name: 'Folder for what is made' }).fill(place.out);
  await page.getByRole('button', { name: 'Second medium and PKCS#11 token' }).click();
  const token = page.getByRole('textbox', { name: 'Token file' });
  await token.fill(join(place.folder, 'no-token.yaml'));
  const paper = page.getByRole('textbox', { name: 'Checkpoint from the last transcript' });
  await paper.fill('there is none');
  await page.getByRole('button', { name: 'Begin on this token' }).click();
  await expect(alert(page, 'no-token.yaml')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Folder for what is made' })).toHaveValue(place.out);
  await token.clear();
  await page.getByRole('button', { name: 'Begin in training' }).dblclick();
  await expectStep(page, 'Take roles');
  await expect(page.getByRole('alert').filter({ hasText: /\w/ })).toHaveCount(0);

  // A role without a name, then a name in two roles, then another order after all.
  await page.getByRole('button', { name: 'Fill in sample names' }).click();
  const take = page.getByRole('button', { name: 'Take these roles' });
  const witness = page.getByRole('textbox', { name: 'Witness' });
  const name = await witness.inputValue();
  await witness.fill('  ');
  await expect(take).toBeDisabled();
  await witness.fill(await page.getByRole('textbox', { name: 'Auditor' }).inputValue());
  await take.click();
  await expect(alert(page, 'cannot hold two roles')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Roles are taken' })).toBeDisabled();
  await witness.fill(name);
  await take.click();
  await expect(page.getByRole('main').getByText('Given', { exact: true })).toBeVisible();
  await nameEverybody(page);
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Roles are taken' })).toBeEnabled();
  await page.getByRole('button', { name: 'Roles are taken' }).dblclick();

  // Pressed twice, and done once: the next step is the second.
  await expectStep(page, 'Check this machine');
  await expect(page.getByRole('listitem').filter({ hasText: 'Check this machine' })).toHaveAttribute(
    'aria-current',
    'step',
  );

  // A word that does not match is not ticked, and nothing goes on without it.
  const ticks = page.getByRole('checkbox');
  await expect(ticks).toHaveCount(16);
  for (let index = 0; index < 15; index += 1) await ticks.nth(index).check();
  await ticks.first().uncheck();
  await expect(page.getByText('6 of 8 words matched by both')).toBeVisible();
  const clock = page.getByRole('button', { name: 'Mira Lindqvist confirms this' });
  await clock.click();
  await expect(clock).toHaveCount(0);
  await page.getByRole('button', { name: 'Jonas Weber accepts this' }).click();
  const fit = page.getByRole('button', { name: 'The machine is fit' });
  await expect(fit).toBeDisabled();
  await expect(page.getByText(/^Needed: /)).toBeVisible();
  await ticks.first().check();
  await ticks.last().check();
  await expect(fit).toBeEnabled();
  await fit.dblclick();
  await expectStep(page, 'Open the token');

  // Two PINs that differ, one that is too short, a frame closed with half of it typed.
  await page.getByRole('button', { name: 'Mira Lindqvist types now' }).click();
  const frame = page.frameLocator('iframe');
  await frame.getByLabel('PIN of the token', { exact: true }).fill('training-2026');
  await frame.getByLabel('PIN of the token, again').fill('training-2027');
  await frame.getByRole('button', { name: 'Give it' }).click();
  await expect(frame.getByRole('alert')).not.toBeEmpty();
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page.locator('iframe')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Inês Duarte confirms as Witness' })).toBeDisabled();
  await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', answers.pin ?? '', true);
  const confirmation = page.getByRole('button', { name: 'Inês Duarte confirms as Witness' });
  await confirmation.dblclick();
  await expect(confirmation).toHaveAttribute('aria-pressed', 'true');

  // An abort and a deviation that are thought better of, and a deviation without a name.
  await page.getByRole('button', { name: 'Abort…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Go back' }).click();
  await page.getByRole('button', { name: 'Deviation…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Record a deviation' });
  await dialog.getByRole('textbox', { name: 'What happened' }).fill('The PIN was typed twice.');
  await expect(dialog.getByRole('button', { name: 'Record the deviation' })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Who says so' }).click();
  await page.getByRole('option', { name: 'Inês Duarte' }).click();
  await dialog.getByRole('button', { name: 'Record the deviation' }).click();
  await expect(page.getByText('The PIN was typed twice.')).toBeVisible();
  await expect(confirmation).toHaveAttribute('aria-pressed', 'true');
  await primary(page, 'Open the token');
  await expectStep(page, 'Make and split the master key');
});

test('a second window on the same store says so, and the first goes on', async ({ page, place }) => {
  await begin(page, place.out);
  const second = await openApplication(place.data);
  try {
    await expect(alert(second.page, 'Another Claviger holds the store')).toBeVisible();
    await takeRoles(page);
    await checkMachine(page);
    await second.page.getByRole('button', { name: 'Try again' }).click();
    await expect(alert(second.page, 'Another Claviger holds the store')).toBeVisible();
  } finally {
    await second.close();
  }
});

groundTest(
  'another sheet, one sheet twice, a wrong passphrase: named, and the right ones go on',
  async ({ ground }) => {
    await walkBefore(ground, 'recovery-rehearsal', 'rehearsal');
    const sample = sampleAnswers('recovery-rehearsal');
    const { page, close } = await openApplication(ground.data);
    try {
      await page.getByRole('button', { name: 'Resume the ceremony' }).click();
      await expectStep(page, 'Rehearse recovery');
      await page.getByRole('button', { name: 'Amara Diallo shows the share' }).click();
      await sharePageIsThere(page);
      // Not hers.
      await page.getByRole('button', { name: 'Sheet 2 Chen Wei' }).click();
      await expect(alert(page, 'share 2')).toBeVisible();
      await page
        .getByRole('textbox', { name: /^Path of a scan or photograph/ })
        .fill(join(ground.folder, 'no-scan.png'));
      await page.getByRole('button', { name: 'Read the picture' }).click();
      await expect(alert(page, 'no-scan.png')).toBeVisible();
      await page.getByRole('textbox', { name: /^Path of a scan or photograph/ }).fill(join(ground.root, 'root.crt'));
      await page.getByRole('button', { name: 'Read the picture' }).click();
      await expect(alert(page, 'root.crt')).toBeVisible();
      await page.getByRole('button', { name: 'Sheet 1 Amara Diallo' }).click();
      await expect(page.locator('iframe')).toHaveCount(0);
      await giveSecret(page, 'Amara Diallo', 'Passphrase of custodian 1', 'orbit maple candle eight', false);
      await giveAll({ page, answers: sample });
      await primary(page, 'Recover and prove');
      await expect(alert(page, 'passphrase')).toBeVisible();
      // The step waits, and what was typed is typed again.
      await expect(page.getByRole('heading', { level: 1, name: 'Rehearse recovery' })).toBeVisible();
      await giveAll({ page, answers: sample });
      await primary(page, 'Recover and prove');
      await expectStep(page, 'Seal the bags anew');
    } finally {
      await close();
    }
  },
);
