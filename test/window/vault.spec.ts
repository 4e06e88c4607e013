import type { Page } from 'playwright/test';
import { expectAccessible } from './accessible.ts';
import { expect, openApplication, test as plain } from './application.ts';
import { keyboardOf } from './hand.ts';
import { shoot } from './shoot.ts';
import { entryOf, login, makeVault, openVaultView, test, unlock, valueAfter } from './vault-ground.ts';
import { expectWholeAt200 } from './zoom.ts';

/** The vault in the window, over a real store: values go in by the private entry, and never come out here. */

const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

plain(
  'locked, opened, logged in: what there is of secrets, page by page, and nothing of their values',
  async ({ place }) => {
    const ground = { ...place, ...(await makeVault(place, 45)) };
    const { page, close } = await openApplication(ground.data);
    try {
      await openVaultView(page);
      await expect(page.getByRole('region', { name: 'Standing of the vault' })).toContainText('Locked');
      await page.getByRole('button', { name: 'Type the passphrase' }).click();
      const keeper = entryOf(page, 'The operator');
      await keeper.getByLabel('Passphrase').fill('not the passphrase');
      await keeper.getByRole('button', { name: 'Give it' }).click();
      await expect(keeper.getByText('is wrong.')).toBeVisible();
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Close' }).click();
      await unlock(page);

      await page.getByRole('textbox', { name: 'Name' }).fill('ada');
      await page.getByRole('button', { name: 'Type password and code' }).click();
      const frame = entryOf(page, 'ada');
      await frame.getByLabel('Password').fill('not her password');
      await frame.getByRole('button', { name: 'Give it' }).click();
      await expect(frame.getByText('The one-time code is six digits.')).toBeVisible();
      await expect(frame.getByLabel('One-time code')).toBeFocused();
      await page.keyboard.type('000000');
      await page.keyboard.press('Enter');
      await expect(frame.getByText('Nobody was let in with this.')).toBeVisible();
      await page.getByRole('button', { name: 'Close' }).click();
      await login(page, ground, 'ada');

      const figure = (name: string) => page.getByText(name, { exact: true }).locator('..');
      await expect(figure('secrets')).toContainText('53');
      await expect(figure('to be rotated within 30 days')).toContainText('1');
      await expect(page.getByText('The key opens what it sealed.')).toBeVisible();
      await expect(page.getByRole('row', { name: /^database-password 1 1 1/ })).toBeVisible();
      await expectAccessible(page);
      await expectWholeAt200(page, []);

      await tab(page, 'Secrets');
      await expect(page.getByText('The first 50 secrets, without their values.')).toBeVisible();
      await expect(page.getByRole('button', { name: /^Open / })).toHaveCount(50);
      await page.getByRole('button', { name: 'More secrets' }).click();
      await expect(page.getByText('53 secrets, without their values.')).toBeVisible();
      await expect(page.getByRole('button', { name: /^Open / })).toHaveCount(53);
      await page.getByRole('textbox', { name: 'Owner' }).fill('billing');
      await expect(page.getByRole('button', { name: /^Open / })).toHaveCount(4);
      await expect(page.getByRole('rowheader', { name: 'billing staging' })).toBeVisible();
      await page.getByRole('button', { name: /^Environment|Environment$/ }).click();
      await page.getByRole('option', { name: 'production' }).click();
      await page.getByRole('textbox', { name: 'Tag' }).fill('database');
      await expect(page.getByRole('button', { name: /^Open / })).toHaveCount(1);
      await shoot(page, 'vault-secrets');
      await expectAccessible(page);
      await page.getByRole('textbox', { name: 'Tag' }).fill('nothing');
      await expect(page.getByText('No secret fits.')).toBeVisible();
      await page.getByRole('textbox', { name: 'Tag' }).fill('');

      await page.getByRole('button', { name: 'Open billing/production/api/payments' }).click();
      await expect(page.getByRole('heading', { level: 2, name: 'billing/production/api/payments' })).toBeFocused();
      // What is compared with never comes back; the command says which of the two it is.
      await expect(page.getByLabel('Command')).toHaveText(
        `npx claviger vault verify billing/production/api/payments --data ${ground.data} --as ada`,
      );
      await expect(page.getByRole('row', { name: /^1 .* bob AES-256-GCM/ })).toBeVisible();
      await shoot(page, 'vault-secret');
      await expectAccessible(page);
      await expectWholeAt200(page, []);
    } finally {
      await close();
    }
  },
);

test('what is typed in private is what a service gets; what is erased is gone, and the vault is locked again', async ({
  ground,
}) => {
  const value = 'a value of nine words that nobody here sees';
  const { page, close } = await openApplication(ground.data);
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, ground, 'ada');
    await tab(page, 'Secrets');
    await page.getByRole('button', { name: 'Store a secret' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'Store a secret' })).toBeFocused();
    const type = page.getByRole('button', { name: 'Type the value' });
    await expect(type).toBeDisabled();
    await page.getByRole('textbox', { name: 'Owner' }).fill('billing');
    await page.getByRole('button', { name: 'Environment' }).click();
    await page.getByRole('option', { name: 'production' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('env/API_KEY');
    await page.getByRole('button', { name: 'Category' }).click();
    await page.getByRole('option', { name: /^system-configuration/ }).click();
    await page.getByRole('textbox', { name: 'Tags' }).fill('payment api');
    await expectAccessible(page);
    await type.click();
    const frame = entryOf(page, 'ada');
    const first = frame.getByLabel('Value', { exact: true });
    const again = frame.getByLabel('Value, again');
    await expect(first).toBeFocused();
    // Pasted lines would lose their ends.
    await first.evaluate((input) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text', 'two\nlines');
      input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await expect(frame.getByText('More than one line, so nothing was taken.')).toBeVisible();
    await first.fill('x'.repeat(1025));
    await again.fill('x'.repeat(1025));
    await again.press('Enter');
    await expect(frame.getByText('Longer than 1024 bytes.')).toBeVisible();
    await first.fill(value);
    await again.fill(`${value}!`);
    await again.press('Enter');
    await expect(frame.getByText('The two do not match.')).toBeVisible();
    await first.fill(value);
    await again.fill(value);
    await expectAccessible(page);
    await frame.getByRole('button', { name: 'Give it' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'billing/production/env/API_KEY' })).toBeFocused();
    await expect(page.getByText('api, payment')).toBeVisible();
    await expect(page.getByText('Its value is not shown here')).toBeVisible();

    // A second version, by the keyboard alone.
    const hand = keyboardOf(page);
    await hand.press(page.getByRole('button', { name: 'Store a new version' }));
    await expect(entryOf(page, 'ada').getByLabel('Value', { exact: true })).toBeFocused();
    for (let typed = 0; typed < 2; typed += 1) {
      await page.keyboard.type(`${value}, once more`);
      await page.keyboard.press('Enter');
    }
    await expect(page.locator('iframe')).toHaveCount(0);
    await expect(page.getByRole('row', { name: /^2 .* ada/ })).toBeVisible();
    await hand.press(page.getByRole('button', { name: 'Back to the secrets' }));

    await page.getByRole('button', { name: 'Open shop/development/db/main' }).click();
    await page.getByRole('button', { name: 'Erase…' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Erase the secret' });
    // ada stores, and administers: Enter does not erase, the space bar does.
    await hand.press(dialog.getByRole('button', { name: 'Erase it' }));
    await expect(page.getByText('It is not there, or not for you.')).toBeVisible();

    await page.getByRole('button', { name: 'Lock the vault' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'Unlock the vault' })).toBeFocused();
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await expect(page.getByRole('button', { name: 'Passphrase tippen' })).toBeVisible();
  } finally {
    await close();
  }
  const identity = { owner: 'billing', environment: 'production', name: 'env/API_KEY' } as const;
  expect(await valueAfter(ground, identity)).toBe(`${value}, once more`);
});

test('two people approve what they are shown, rights are given and taken away, and the policy is read', async ({
  ground,
}) => {
  const { page, close } = await openApplication(ground.data);
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, ground, 'ada');
    await tab(page, 'Approvals');
    const approve = page.getByRole('button', { name: 'Approve exactly this' });
    for (const [count, next] of [
      [1, 'cleo'],
      [2, null],
    ] as const) {
      await page.getByRole('button', { name: 'bob: read pki/isolated/root-2026/backup' }).click();
      await expect(
        page.getByRole('heading', { level: 2, name: 'bob asks for pki/isolated/root-2026/backup' }),
      ).toBeFocused();
      await expect(page.getByText('The yearly proof of the backup')).toBeVisible();
      if (count === 1) await expectAccessible(page);
      await keyboardOf(page).press(approve);
      await expect(page.getByText('You have approved this.')).toBeVisible();
      await expect(page.getByText(`${count} of 2 `)).toBeVisible();
      if (next === null) continue;
      await page.getByRole('button', { name: 'Log out' }).click();
      await expect(page.getByRole('heading', { level: 2, name: 'Log in' })).toBeFocused();
      await login(page, ground, next);
      await tab(page, 'Approvals');
    }

    await tab(page, 'Who may');
    await expect(
      page.getByRole('row', { name: /^billing READ, WRITE billing\/production\/\* no end ada/ }),
    ).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Grant rights' }).click();
    const grant = page.getByRole('button', { name: 'Grant', exact: true });
    await page.getByRole('button', { name: 'Who' }).click();
    await page.getByRole('option', { name: 'billing service' }).click();
    await page.getByRole('checkbox', { name: 'READ' }).check();
    await page.getByRole('textbox', { name: 'Owner' }).fill('shop');
    await page.getByRole('textbox', { name: 'End, UTC' }).fill('soon');
    await expect(grant).toBeDisabled();
    await page.getByRole('textbox', { name: 'End, UTC' }).fill('2020-01-01');
    await grant.click();
    await expect(page.getByRole('alert').filter({ hasText: 'which has passed' })).toBeVisible();
    await shoot(page, 'vault-grant');
    await expectAccessible(page);
    await page.getByRole('textbox', { name: 'End, UTC' }).fill('2099-01-01');
    await grant.click();
    const row = page.getByRole('row', { name: /^billing READ shop\/\*\/\* 2099-01-01 00:00 UTC cleo/ });
    await expect(row).toBeVisible();
    await row.getByRole('button', { name: 'Take away… from billing: shop/*/*' }).click();
    await keyboardOf(page).press(page.getByRole('alertdialog').getByRole('button', { name: 'Take away' }));
    await expect(row).toHaveCount(0);

    await tab(page, 'Policy');
    const category = page.getByRole('row', {
      name: /^Change root-ca-key with the approval of two people comes back never said/,
    });
    await expect(category).toBeVisible();
    await shoot(page, 'vault-policy');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Deutsch' }).click();
    for (const name of ['Überblick', 'Geheimnisse', 'Genehmigungen', 'Wer darf', 'Regeln']) {
      await tab(page, name);
      await expect(page.getByRole('row').first()).toBeVisible();
      await expectWholeAt200(page, []);
    }
  } finally {
    await close();
  }
});
