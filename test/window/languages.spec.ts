import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './application.ts';
import { shoot } from './shoot.ts';

test('the window goes into German and back, and keeps what was typed', async ({ page, place }) => {
  await page.getByRole('textbox', { name: 'Folder for what is made' }).fill(place.out);
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('heading', { level: 1, name: 'Zeremonien' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Ordner für alles, was entsteht' })).toHaveValue(place.out);
  await expect(page.getByRole('button', { name: 'Als Übung beginnen' })).toBeEnabled();
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
  await shoot(page, 'german-start');

  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('button', { name: 'Begin in training' })).toBeEnabled();
});
