import { expect, test } from './application.ts';
import { attend, shippedScript } from './attend.ts';
import { keyboardOf, tabTo } from './hand.ts';
import { answers, begin, expectStep, takeRoles } from './walk.ts';

test(
  'root-and-issuing with the keyboard alone; Enter confirms nothing and advances nothing',
  { tag: '@long' },
  async ({ page, place }) => {
    const script = shippedScript('root-and-issuing');
    const hand = keyboardOf(page);
    await expect(page.getByRole('radio', { name: script.title })).toBeChecked();
    await hand.type(page.getByRole('textbox', { name: 'Folder for what is made' }), place.out);
    await hand.press(page.getByRole('button', { name: 'Begin in training' }));
    await attend({ page, answers, hand }, script, {
      before: async () => {
        // On the heading, where the focus is.
        await page.keyboard.press('Enter');
      },
    });
  },
);

test('abort takes more than Enter: a name, a reason, and the space bar', async ({ page, place }) => {
  await begin(page, place.out);
  await takeRoles(page);
  await expectStep(page, 'Check this machine');
  await tabTo(page, page.getByRole('button', { name: 'Abort…' }));
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('Enter');
  const dialog = page.getByRole('alertdialog', { name: 'Abort the ceremony?' });
  await expect(dialog).toBeVisible();
  const abort = dialog.getByRole('button', { name: 'Abort the ceremony', exact: true });
  await expect(abort).toBeDisabled();
  await tabTo(page, dialog.getByRole('button', { name: 'Who says so' }));
  await page.keyboard.press('Space');
  await expect(page.getByRole('option', { name: 'Jonas Weber' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(abort).toBeDisabled();
  await tabTo(page, dialog.getByRole('textbox', { name: 'Reason' }));
  // A scanner that is aimed at a bag now: what it reads is text, and its Enter a new line.
  await page.keyboard.type('A-1001');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await tabTo(page, abort);
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Enter presses nothing here')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Abort…' })).toBeFocused();
  await expect(page.getByRole('heading', { level: 1, name: 'Check this machine' })).toBeVisible();
});
