import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import type { SecretIdentity } from '../../core/contract/vault.ts';
import { sha256Of } from '../../core/vault/namespace-export.ts';
import { bytes } from '../vault/sample-vault.ts';
import { expectAccessible, expectAccessibleAsIs } from './accessible.ts';
import { expect, openApplication, test } from './application.ts';
import { keyboardOf } from './hand.ts';
import { shoot } from './shoot.ts';
import { GUARDED, login, makeVault, openVaultView, unlock } from './vault-ground.ts';
import { logOut } from './vault-life-walk.ts';
import { expectWholeAt200 } from './zoom.ts';

/** Secrets that two people guard, and a namespace that is carried, in the window. */

const PLACE = 'pki/isolated/root-2026/backup';
const PURPOSE = 'The move to the other site';
const ISSUING: SecretIdentity = { owner: 'pki', environment: 'production', name: 'issuing' };
const PLAN = { rotator: { name: 'random', value: { bytes: 32 } }, after: null } as const;

const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

async function askFor(page: Page, action: string): Promise<void> {
  await page.getByRole('button', { name: 'Ask 2 people…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Ask for approval' });
  await dialog.getByRole('radio', { name: action }).press('Space');
  await dialog.getByRole('textbox', { name: 'Purpose' }).fill(PURPOSE);
  if (action === 'list the versions') await shoot(page, 'vault-ask');
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
  await dialog.getByRole('button', { name: 'Close' }).click();
}

async function approveAll(page: Page, actions: string[]): Promise<void> {
  await tab(page, 'Approvals');
  for (const action of actions) {
    await page.getByRole('button', { name: `dora: ${action} ${PLACE}` }).click();
    await keyboardOf(page).press(page.getByRole('button', { name: 'Approve exactly this' }));
    await expect(page.getByText('You have approved this.')).toBeVisible();
    await page.getByRole('button', { name: 'Back to the approvals' }).click();
  }
}

async function choose(page: Page, label: string): Promise<void> {
  await page.getByRole('button', { name: label }).click();
  await page.getByRole('option', { name: PURPOSE }).click();
}

test('what two people approved: the versions are listed, the secret rotates, and its namespace goes out and in', async ({
  place,
}) => {
  // dora logs in twice within one code's time, and so not before: no code counts that is two ahead.
  const codes = await makeVault(place, 0, ['dora'], async (ada) => {
    const scope = { owner: '*', environment: '*', name: '*' } as const;
    await ada('vault.grant', { name: 'dora', scope, rights: ['READ', 'WRITE', 'ROTATE', 'ADMIN'] });
    await ada('vault.put', { ...ISSUING, category: 'intermediate-ca-key' }, { value: bytes('one') });
    await ada('vault.setPlan', { ...GUARDED, plan: PLAN });
    await ada('vault.setPlan', { ...ISSUING, plan: PLAN });
  });
  const [key, certificate, out, shop] = ['to.key', 'to.crt', 'pki.cms', 'shop.cms'].map((name) =>
    join(place.folder, name),
  );
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9'];
  execFileSync('openssl', [...request, '-subj', '/CN=other', '-keyout', key ?? '', '-out', certificate ?? ''], {
    stdio: 'ignore',
  });
  const ground = { ...place, ...codes };
  const { page, close } = await openApplication(ground.data);
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, ground, 'dora');
    await tab(page, 'Secrets');
    await page.getByRole('button', { name: `Open ${PLACE}` }).click();
    const show = page.getByRole('button', { name: 'Show them' });
    await expect(show).toHaveCount(1);
    await expect(show).toBeDisabled();
    const asked = ['list the versions', 'rotate', 'export'];
    for (const action of asked) await askFor(page, action);
    await logOut(page);
    for (const approver of ['ada', 'cleo']) {
      await login(page, ground, approver);
      await approveAll(page, asked);
      await logOut(page);
    }

    await login(page, ground, 'dora');
    await tab(page, 'Secrets');
    await page.getByRole('button', { name: `Open ${PLACE}` }).click();
    await choose(page, 'What was approved');
    await shoot(page, 'vault-guarded');
    await expectAccessible(page);
    await keyboardOf(page).press(show);
    await expect(page.getByRole('row', { name: /^1 .* bob AES-256-GCM/ })).toBeVisible();
    await expect(page.getByText('drawn by the vault, 32 bytes')).toBeVisible();
    await shoot(page, 'vault-guarded-shown');
    await expectWholeAt200(page, []);
    // Its interval is set beside what is shown, which is no more so then: another look takes another approval.
    await page.getByRole('button', { name: 'Set the rotation…' }).click();
    await page.getByRole('textbox', { name: 'Interval in days' }).fill('300');
    await keyboardOf(page).press(page.getByRole('button', { name: 'Set it' }));
    await expect(page.getByText('It is set.')).toBeVisible();
    await expect(show).toBeDisabled();

    await page.getByRole('button', { name: 'Back to the secrets' }).click();
    await page.getByRole('button', { name: 'Export a namespace' }).click();
    const exportIt = page.getByRole('button', { name: 'Export', exact: true });
    await page.getByRole('textbox', { name: 'Owner' }).fill('pki');
    await page.getByRole('textbox', { name: 'Recipient’s certificate' }).fill(certificate ?? '');
    await page.getByRole('textbox', { name: 'New file for the export' }).fill(out ?? '');
    await expect(exportIt).toBeDisabled();
    await page.getByRole('checkbox', { name: PLACE }).check();
    await expect(page.getByRole('textbox', { name: 'Purpose' })).toHaveValue(PURPOSE);
    await shoot(page, 'vault-export');
    await expectAccessible(page);
    await expectWholeAt200(page, []);
    await keyboardOf(page).press(exportIt);
    await expect(page.getByRole('status').filter({ hasText: '2 secrets are in the file' })).toBeVisible();
    expect(readFileSync(out ?? '').includes('root-2026')).toBe(false);
    await shoot(page, 'vault-exported');
    await page.getByRole('button', { name: 'Back to the secrets' }).click();

    // What needs a purpose is not rotated without one; what two people guard, as they approved.
    await page.getByRole('button', { name: 'Open pki/production/issuing' }).click();
    await page.getByRole('button', { name: 'Rotate now…' }).click();
    const rotate = page.getByRole('button', { name: 'Rotate it' });
    await expect(page.getByText('version 2', { exact: true })).toBeVisible();
    await expect(rotate).toBeDisabled();
    await page.getByRole('textbox', { name: 'Purpose' }).fill('A new year');
    await expectAccessibleAsIs(page);
    await keyboardOf(page).press(rotate);
    await expect(page.getByText('Version 2 is in force.')).toBeVisible();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Back to the secrets' }).click();
    await page.getByRole('button', { name: `Open ${PLACE}` }).click();
    await page.getByRole('button', { name: 'Rotate now…' }).click();
    await expect(rotate).toBeDisabled();
    await choose(page, 'What was approved');
    await expect(page.getByText('version 2', { exact: true })).toBeVisible();
    await shoot(page, 'vault-rotate-guarded');
    await keyboardOf(page).press(rotate);
    await expect(page.getByText('Version 2 is in force.')).toBeVisible();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Back to the secrets' }).click();

    // What is there already is not replaced, unless that is said; then all of it is there again.
    await page.getByRole('textbox', { name: 'Owner' }).fill('shop');
    await page.getByRole('button', { name: /Environment$/ }).click();
    await page.getByRole('option', { name: 'production' }).click();
    await page.getByRole('button', { name: 'Export a namespace' }).click();
    await page.getByRole('textbox', { name: 'Recipient’s certificate' }).fill(certificate ?? '');
    await page.getByRole('textbox', { name: 'New file for the export' }).fill(shop ?? '');
    await page.getByRole('textbox', { name: 'Purpose' }).fill(PURPOSE);
    await exportIt.press('Space');
    await expect(page.getByRole('status').filter({ hasText: '2 secrets are in the file' })).toBeVisible();
    await page.getByRole('button', { name: 'Back to the secrets' }).click();
    await page.getByRole('button', { name: 'Import a namespace' }).click();
    const importIt = page.getByRole('button', { name: 'Import', exact: true });
    const sha256 = sha256Of(readFileSync(shop ?? ''));
    await page.getByRole('textbox', { name: 'Export file' }).fill(shop ?? '');
    const hash = page.getByRole('textbox', { name: 'SHA-256' });
    await hash.fill(sha256.slice(1));
    await expect(page.getByText('It has 64 digits from 0 to 9 and a to f.')).toBeVisible();
    await hash.fill(sha256.toUpperCase().replace(/.{8}/g, '$& '));
    await page.getByRole('textbox', { name: 'Recipient’s private key' }).fill(key ?? '');
    await page.getByRole('textbox', { name: 'Purpose' }).fill(PURPOSE);
    await keyboardOf(page).press(importIt);
    await expect(page.getByRole('alert').filter({ hasText: 'shop/production/session/signing' })).toBeVisible();
    await shoot(page, 'vault-import');
    await expectAccessible(page);
    await expectWholeAt200(page, []);
    await page.getByRole('radio', { name: 'gets a new version' }).press('Space');
    await importIt.press('Space');
    await expect(page.getByRole('status').filter({ hasText: '2 secrets are in this vault' })).toBeVisible();
    await shoot(page, 'vault-imported');
  } finally {
    await close();
  }
});

test('two people approve the way back to the value before, which is then taken once', async ({ place }) => {
  const codes = await makeVault(place, 0, ['dora'], async (ada, { bob, cleo }) => {
    const scope = { owner: '*', environment: '*', name: '*' } as const;
    await ada('vault.grant', { name: 'dora', scope, rights: ['READ', 'WRITE', 'ROTATE'] });
    const { output } = await bob('vault.request', { ...GUARDED, action: 'put', purpose: PURPOSE });
    for (const approver of [ada, cleo]) await approver('vault.approve', { request: output.id, shown: output.shown });
    await bob('vault.put', { ...GUARDED, purpose: PURPOSE, request: output.id }, { value: bytes('two') });
  });
  const ground = { ...place, ...codes };
  const { page, close } = await openApplication(ground.data);
  const dialog = page.getByRole('dialog', { name: 'Back to the value before' });
  const takeBack = dialog.getByRole('button', { name: 'Take it back' });
  const openBack = async () => {
    await tab(page, 'Secrets');
    await page.getByRole('button', { name: `Open ${PLACE}` }).click();
    await page.getByRole('button', { name: 'Back to the value before…' }).click();
  };
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, ground, 'dora');
    await openBack();
    // Nobody has approved anything yet.
    await expect(takeBack).toBeDisabled();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await askFor(page, 'rotate');
    await logOut(page);
    for (const approver of ['ada', 'cleo']) {
      await login(page, ground, approver);
      await approveAll(page, ['rotate']);
      await logOut(page);
    }

    await login(page, ground, 'dora');
    await openBack();
    await expect(takeBack).toBeDisabled();
    await choose(page, 'What was approved');
    await expect(takeBack).toBeEnabled();
    await expect(dialog.getByText(`Version 2 of ${PLACE} counts no more`)).toBeVisible();
    await shoot(page, 'vault-back-guarded');
    await expectAccessibleAsIs(page);
    // Enter does not take it back, the space bar does.
    await keyboardOf(page).press(takeBack);
    await expect(dialog.getByText('The newest is version 3, with the value from before.')).toBeVisible();
    await dialog.getByRole('button', { name: 'Close' }).click();
    // What they approved is used up.
    await page.getByRole('button', { name: 'Back to the value before…' }).click();
    await expect(takeBack).toBeDisabled();
    await expect(dialog.getByRole('button', { name: 'What was approved' })).toHaveCount(0);
  } finally {
    await close();
  }
});
