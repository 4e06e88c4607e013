import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { scanPicture } from '../../core/print/scan.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './done.ts';
import { shoot } from './shoot.ts';
import { answers } from './walk.ts';

/** The views of what was done, in a store with one finished ceremony. */

async function go(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: view }).click();
  await expect(page.getByRole('heading', { level: 1, name: view })).toBeFocused();
}

test('the ledger: rows are found and proven, verified whole, shown to the room and exported', async ({
  page,
  place,
}) => {
  await go(page, 'Ledger');
  const first = page.getByRole('row').nth(1);
  await expect(first).toContainText('not yet signed');
  await shoot(page, 'ledger-rows');
  await expectAccessible(page);

  // By kind, and back again.
  await page.getByRole('button', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Checkpoint signed' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Every kind' }).click();
  // By what stands in it, capitals or not.
  await page.getByRole('textbox', { name: 'Find' }).fill('zürich, SAFE 3');
  await expect(page.getByRole('row').nth(1)).toContainText('bags');
  await page.getByRole('textbox', { name: 'Find' }).fill('nothing says this');
  await expect(page.getByText('No row fits. Take something out of the filter.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Find' }).fill('');
  await page.getByRole('textbox', { name: 'Before, UTC' }).fill('2020-01-01');
  await expect(page.getByText('No row fits. Take something out of the filter.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Before, UTC' }).fill('');

  // One row, with its proof; and one that no checkpoint covers.
  await page.getByRole('button', { name: /^Row \d+: Ceremony completed/ }).click();
  await expect(page.getByRole('heading', { level: 2, name: /Ceremony completed/ })).toBeFocused();
  await expect(page.getByText('Not yet signed, so nothing proves it yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Back to the rows' }).click();
  await page.getByRole('button', { name: 'Older rows' }).click();
  await page.getByRole('button', { name: 'Row 1: Ceremony begun' }).click();
  await expect(page.getByText('Proven in the newest signed checkpoint')).toBeVisible();
  await page.getByRole('button', { name: /^The hashes/ }).click();
  await shoot(page, 'ledger-row');
  await expectAccessible(page);

  await page.getByRole('tab', { name: 'Verify' }).click();
  await page.getByRole('textbox', { name: 'Checkpoint on paper' }).fill('7 seven words are none of it');
  await page.getByRole('button', { name: 'Verify the ledger' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The checkpoint cannot be read' })).toBeVisible();
  await page
    .getByRole('textbox', { name: 'Checkpoint on paper' })
    .fill(readFileSync(join(place.out, 'checkpoint.txt'), 'utf8'));
  await page.getByRole('button', { name: 'Verify the ledger' }).click();
  const found = page.getByRole('region', { name: 'What was found' });
  await expect(found.getByText(/\d+ rows, all in order/)).toBeVisible();
  await expect(found.getByText(/^the checkpoint on paper, \d+ rows, is contained/)).toBeVisible();
  await expect(found.getByText(/^Rows after the newest checkpoint, not yet signed: \d+\./)).toBeVisible();
  await shoot(page, 'ledger-verified');
  await expectAccessible(page);

  await page.getByRole('tab', { name: 'Checkpoint' }).click();
  const witness = page.getByRole('region', { name: 'The newest checkpoint' });
  await expect(witness.getByRole('listitem')).toHaveCount(32);
  // What a scanner sees is the checkpoint on the medium.
  const picture = await witness.getByRole('img', { name: 'QR code of the checkpoint' }).screenshot();
  const checkpoint = readFileSync(join(place.out, 'checkpoint.txt'), 'utf8');
  expect(await scanPicture(new Uint8Array(picture))).toEqual([checkpoint]);
  await shoot(page, 'ledger-witness');
  await expectAccessible(page);

  await page.getByRole('tab', { name: 'Export' }).click();
  const slice = join(place.folder, 'slice.ledger');
  await page.getByRole('textbox', { name: 'To row' }).fill('12');
  await page.getByRole('textbox', { name: 'File' }).fill(slice);
  await page.getByRole('button', { name: 'Export the rows' }).click();
  await expect(page.getByText('Rows 1 to 12 are written')).toBeVisible();
  expect(readFileSync(slice, 'utf8')).toContain('claviger-ledger-1');
  await expectAccessible(page);
});

test('bundles: what was made is listed, imported with its key and root, and recorded', async ({ page, place }) => {
  await go(page, 'Bundles');
  await expect(page.getByRole('row', { name: /TRAINING/ })).toContainText(join(place.out, 'bundle.cms'));
  await shoot(page, 'bundles');
  await expectAccessible(page);
  await page.getByRole('tab', { name: 'Received' }).click();
  await expect(page.getByText('None yet. Under Import, a bundle is verified')).toBeVisible();
  await page.getByRole('tab', { name: 'Import' }).click();
  const field = (name: string) => page.getByRole('textbox', { name });
  await field('Bundle file').fill(join(place.out, 'bundle.cms'));
  await field('Private key of the recipient').fill(join(place.out, 'recipient.key'));
  await field('Root certificate').fill(join(place.out, 'issuing.crt'));
  await field('Folder for what it holds').fill(join(place.folder, 'imported'));
  const verify = page.getByRole('button', { name: 'Verify and import' });
  await verify.click();
  await expect(page.getByRole('alert').filter({ hasText: 'root' })).toBeVisible();
  await field('Root certificate').fill(join(place.out, 'root.crt'));
  await verify.click();
  const imported = page.getByRole('region', { name: 'What was imported' });
  await expect(imported.getByText('Bundle 1 is verified and written')).toBeVisible();
  await shoot(page, 'bundle-imported');
  await expectAccessible(page);
  expect(readFileSync(join(place.folder, 'imported/root.crt'), 'utf8')).toContain('BEGIN CERTIFICATE');
  await page.getByRole('tab', { name: 'Received' }).click();
  await expect(page.getByRole('row', { name: /the root was named/ })).toContainText(join(place.folder, 'imported'));
  await shoot(page, 'bundles-received');
  await expectAccessible(page);
});

test('a training token shows what it holds, after a PIN that the window never sees', async ({ page }) => {
  await go(page, 'Tokens');
  await page.getByRole('button', { name: 'What Root and issuing CA 2026 holds' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'What Root and issuing CA 2026 holds' })).toBeFocused();
  await page.getByRole('button', { name: 'Type the PIN' }).click();
  const frame = page.frameLocator('iframe[title="Private entry for The operator"]');
  const type = async (pin: string) => {
    await frame.getByLabel('PIN of Root and issuing CA 2026').fill(pin);
    await frame.getByRole('button', { name: 'Give it' }).click();
  };
  await type('not the one');
  await expect(frame.getByText('is wrong.')).toBeVisible();
  await shoot(page, 'token-pin');
  await type(answers.pin ?? '');
  await expect(page.getByRole('row', { name: /^root-2026/ })).toContainText('EC-P384');
  await expect(page.locator('iframe')).toHaveCount(0);
  await shoot(page, 'token-contents');
  await expectAccessible(page);
});

test('scripts stand by what they are for, and the chosen one is written for paper', async ({ page }) => {
  for (const group of ['Make', 'Use', 'Prove', 'Change', 'Recover', 'End']) {
    await expect(page.getByRole('group', { name: group, exact: true })).toBeVisible();
  }
  const prove = page.getByRole('group', { name: 'Prove', exact: true });
  await expect(prove.getByRole('radio')).toHaveCount(3);
  await expect(page.getByText('Rotate master-key-2026')).toBeVisible();
  const folder = mkdtempSync(join(tmpdir(), 'claviger-paper-'));
  const file = page.getByRole('textbox', { name: 'File for the paper script' });
  await expect(file).toHaveValue(/root-and-issuing-script\.pdf$/);
  await file.fill(join(folder, 'script.pdf'));
  const write = page.getByRole('button', { name: 'Write the paper script' });
  await write.click();
  await expect(page.getByText(`Written: ${join(folder, 'script.pdf')}`)).toBeVisible();
  expect(readFileSync(join(folder, 'script.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
  await write.click();
  await expect(page.getByRole('alert').filter({ hasText: 'exists already' })).toBeVisible();
  rmSync(folder, { recursive: true });
  await shoot(page, 'start-groups');
  await expectAccessible(page);
});
