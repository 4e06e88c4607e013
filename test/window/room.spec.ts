import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { makeSoftHsm, SOFTHSM_MODULE } from '../hsm/softhsm.ts';
import { writeTokenFile } from '../cli/token-file.ts';
import { startCups } from '../print/cupsd.ts';
import { listCameras } from '../../core/service/cameras.ts';
import { expectAccessible } from './accessible.ts';
import { expect, openApplication, test } from './application.ts';
import { shoot } from './shoot.ts';

/** The views of a store that has seen nothing yet, and of what stands around it: tokens, printers, settings. */

async function go(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: view }).click();
  await expect(page.getByRole('heading', { level: 1, name: view })).toBeFocused();
}

test('a new store: every list says that it is empty, and what fills it', async ({ page }) => {
  await go(page, 'Ledger');
  await expect(page.getByText('The ledger is empty. The first ceremony writes its first row.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('tab', { name: 'Verify' }).click();
  await page.getByRole('button', { name: 'Verify the ledger' }).click();
  await expect(page.getByText('The ledger is empty: there is nothing to verify')).toBeVisible();
  await page.getByRole('tab', { name: 'Checkpoint' }).click();
  await expect(page.getByText('No checkpoint is signed yet. Every ceremony ends with one.')).toBeVisible();
  await page.getByRole('tab', { name: 'Export' }).click();
  await expect(page.getByText('No checkpoint is signed yet, so nothing could be proven')).toBeVisible();

  await go(page, 'Tokens');
  await expect(page.getByText('None yet. A ceremony in training')).toBeVisible();
  await expect(page.getByText('None yet. A token file (YAML) names')).toBeVisible();
  await expectAccessible(page);

  await go(page, 'Bundles');
  await expect(page.getByText('None yet. A ceremony with an export step makes one')).toBeVisible();
  await page.getByRole('tab', { name: 'Received' }).click();
  await expect(page.getByText('None yet. Under Import')).toBeVisible();
  await expectAccessible(page);

  await go(page, 'Settings');
  await page.getByRole('tab', { name: 'Camera' }).click();
  const [camera] = await listCameras();
  const said = camera === undefined ? page.getByText('No camera is to be seen.') : page.getByText('Whichever is there');
  await expect(said).toBeVisible();
});

test('a module tells its slots, and a token file what its token holds', async ({ place }) => {
  const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
  const token = writeTokenFile(join(place.folder, 'token'));
  const { page, close } = await openApplication(place.data);
  try {
    await go(page, 'Tokens');
    await page.getByRole('tab', { name: 'Module' }).click();
    await page.getByRole('textbox', { name: 'PKCS#11 module' }).fill('/usr/lib/there-is-none.so');
    const look = page.getByRole('button', { name: 'Look at the module' });
    await look.click();
    await expect(page.getByRole('alert').filter({ hasText: '/usr/lib/there-is-none.so' })).toBeVisible();
    await page.getByRole('textbox', { name: 'PKCS#11 module' }).fill(SOFTHSM_MODULE);
    await look.click();
    const slot = page.getByRole('article', { name: /^Slot \d+: ceremony$/ });
    const needs = slot.getByRole('table', { name: 'What a ceremony needs of it' });
    await expect(needs.getByRole('cell', { name: 'there', exact: true }).first()).toBeVisible();
    await slot.getByRole('button', { name: /^\d+ mechanisms$/ }).click();
    await expect(slot.getByRole('rowheader', { name: 'CKM_ECDSA', exact: true })).toBeVisible();
    await slot.getByRole('button', { name: /^\d+ mechanisms$/ }).click();
    await expect(page.getByRole('article', { name: /a token that is not initialised$/ })).toBeVisible();
    await shoot(page, 'token-module');
    await expectAccessible(page);

    await page.getByRole('tab', { name: 'Tokens' }).click();
    const file = page.getByRole('textbox', { name: 'Another token file' });
    await file.fill(join(place.folder, 'none.yaml'));
    await page.getByRole('button', { name: 'Read the file' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'There is no file' })).toBeVisible();
    await file.fill(token);
    await page.getByRole('button', { name: 'Read the file' }).click();
    await expect(page.getByRole('row', { name: /^ceremony/ })).toContainText('from a file');
    await shoot(page, 'tokens');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'What ceremony holds' }).click();
    await page.getByRole('button', { name: 'Log in and look' }).click();
    await expect(page.getByText('Nothing: the token is empty.')).toBeVisible();
    await expectAccessible(page);
  } finally {
    await close();
    softHsm.remove();
  }
});

test('settings are kept by core, and the next window opens with them', async ({ place }) => {
  const cups = await startCups(['paper', 'archive']);
  try {
    const first = await openApplication(place.data);
    try {
      const { page } = first;
      await go(page, 'Settings');
      await shoot(page, 'settings');
      await expectAccessible(page);
      await page.getByRole('radio', { name: 'Projector' }).press('Space');
      await page.getByRole('radio', { name: 'Dark' }).press('Space');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByText('Saved.')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Projector' })).toHaveAttribute('aria-pressed', 'true');
      await shoot(page, 'settings-projector');
      await page.getByRole('button', { name: 'Projector' }).click();

      await page.getByRole('tab', { name: 'Printing' }).click();
      await page.getByRole('radio', { name: 'Letter' }).press('Space');
      await page.getByRole('button', { name: 'Printer' }).click();
      await page.getByRole('option', { name: 'paper' }).click();
      await page.getByRole('button', { name: 'Print a test page on paper' }).click();
      await expect(page.getByText(/^Purged/)).toBeVisible();
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByText('Saved.')).toBeVisible();
      await shoot(page, 'settings-printing');
      await expectAccessible(page);

      await page.getByRole('tab', { name: 'Policy' }).click();
      await expect(page.getByRole('row', { name: /^Root and issuing CA 2026/ })).toContainText('3 of 5');
      await expect(page.getByText('Master key and vault key rotated')).toBeVisible();
      await shoot(page, 'settings-policy');
      await expectAccessible(page);
    } finally {
      await first.close();
    }
    const file = join(place.data, 'settings.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      size: 'projector',
      paper: 'Letter',
      printer: 'paper',
    });
    const second = await openApplication(place.data);
    try {
      const { page } = second;
      await expect(page.getByRole('button', { name: 'Projector' })).toHaveAttribute('aria-pressed', 'true');
      await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
      await go(page, 'Settings');
      await page.getByRole('tab', { name: 'Printing' }).click();
      await expect(page.getByRole('radio', { name: 'Letter' })).toBeChecked();
      await expect(page.getByRole('button', { name: 'Printer' })).toContainText('paper');
    } finally {
      await second.close();
    }
    // What cannot be read is said, and gives way to what is saved next.
    writeFileSync(file, '{"theme":"pink"}', { mode: 0o600 });
    const third = await openApplication(place.data);
    try {
      const { page } = third;
      await go(page, 'Settings');
      await expect(page.getByRole('alert').filter({ hasText: 'does not hold settings' })).toBeVisible();
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByText('Saved.')).toBeVisible();
    } finally {
      await third.close();
    }
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ theme: 'light', printer: null });
  } finally {
    await cups.remove();
  }
});
