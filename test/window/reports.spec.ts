import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vaultYear } from '../reports/vault-year.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test as base } from './application.ts';
import { shoot } from './shoot.ts';
import { expectWhole } from './zoom.ts';

const test = base.extend({
  place: async ({ place }, use) => {
    await vaultYear(place.folder, join(place.folder, 'all.ledger'));
    await use(place);
  },
});

test('what auditors ask: the year ahead, rotation, access, violations, break-glass, to look at and to take along', async ({
  page,
  place,
}) => {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Reports' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Reports' })).toBeFocused();
  const open = (name: string) => page.getByRole('tab', { name }).click();
  // The last picture is of 1280 x 800.
  const look = async (name: string) => {
    await expectAccessible(page);
    await shoot(page, name);
    await expectWhole(page);
  };
  const row = (name: RegExp) => page.getByRole('row', { name });

  await expect(page.getByRole('heading', { name: 'Overdue' })).toBeVisible();
  await expect(page.getByText('Rotate billing/production/db/main')).toBeVisible();
  await look('reports-calendar');

  await open('Rotation');
  await expect(row(/^billing\/production\/db\/main database-password 2 .* overdue 1 1$/)).toBeVisible();
  await expect(page.getByText(/^Recomputed from \d+ rows of the ledger; \d+ of them are signed\.$/)).toBeVisible();
  await look('reports-rotation');

  await open('Access');
  await expect(page.getByRole('region', { name: 'By month' }).getByRole('listitem')).toHaveCount(4);
  await expect(row(/^billing billing\/production\/db\/main 6 0/)).toBeVisible();
  await expect(row(/^web billing\/production\/db\/main 0 1/)).toBeVisible();
  await look('reports-access');

  await open('Violations');
  await expect(row(/^Access refused .* web billing\/production\/db\/main no grant/)).toBeVisible();
  await look('reports-violations');
  const write = page.getByRole('button', { name: 'Write the report' });
  await expect(write).toBeDisabled();
  const file = join(place.folder, 'violations.csv');
  await page.getByRole('textbox', { name: 'File' }).fill(file);
  await write.click();
  await expect(page.getByRole('status').filter({ hasText: 'Written' })).toContainText(file);
  expect(readFileSync(file, 'utf8')).toContain('seq,at,what,principal');
  await write.click();
  const save = page.getByRole('region', { name: 'Take it along' });
  await expect(save.getByRole('alert')).toContainText('exists already');
  const pdf = join(place.folder, 'violations.pdf');
  await page.getByRole('textbox', { name: 'File' }).fill(pdf);
  await write.click();
  await expect(page.getByRole('status').filter({ hasText: 'Written' })).toContainText(pdf);
  expect(existsSync(pdf)).toBe(true);

  await open('Break-glass');
  await expect(row(/^mira .* over by itself \d+ ada, .*: The password was read\.$/)).toBeVisible();
  await open('Keys');
  await expect(row(/AES-256-GCM .* in use$/)).toBeVisible();
  await expect(page.getByText(/^Recomputed from \d+ rows of the ledger/)).toBeVisible();
  await expectAccessible(page);
  await open('Rehearsals');
  await expect(page.getByText('No rehearsal was recorded.')).toBeVisible();
  await open('Losses');
  const secrets = page.getByRole('region', { name: 'Secrets in the vault' });
  await expect(secrets.getByRole('row')).toHaveCount(5);
  await expect(secrets.getByRole('row', { name: /^billing\/production\/node\/one .* reissued$/ })).toBeVisible();
  await expect(secrets.getByRole('row', { name: /^billing\/production\/db\/main .* 2 made anew/ })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Certificates to reissue' })).toContainText('None.');
  await expect(page.getByText(/^Recomputed from \d+ rows of the ledger/)).toBeVisible();
  await look('reports-losses');
  for (const [end, begins] of [
    ['csv', 'what,'],
    ['json', '{'],
    ['pdf', '%PDF-'],
  ] as const) {
    const taken = join(place.folder, `losses.${end}`);
    await page.getByRole('textbox', { name: 'File' }).fill(taken);
    await write.click();
    await expect(page.getByRole('status').filter({ hasText: 'Written' })).toContainText(taken);
    expect(readFileSync(taken, 'utf8').startsWith(begins)).toBe(true);
  }
});
