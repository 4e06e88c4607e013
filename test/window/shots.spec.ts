import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { expect, openApplication, test } from './application.ts';
import { login, makeVault, openVaultView, test as vaultTest, unlock } from './vault-ground.ts';
import { REASON, logOut, putOnList, typeCode, typePassphrase } from './vault-life-walk.ts';
import { addMany } from './vault-many.ts';
import {
  answers,
  begin,
  checkMachine,
  confirm,
  expectStep,
  makeKeysAndCertificates,
  makePaper,
  sealBags,
  showSheet,
  openToken,
  passphrases,
  giveSecret,
  prepareMasterKey,
  primary,
  takeRoles,
} from './walk.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
/** The desk's size goes into the documents; the projector's is to be looked at. */
const SIZES = [
  { folder: join(REPOSITORY, '.test/shots'), width: 1920, height: 1080 },
  { folder: join(REPOSITORY, 'docs/images'), width: 1280, height: 800 },
];

async function shoot(page: Page, name: string): Promise<void> {
  for (const { folder, width, height } of SIZES) {
    await page.setViewportSize({ width, height });
    // The private entry has a process of its own, which hears of its new width later.
    for (const frame of page.frames()) {
      await frame.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    }
    await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  }
}

// `npm run shots`: a walk through the ceremony with the camera on. The other specs leave it out.
test('pictures of the window @shots', async ({ page, place }) => {
  await expect(page.getByRole('button', { name: 'Begin in training' })).toBeVisible();
  await shoot(page, 'start');
  await begin(page, place.out);
  await shoot(page, 'roles');
  await takeRoles(page);
  await expectStep(page, 'Check this machine');
  await shoot(page, 'preflight');
  await checkMachine(page);
  await openToken(page);
  await expectStep(page, 'Make and split the master key');
  await page.getByRole('button', { name: 'Amara Diallo types now' }).click();
  await page.frameLocator('iframe').getByRole('button', { name: 'Give it' }).waitFor();
  await shoot(page, 'passphrase');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Pause…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause the ceremony' });
  await dialog.getByRole('button', { name: 'Who says so' }).click();
  await page.getByRole('option', { name: 'Jonas Weber' }).click();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('The notary is called away for twenty minutes.');
  await dialog.getByRole('button', { name: 'Pause now' }).click();
  await expect(page.getByText('Paused by Jonas Weber')).toBeVisible();
  await shoot(page, 'paused');
  await page.getByRole('button', { name: 'Continue…' }).click();
  const back = page.getByRole('dialog', { name: 'Continue the ceremony' });
  await back.getByRole('button', { name: 'Who says so' }).click();
  await page.getByRole('option', { name: 'Inês Duarte' }).click();
  await back.getByRole('button', { name: 'Continue now' }).click();
  await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', answers.pin ?? '', false);
  await prepareMasterKey(page);
  await shoot(page, 'master-key');
  await primary(page, 'Make and split the key');
  await makeKeysAndCertificates(page, async () => {
    await shoot(page, 'read-back');
    await page.getByRole('button', { name: 'Dark' }).click();
    await shoot(page, 'read-back-dark');
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.getByRole('button', { name: 'Projector' }).click();
    await shoot(page, 'read-back-projector');
    await page.getByRole('button', { name: 'Projector' }).click();
  });
  await makePaper(page);
  await expectStep(page, 'Rehearse recovery');
  const person = answers.participants.custodian?.[0] ?? '';
  await page.getByRole('button', { name: `${person} shows the share` }).click();
  const entry = page.frameLocator('iframe');
  await entry.getByRole('tab', { name: 'Type the lines' }).click();
  await entry.getByRole('textbox', { name: 'Line 1', exact: true }).waitFor();
  await shoot(page, 'share');
  for (const number of [1, 3, 5]) {
    const custodian = answers.participants.custodian?.[number - 1] ?? '';
    await showSheet(page, custodian, number);
    await giveSecret(page, custodian, `Passphrase of custodian ${number}`, passphrases[number - 1] ?? '', false);
  }
  await confirm(page, 'Tomás Herrera', 'Auditor');
  await primary(page, 'Recover and prove');
  await sealBags(page, () => shoot(page, 'bags'));
  await expectStep(page, 'Export the bundle');
  await shoot(page, 'bundle');
  await confirm(page, 'Jonas Weber', 'Ceremony administrator');
  await primary(page, 'Sign and encrypt the bundle');
  await expectStep(page, 'Close the ceremony');
  await confirm(page, 'Tomás Herrera', 'Auditor');
  await primary(page, 'Sign the transcript');
  await expect(page.getByRole('heading', { level: 1, name: 'The ceremony is complete' })).toBeVisible();
  await shoot(page, 'complete');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('textbox', { name: 'Checkpoint from the last transcript' })).toBeVisible();
  await shoot(page, 'start-again');
  for (const view of ['Custody', 'Inventory', 'Ledger', 'Reports', 'Tokens', 'Bundles']) {
    await page.getByRole('button', { name: view, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: view })).toBeFocused();
    if (view === 'Reports') await page.getByRole('tab', { name: 'Rehearsals' }).click();
    await expect(page.getByRole('rowheader').first()).toBeVisible();
    await shoot(page, view.toLowerCase());
  }
  await page.getByRole('button', { name: 'Ledger', exact: true }).click();
  await page.getByRole('tab', { name: 'Verify' }).click();
  await page.getByRole('button', { name: 'Verify the ledger' }).click();
  await expect(page.getByText('all in order')).toBeVisible();
  await shoot(page, 'ledger-verified');
  await page.getByRole('tab', { name: 'Checkpoint' }).click();
  await expect(page.getByRole('img', { name: 'QR code of the checkpoint' })).toBeVisible();
  await shoot(page, 'ledger-checkpoint');
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Save' })).toBeVisible();
  await shoot(page, 'settings');
});

vaultTest('pictures of the vault @shots', async ({ ground }) => {
  const { page, close } = await openApplication(ground.data);
  await openVaultView(page);
  await unlock(page);
  await login(page, ground, 'ada');
  await expect(page.getByText('The key opens what it sealed.')).toBeVisible();
  await shoot(page, 'vault');
  await page.getByRole('tab', { name: 'Secrets' }).click();
  const secret = page.getByRole('button', { name: 'Open billing/production/db/main' });
  await expect(secret).toBeVisible();
  await shoot(page, 'vault-secrets');
  await secret.click();
  await expect(page.getByText('Versions that are kept')).toBeVisible();
  await shoot(page, 'vault-secret');
  await page.getByRole('tab', { name: 'Approvals' }).click();
  await page.getByRole('button', { name: /^bob: / }).click();
  await shoot(page, 'vault-approval');
  await page.getByRole('tab', { name: 'Who may' }).click();
  await expect(page.getByRole('row', { name: /^billing READ, WRITE/ })).toBeVisible();
  await shoot(page, 'vault-grants');
  await page.getByRole('tab', { name: 'People' }).click();
  await expect(page.getByRole('button', { name: 'Open billing' })).toBeVisible();
  await shoot(page, 'vault-people');
  await page.getByRole('tab', { name: 'Policy' }).click();
  await expect(page.getByText('Limits for all')).toBeVisible();
  await shoot(page, 'vault-policy');
  await close();
});

test('pictures of a rotation and of an emergency @shots', async ({ place }) => {
  const ground = { ...place, ...(await makeVault(place, 0, ['mira'])) };
  await addMany(ground.data, 8000);
  const { page, close } = await openApplication(ground.data);
  await openVaultView(page);
  await unlock(page);
  await login(page, ground, 'ada');
  await putOnList(page, 'mira');
  await page.getByRole('tab', { name: 'Keys' }).click();
  await page.getByRole('button', { name: 'Rotate the key' }).click();
  await page.getByRole('button', { name: 'Type the passphrase' }).click();
  await typePassphrase(page);
  await expect(page.getByRole('progressbar', { name: 'Rotation of the key' })).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('Paused', { exact: true })).toBeVisible();
  await shoot(page, 'vault-keys');
  await logOut(page);
  await login(page, ground, 'mira');
  await page.getByRole('tab', { name: 'Emergency' }).click();
  await page.getByRole('button', { name: 'Break the glass' }).click();
  await page.getByRole('textbox', { name: 'Reason' }).fill(REASON);
  await page.getByRole('textbox', { name: 'Where' }).fill('billing/production/*');
  await page.getByRole('button', { name: 'Type a second code' }).click();
  await typeCode(page, ground, 'mira');
  await page.getByRole('tab', { name: 'Secrets' }).click();
  await expect(page.getByRole('button', { name: /^Open / })).toHaveCount(3);
  await shoot(page, 'vault-emergency');
  await close();
});
