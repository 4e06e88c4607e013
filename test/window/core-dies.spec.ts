import { expect, openApplication, test } from './application.ts';
import {
  answers,
  begin,
  checkMachine,
  expectStep,
  giveSecret,
  prepareMasterKey,
  openToken,
  primary,
  takeRoles,
} from './walk.ts';

test('core dies in the middle: the window says so, and the ceremony is continued from where it was', async ({
  place,
}) => {
  const first = await openApplication(place.data);
  try {
    await begin(first.page, place.out);
    await takeRoles(first.page);
    await checkMachine(first.page);
    await openToken(first.page);
    await expectStep(first.page, 'Make and split the master key');
    await first.killCore();
    await expect(first.page.getByRole('alert').filter({ hasText: 'The core process has ended' })).toBeVisible();
  } finally {
    await first.close();
  }
  const second = await openApplication(place.data);
  try {
    const { page } = second;
    await page.getByRole('button', { name: 'Resume the ceremony' }).click();
    await expectStep(page, 'Make and split the master key');
    // The token's PIN has died with the process, so it is asked again, and not chosen anew.
    await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', answers.pin ?? '', false);
    await expect(page.getByRole('button', { name: 'Amara Diallo types now' })).toBeVisible();
  } finally {
    await second.close();
  }
});

test('core dies while the master key is made: the key is destroyed, and made again from the beginning', async ({
  place,
}) => {
  const first = await openApplication(place.data);
  try {
    await begin(first.page, place.out);
    await takeRoles(first.page);
    await checkMachine(first.page);
    await openToken(first.page);
    await expectStep(first.page, 'Make and split the master key');
    await prepareMasterKey(first.page);
    await first.killCoreInside(() => primary(first.page, 'Make and split the key'));
    await expect(first.page.getByRole('alert').filter({ hasText: 'The core process has ended' })).toBeVisible();
  } finally {
    await first.close();
  }
  const second = await openApplication(place.data);
  try {
    const { page } = second;
    await page.getByRole('button', { name: 'Resume the ceremony' }).click();
    await expect(page.getByText('This step was interrupted', { exact: false })).toBeVisible();
    await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', answers.pin ?? '', false);
    await primary(page, 'Resume');
    await prepareMasterKey(page);
    await primary(page, 'Make and split the key');
    await expectStep(page, 'Make the root key');
  } finally {
    await second.close();
  }
});
