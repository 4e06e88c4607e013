import { expect, openApplication, test } from './application.ts';
import {
  begin,
  checkMachine,
  expectStep,
  giveSecret,
  prepareMasterKey,
  openToken,
  primary,
  takeRoles,
} from './walk.ts';

test('a wrong PIN after a restart is refused in words, and the right one goes on', async ({ place }) => {
  const first = await openApplication(place.data);
  await begin(first.page, place.out);
  await takeRoles(first.page);
  await checkMachine(first.page);
  await openToken(first.page);
  await expectStep(first.page, 'Make and split the master key');
  await first.close();
  const second = await openApplication(place.data);
  try {
    const { page } = second;
    await page.getByRole('button', { name: 'Resume the ceremony' }).click();
    await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', 'not the PIN', false);
    await prepareMasterKey(page);
    await primary(page, 'Make and split the key');
    await expect(page.getByRole('alert').filter({ hasText: 'is wrong' })).toBeVisible();
    // Nothing was begun: the same step waits for the PIN.
    await expect(page.getByRole('button', { name: 'Mira Lindqvist types now' })).toBeVisible();
  } finally {
    await second.close();
  }
});

test('a folder that is not empty is refused before anything is begun', async ({ page, place }) => {
  await page.getByRole('textbox', { name: 'Folder for what is made' }).fill(place.folder);
  await page.getByRole('button', { name: 'Begin in training' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'exists already' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: 'Ceremonies' })).toBeVisible();
});

test('one person in two roles is refused', async ({ page, place }) => {
  await begin(page, place.out);
  await page.getByRole('button', { name: 'Fill in sample names' }).click();
  const operator = await page.getByRole('textbox', { name: 'Operator' }).inputValue();
  await page.getByRole('textbox', { name: 'Witness' }).fill(operator);
  await page.getByRole('button', { name: 'Take these roles' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'cannot hold two roles' })).toBeVisible();
});

test('abort asks for a name and a reason, and is final', async ({ page, place }) => {
  await begin(page, place.out);
  await takeRoles(page);
  await checkMachine(page);
  await page.getByRole('button', { name: 'Abort…' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: 'Who says so' }).click();
  await page.getByRole('option', { name: 'Jonas Weber' }).click();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('The seal of the token bag was broken.');
  await dialog.getByRole('button', { name: 'Abort the ceremony', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'The ceremony was aborted' })).toBeVisible();
  await expect(page.getByText('The seal of the token bag was broken.')).toBeVisible();
});
