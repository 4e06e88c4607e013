import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible, expectAccessibleAsIs } from './accessible.ts';
import { shoot } from './shoot.ts';
import { expect, test } from './done.ts';

test('what is due, who holds what, and what was made, by keyboard and by name', async ({ page, place: { folder } }) => {
  const views = page.getByRole('navigation', { name: 'Views' });
  await expect(views.getByRole('button', { name: 'Ceremonies' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByRole('heading', { name: 'What is due' })).toBeVisible();
  await expect(page.getByText('Attest every share of master-key-2026')).toBeVisible();
  await expect(page.getByText('5 of 5 shares count; 3 are needed.')).toBeVisible();
  await expectAccessible(page);
  await shoot(page, 'due');

  await views.getByRole('button', { name: 'Custody' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Custody' })).toBeFocused();
  const set = page.getByRole('article', { name: 'master-key-2026, 3 of 5' });
  await expect(set.getByText('Custodians that may be lost, whoever they are: 2.')).toBeVisible();
  const picture = set.getByRole('region', { name: 'What lies where' });
  const place = picture.getByRole('row', { name: /^Zürich, safe 3/ });
  await expect(place.getByRole('cell', { name: 'Sheet' })).toHaveCount(1);
  await expect(place.getByRole('cell', { name: '4 left, enough' })).toBeVisible();
  await expect(
    set.getByRole('row', { name: /^Share 2, Card Chen Wei Basel, deposit box 61 A-1102 S-5102/ }),
  ).toBeVisible();
  await expect(set.getByRole('row', { name: /^Manifest sheet/ })).toBeVisible();
  await expectAccessible(page);
  await shoot(page, 'custody');

  await views.getByRole('button', { name: 'Inventory' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Inventory' })).toBeFocused();
  const issuing = page.getByRole('row', { name: /Issuing I1.*issued by TRAINING Example Root R1/ });
  await expect(issuing.getByRole('cell', { name: 'valid', exact: true })).toBeVisible();
  await expect(page.getByRole('row', { name: /^root-2026 EC-P384 a CA/ })).toContainText('in the token');
  await expectAccessible(page);
  await shoot(page, 'inventory');

  await views.getByRole('button', { name: 'Reports' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Reports' })).toBeFocused();
  const save = async (name: string) => {
    const file = join(folder, name);
    await page.getByRole('textbox', { name: 'File' }).fill(file);
    await page.getByRole('button', { name: 'Write the report' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Written' })).toContainText(file);
    return readFileSync(file, 'utf8');
  };
  expect(await save('due.ics')).toContain('SUMMARY:Rehearse a recovery of master-key-2026');
  await shoot(page, 'reports-calendar-saved');
  await page.getByRole('tab', { name: 'Rehearsals' }).click();
  const next = page.getByRole('region', { name: 'The next ones' });
  await expect(next.getByText('Rehearse a recovery of master-key-2026')).toBeVisible();
  const recovery = page.getByRole('row', { name: /^Recovery .* 1, 3, 5 root-2026: signed issuing-2026: signed/ });
  await expect(recovery).toContainText('Root and issuing CA 2026 (TRAINING), completed');
  await expect(recovery).toContainText('Witness: Inês Duarte');
  await expectAccessible(page);
  await shoot(page, 'reports-rehearsals');
  expect(await save('rehearsals.csv')).toContain(',1; 3; 5,,root-2026 signed; issuing-2026 signed,');
  expect(JSON.parse(await save('rehearsals.json'))).toMatchObject({ rehearsals: [{ shares: [1, 3, 5] }] });
  expect(await save('rehearsals.pdf')).toMatch(/^%PDF-/);

  await page.getByRole('button', { name: 'Deutsch' }).click();
  await page.getByRole('tab', { name: 'Proben' }).click();
  await expect(page.getByRole('row', { name: /^Wiederherstellung .* Zeuge\/Zeugin: Inês Duarte/ })).toBeVisible();
  await expectAccessibleAsIs(page);
  await shoot(page, 'german-reports-rehearsals');
  await page.getByRole('button', { name: 'English' }).click();

  await views.getByRole('button', { name: 'Ceremonies' }).click();
  await expect(page.getByRole('button', { name: 'Begin in training' })).toBeVisible();
});
