import { expectAccessible } from './accessible.ts';
import { shoot } from './shoot.ts';
import { expect, test } from './done.ts';

test('what is due, who holds what, and what was made, by keyboard and by name', async ({ page }) => {
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

  await views.getByRole('button', { name: 'Ceremonies' }).click();
  await expect(page.getByRole('button', { name: 'Begin in training' })).toBeVisible();
});
