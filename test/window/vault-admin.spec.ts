import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TOTP, URI } from 'otpauth';
import type { FrameLocator, Page } from 'playwright/test';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { scanPicture } from '../../core/print/scan.ts';
import { PASSWORD, bytes, refusal } from '../vault/sample-vault.ts';
import { PASSPHRASE } from '../vault/sample-holder.ts';
import { expectAccessible, expectAccessibleAsIs } from './accessible.ts';
import { expect, openApplication, test as plain } from './application.ts';
import { keyboardOf } from './hand.ts';
import { shoot } from './shoot.ts';
import { type VaultGround, entryOf, login, openVaultView, reopened, test, unlock } from './vault-ground.ts';
import { expectWholeAt200 } from './zoom.ts';

/** What an administrator does with a vault in the window, over a real store. */

const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

/** An authenticator that reads the picture in the frame, and has what stands beside it. */
async function readKey(frame: FrameLocator): Promise<TOTP> {
  const picture = frame.getByRole('img', { name: 'QR code of the key' });
  const [uri = ''] = await scanPicture(Uint8Array.from(await picture.screenshot({ scale: 'css' })));
  const totp = URI.parse(uri) as TOTP;
  await expect(frame.getByText(totp.secret.base32.replace(/.{4}(?=.)/g, '$& '))).toBeVisible();
  return totp;
}

/** The key is there: the authenticator's code is typed until it is the one of now. */
async function proveKey(page: Page, frame: FrameLocator, totp: TOTP): Promise<void> {
  const proof = frame.getByLabel('Code that the authenticator shows now');
  await proof.fill(totp.generate({ timestamp: 0 }));
  await proof.press('Enter');
  await expect(frame.getByText('This is not its code.')).toBeVisible();
  await proof.fill(totp.generate());
  await frame.getByRole('button', { name: 'It is in the authenticator' }).click();
  await expect(page.locator('iframe')).toHaveCount(0);
}

/** As `login` wants it. */
const withCode = (ground: VaultGround, totp: TOTP): VaultGround => ({ ...ground, code: () => totp.generate() });

/** Somebody types a wrong password until policy locks them out. */
async function lockOut({ data }: VaultGround, name: string): Promise<void> {
  const { transport, close } = await reopened(data);
  for (let failed = 0; failed < DEFAULT_POLICY.lockout.failures; failed += 1) {
    const tried = () =>
      transport.call('vault.login', { name, code: '000000' }, { password: bytes('not the password') });
    expect((await refusal(tried)).code).toBe('LOGIN_REFUSED');
  }
  await close();
}

async function openAs(ground: VaultGround, name: string) {
  const application = await openApplication(ground.data);
  await openVaultView(application.page);
  await unlock(application.page);
  await login(application.page, ground, name);
  return application;
}

plain(
  'a vault is made in the window, and its administrator comes in with what was shown once',
  async ({ page, place }) => {
    await openVaultView(page);
    await expect(page.getByRole('heading', { name: 'There is no vault in this store' })).toBeVisible();
    const choose = page.getByRole('button', { name: 'Choose passphrase and password' });
    await expect(choose).toBeDisabled();
    await page.getByRole('textbox', { name: 'First administrator' }).fill('ada');
    await shoot(page, 'vault-make');
    await expectAccessible(page);
    await choose.click();
    const frame = entryOf(page, 'ada');
    const type = async (label: string, text: string, again = text) => {
      await frame.getByLabel(label, { exact: true }).fill(text);
      await frame.getByLabel(`${label}, again`).fill(again);
      await frame.getByRole('button', { name: /^(Next|Make the vault)$/ }).click();
    };
    await type('Passphrase of the vault', 'passwordpassword');
    await expect(frame.getByText('This would be guessed too soon.')).toBeVisible();
    await type('Passphrase of the vault', PASSPHRASE, `${PASSPHRASE}!`);
    await expect(frame.getByText('The two do not match.')).toBeVisible();
    await type('Passphrase of the vault', PASSPHRASE);
    await expect(frame.getByLabel('Password of ada', { exact: true })).toBeFocused();
    await shoot(page, 'vault-make-password');
    await type('Password of ada', PASSWORD);
    const totp = await readKey(frame);
    await shoot(page, 'vault-make-key');
    await expectAccessible(page);
    await proveKey(page, frame, totp);
    await expect(page.getByRole('heading', { level: 2, name: 'Log in' })).toBeVisible();
    await login(page, withCode({ ...place, code: () => '', token: new Uint8Array(0) }, totp), 'ada');
    await expect(page.getByRole('region', { name: 'Standing of the vault' })).toContainText('administers the vault');
    await page.getByRole('button', { name: 'Lock the vault' }).click();
    await unlock(page);
  },
);

test('people and services: added, given what they come in by, disabled, let in again', async ({ ground }) => {
  await lockOut(ground, 'bob');
  const { page, close } = await openAs(ground, 'ada');
  const hand = keyboardOf(page);
  try {
    await tab(page, 'People');
    await expect(page.getByRole('row', { name: /^Open billing service of the system token/ })).toBeVisible();
    await shoot(page, 'vault-people');
    await expectAccessible(page);
    await expectWholeAt200(page, []);

    // By the keyboard alone: Enter adds nobody.
    await hand.press(page.getByRole('button', { name: 'Add somebody' }));
    await expect(page.getByRole('heading', { level: 2, name: 'Add somebody' })).toBeFocused();
    await hand.type(page.getByRole('textbox', { name: 'Name' }), 'bob');
    await hand.press(page.getByRole('button', { name: 'Add', exact: true }));
    await expect(page.getByText('The vault knows somebody called bob already.')).toBeVisible();
    await hand.type(page.getByRole('textbox', { name: 'Name' }), 'dora');
    await shoot(page, 'vault-add');
    await expectAccessible(page);
    await hand.press(page.getByRole('button', { name: 'Add', exact: true }));
    await expect(page.getByRole('heading', { level: 2, name: 'dora' })).toBeVisible();
    await shoot(page, 'vault-person');
    await expectAccessible(page);
    await hand.press(page.getByRole('button', { name: 'Type a password' }));
    const frame = entryOf(page, 'dora');
    await expect(frame.getByLabel('New password', { exact: true })).toBeFocused();
    for (let typed = 0; typed < 2; typed += 1) {
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
    }
    await expect(page.locator('iframe')).toHaveCount(0);
    await page.getByRole('button', { name: 'Give an authenticator' }).click();
    await expect(frame.getByRole('button', { name: 'Make and show it' })).toBeFocused();
    await page.keyboard.press('Enter');
    const totp = await readKey(frame);
    await shoot(page, 'vault-totp');
    await expectAccessible(page);
    await proveKey(page, frame, totp);
    await expect(page.getByText('dora can come in.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Another authenticator' })).toBeVisible();

    await page.getByRole('button', { name: 'Back to the people' }).click();
    await page.getByRole('button', { name: 'Open billing' }).click();
    await page.getByRole('button', { name: 'Another token' }).click();
    const save = page.getByRole('button', { name: 'Make and save the token' });
    await expect(save).toBeDisabled();
    const file = page.getByRole('textbox', { name: 'New file for the token' });
    await file.fill(join(ground.folder, 'nowhere/billing.token'));
    await save.click();
    await expect(page.getByRole('alert').filter({ hasText: 'nowhere' })).toBeVisible();
    await shoot(page, 'vault-token');
    await expectAccessible(page);
    const out = join(ground.folder, 'billing.token');
    await file.fill(out);
    await save.click();
    await expect(page.getByText('The token is saved.')).toBeVisible();
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readFileSync(out, 'utf8')).toMatch(/^clv_/);
    await page.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Disable…' }).click();
    await hand.press(page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }));
    await expect(page.getByText('disabled', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Let in again' }).click();
    await expect(page.getByRole('button', { name: 'Save a token' })).toBeVisible();

    await page.getByRole('button', { name: 'Log out' }).click();
    await login(page, withCode(ground, totp), 'dora');
    await expect(page.getByRole('tab', { name: 'People' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Log out' }).click();
    await login(page, ground, 'cleo');
    await tab(page, 'People');
    await expect(page.getByRole('row', { name: /^Open bob .* locked after failures/ })).toBeVisible();
    await page.getByRole('button', { name: 'Open bob' }).click();
    await page.getByRole('button', { name: 'Let in again: bob' }).click();
    await expect(page.getByText('bob can come in.')).toBeVisible();
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await expect(page.getByText('bob kann hereinkommen.')).toBeVisible();
    await expectWholeAt200(page, []);
  } finally {
    await close();
  }
});

test('the policy is changed line by line: what is wrong is said at its field, what changes before it counts', async ({
  ground,
}) => {
  const { page, close } = await openAs(ground, 'ada');
  const hand = keyboardOf(page);
  const row = (name: RegExp) => page.getByRole('row', { name });
  try {
    await tab(page, 'Policy');
    await page.getByRole('button', { name: 'Change database-password' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'Category database-password' })).toBeFocused();
    const days = page.getByRole('textbox', { name: 'Rotation' });
    const change = page.getByRole('button', { name: 'Put version 2 in force' });
    await expect(change).toBeDisabled();
    await hand.type(days, '91');
    await expect(page.getByText('A database password rotates after 90 days at most.')).toBeVisible();
    await expect(days).toHaveAttribute('aria-invalid', 'true');
    await expect(days).toHaveAccessibleDescription(/after 90 days at most/);
    await expect(change).toBeDisabled();
    await hand.type(days, 'soon');
    await expect(page.getByText('A whole number from 1 to 36500, or nothing.')).toBeVisible();
    await expectAccessible(page);
    await hand.type(days, '30');
    await expect(row(/^Rotation 90 days 30 days$/)).toBeVisible();
    await page.getByRole('button', { name: 'Cache' }).click();
    await page.getByRole('option', { name: 'none' }).click();
    await expect(row(/^Cache in memory none$/)).toBeVisible();
    await shoot(page, 'vault-policy-change');
    await expectAccessible(page);
    await expectWholeAt200(page, []);
    await hand.press(change);
    await expect(page.getByRole('heading', { name: 'Categories, version 2' })).toBeVisible();
    await expect(row(/database-password .* 30 days/)).toBeVisible();

    await page.getByRole('button', { name: 'Change root-ca-key' }).click();
    await page.getByRole('button', { name: 'Who may' }).click();
    await page.getByRole('option', { name: 'its owner', exact: true }).click();
    await expect(page.getByText('The root CA key needs two people.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Put version 3 in force' })).toBeDisabled();
    await page.getByRole('button', { name: 'Back to the policy' }).click();

    await page.getByRole('button', { name: 'Change the limits' }).click();
    await page.getByRole('textbox', { name: 'Locked out after' }).fill('3');
    await shoot(page, 'vault-policy-limits');
    await hand.press(page.getByRole('button', { name: 'Put version 3 in force' }));
    await expect(page.getByText('after 3 failures at one secret within 15 minutes')).toBeVisible();
  } finally {
    await close();
  }
});

test('a secret is described, rotated and taken back, each seen before it is done', async ({ ground }) => {
  const { page, close } = await openAs(ground, 'ada');
  const hand = keyboardOf(page);
  const dialog = page.getByRole('dialog');
  try {
    await tab(page, 'Secrets');
    await page.getByRole('button', { name: 'Open shop/production/session/signing' }).click();
    await page.getByRole('button', { name: 'Description and tags' }).click();
    await page.getByRole('textbox', { name: 'Tags' }).fill('web <b>');
    await expect(page.getByText('Up to 32 tags of letters')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
    await page.getByRole('textbox', { name: 'Tags' }).fill('web, session');
    await page.getByRole('textbox', { name: 'Description' }).fill('Signs cookies of the shop');
    await shoot(page, 'vault-describe');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('session, web')).toBeVisible();
    await expect(page.getByText('Signs cookies of the shop')).toBeVisible();

    await expect(page.getByText('drawn by the vault, 32 bytes')).toBeVisible();
    await page.getByRole('button', { name: 'Rotate now…' }).click();
    await expect(dialog.getByText('version 2', { exact: true })).toBeVisible();
    await expect(dialog.getByText('nothing changes')).toBeVisible();
    await shoot(page, 'vault-rotate');
    await expectAccessibleAsIs(page);
    await hand.press(dialog.getByRole('button', { name: 'Rotate it' }));
    await expect(dialog.getByText('Version 2 is in force.')).toBeVisible();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByText(/^to version 2, in force since/)).toBeVisible();
    await expect(page.getByRole('row', { name: /^2 .* ada AES-256-GCM/ })).toBeVisible();

    await page.getByRole('button', { name: 'Back to the value before…' }).click();
    await hand.press(dialog.getByRole('button', { name: 'Take it back' }));
    await expect(dialog.getByText(/^The newest is version/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expectWholeAt200(page, []);
  } finally {
    await close();
  }
});

test('a backup goes to a medium, and onto nothing that is there already', async ({ ground }) => {
  const { page, close } = await openAs(ground, 'ada');
  const out = join(ground.folder, 'vault.backup');
  try {
    const file = page.getByRole('textbox', { name: 'New file for the backup' });
    const backUp = page.getByRole('button', { name: 'Back up' });
    await expect(backUp).toBeDisabled();
    await file.fill(out);
    await backUp.click();
    const written = page.getByRole('region', { name: 'The backup is written, and opens.' });
    await expect(written).toContainText(out);
    const sha256 = createHash('sha256').update(readFileSync(out)).digest('hex');
    expect(((await written.textContent()) ?? '').replaceAll(/\s/g, '').toLowerCase()).toContain(sha256);
    await shoot(page, 'vault-backup');
    await expectAccessible(page);
    await backUp.click();
    await expect(page.getByRole('alert').filter({ hasText: 'vault.backup' })).toBeVisible();
  } finally {
    await close();
  }
});
