import type { Page } from 'playwright/test';
import { expectAccessible } from './accessible.ts';
import { expect, openApplication, test } from './application.ts';
import { keyboardOf } from './hand.ts';
import { shoot } from './shoot.ts';
import { entryOf, login, makeVault, openVaultView, unlock, valueAfter } from './vault-ground.ts';
import { REASON, logOut, putOnList, typeCode, typePassphrase } from './vault-life-walk.ts';
import { addMany } from './vault-many.ts';
import { expectWholeAt200 } from './zoom.ts';

/** The vault's own keys, and emergency access, in the window over a real vault. */

const MANY = 8000;

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();

test('a rotation is begun, paused, continued and rolled back; another is finished, and every secret is there', async ({
  place,
}) => {
  const ground = { ...place, ...(await makeVault(place)) };
  await addMany(ground.data, MANY);
  const { page, close, onlyWhenAsked } = await openApplication(ground.data);
  const atRest = page.getByRole('heading', { level: 2, name: 'No rotation of the vault’s keys is under way.' });
  const underWay = page.getByRole('article', { name: 'Rotation of the key' });
  const present = underWay.getByRole('listitem').and(page.locator('[aria-current=step]'));
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, ground, 'ada');
    await tab(page, 'Keys');
    await expect(atRest).toBeVisible();
    await expect(page.getByText('No key of this vault was rotated yet.')).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Rotate the key' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'Rotate the key' })).toBeFocused();
    const hours = page.getByRole('textbox', { name: 'Hours for which the old key is kept' });
    const type = page.getByRole('button', { name: 'Type the passphrase' });
    await expect(hours).toHaveValue('72');
    await hours.fill('8761');
    await expect(type).toBeDisabled();
    await hours.fill('48');
    await type.click();
    await typePassphrase(page, 'not the passphrase');
    await expect(entryOf(page, 'ada').getByText('is wrong.')).toBeVisible();
    // Else it could be over before it is looked at.
    const goOn = onlyWhenAsked();
    await typePassphrase(page);

    await expect(underWay.getByRole('progressbar', { name: 'Rotation of the key' })).toBeVisible();
    await expect(present).toContainText(/Re-encryption|Verification/);
    await expect(underWay.getByText(/^[0-9]+ of [0-9]{4} versions of secrets$/)).toBeVisible();
    await underWay.getByRole('button', { name: 'Pause' }).click();
    await expect(underWay.getByText('Paused', { exact: true })).toBeVisible();
    await shoot(page, 'vault-keys-paused');
    await expectAccessible(page);
    await expectWholeAt200(page, []);
    await underWay.getByRole('button', { name: 'Continue' }).click();
    await expect(underWay.getByText('Paused', { exact: true })).toHaveCount(0);
    await underWay.getByRole('button', { name: 'Roll back…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Roll back' }).click();
    await expect(page.getByRole('alertdialog')).toHaveCount(0);
    goOn();
    await expect(atRest).toBeVisible();
    await expect(page.getByText('rolled back: the new key is destroyed')).toBeVisible();

    await page.getByRole('button', { name: 'Rotate the key' }).click();
    await page.getByRole('button', { name: 'Type the passphrase' }).click();
    await typePassphrase(page);
    // What is told by core, and not asked for: that all of it is done.
    await expect(underWay.getByText('The old key is kept', { exact: true })).toBeVisible();
    await expect(present).toContainText('Clean-up');
    await shoot(page, 'vault-keys-grace');
    await expectAccessible(page);
    await underWay.getByRole('button', { name: 'Destroy the old key now…' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Destroy the old key now' });
    // By the keyboard: Enter does not, the space bar does.
    await keyboardOf(page).press(dialog.getByRole('button', { name: 'Destroy it now' }));
    await expect(page.getByText('finished: the old key is destroyed')).toBeVisible();
    await shoot(page, 'vault-keys-rest');
    await page.getByRole('button', { name: 'Renew the data keys…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Renew them' }).click();
    await expect(page.getByText('Renewal of the data keys')).toBeVisible();
    await expect(page.getByText('finished', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await expect(page.getByText('Erneuerung der Datenschlüssel')).toBeVisible();
    await expectWholeAt200(page, []);
  } finally {
    await close();
  }
  const identity = { owner: 'billing', environment: 'production', name: 'db/main' } as const;
  expect(await valueAfter(ground, identity)).toBe('what db/main is in a test');
});

test('the glass is broken with a countdown on every tab, what is read is marked, and another person reviews it', async ({
  place,
}) => {
  const ground = { ...place, ...(await makeVault(place, 0, ['mira'])) };
  const { page, close } = await openApplication(ground.data);
  const live = page.getByRole('region', { name: 'Emergency access' });
  const finding = page.getByRole('textbox', { name: 'Finding' });
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, ground, 'ada');
    await tab(page, 'Emergency');
    await expect(page.getByText('You are not on the emergency list.')).toBeVisible();
    await putOnList(page, 'mira');
    await expectAccessible(page);
    await logOut(page);

    await login(page, ground, 'mira');
    await tab(page, 'Keys');
    await expect(page.getByText('for whoever administers all of it')).toBeVisible();
    await tab(page, 'Emergency');
    await page.getByRole('button', { name: 'Break the glass' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'Break the glass' })).toBeFocused();
    const type = page.getByRole('button', { name: 'Type a second code' });
    await page.getByRole('textbox', { name: 'Reason' }).fill('Too short');
    await expect(type).toBeDisabled();
    await page.getByRole('textbox', { name: 'Reason' }).fill(REASON);
    await page.getByRole('textbox', { name: 'Where' }).fill('billing');
    await expect(type).toBeDisabled();
    await page.getByRole('textbox', { name: 'Where' }).fill('billing/production/*');
    await page.getByRole('button', { name: 'For how long' }).click();
    await page.getByRole('option', { name: '60 minutes' }).click();
    await shoot(page, 'vault-break-glass');
    await expectAccessible(page);
    await type.click();
    const frame = entryOf(page, 'mira');
    await expect(frame.getByLabel('One-time code')).toBeFocused();
    await frame.getByLabel('One-time code').fill('12345');
    await page.keyboard.press('Enter');
    await expect(frame.getByText('The one-time code is six digits.')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'READ at billing/production/* for 60 minutes' })).toBeVisible();
    await typeCode(page, ground, 'mira');

    const timer = live.getByRole('timer', { name: 'Time left of the emergency access' });
    await expect(timer).toHaveText(/^(1:00|[0-9][0-9]):[0-9][0-9]$/);
    await expect(live).toContainText(REASON);
    await expect(page.getByRole('status').filter({ hasText: 'Emergency access until' })).toHaveCount(1);
    const before = await timer.textContent();
    await expect(timer).not.toHaveText(before ?? '');
    await expectAccessible(page);
    await tab(page, 'Secrets');
    await expect(page.getByRole('button', { name: /^Open / })).toHaveCount(3);
    await expect(live).toBeVisible();
    await shoot(page, 'vault-emergency-live');
    await expectWholeAt200(page, []);
    await page.getByRole('button', { name: 'Open billing/production/db/main' }).click();
    await expect(page.getByRole('row', { name: /^1 .* bob AES-256-GCM/ })).toBeVisible();
    await keyboardOf(page).press(live.getByRole('button', { name: 'End now' }));
    await expect(live).toHaveCount(0);
    await expect(page.getByRole('status').filter({ hasText: 'The emergency access is over.' })).toHaveCount(1);
    await tab(page, 'Emergency');
    await expect(page.getByText('The glass can be broken again when another person has.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Break the glass' })).toHaveCount(0);
    await page.getByRole('button', { name: /^Open the emergency of mira/ }).click();
    await expect(page.getByText('You broke this glass.')).toBeVisible();
    await logOut(page);

    await login(page, ground, 'cleo');
    await tab(page, 'Emergency');
    const row = page.getByRole('row', { name: /mira.* to be reviewed$/ });
    await expect(row).toContainText(REASON);
    await row.getByRole('button').click();
    await expect(page.getByRole('heading', { level: 2, name: 'Emergency of mira' })).toBeFocused();
    const read = page.getByRole('row', { name: /versions billing\/production\/db\/main allowed$/ });
    await expect(read.first()).toBeVisible();
    const file = page.getByRole('button', { name: 'File the review' });
    await expect(file).toBeDisabled();
    await finding.fill('She looked at one secret, as she said. Nothing follows.');
    await shoot(page, 'vault-emergency-review');
    await expectAccessible(page);
    await expectWholeAt200(page, []);
    await keyboardOf(page).press(file);
    await expect(page.getByText('Reviewed by cleo, ')).toBeVisible();
    await page.getByRole('button', { name: 'Back to the emergencies' }).click();
    await expect(page.getByRole('row', { name: /mira.* reviewed by cleo$/ })).toBeVisible();
    await keyboardOf(page).press(page.getByRole('button', { name: 'Take off the list: mira' }));
    await expect(page.getByText('Nobody. Without anybody on it')).toBeVisible();
    await shoot(page, 'vault-emergency');
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await tab(page, 'Notfall');
    await expect(page.getByRole('heading', { name: 'Notfallliste' })).toBeVisible();
    await expectWholeAt200(page, []);
  } finally {
    await close();
  }
});
