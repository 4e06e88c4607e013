import { WORDS } from '../../renderer/entry/diceware.ts';
import { type Application, type Place, expect, openApplication, test as base } from './application.ts';
import { untilStep } from './earlier.ts';
import { shoot } from './shoot.ts';
import { expectStep } from './walk.ts';

const AMARA = 'Amara Diallo';
const LABEL = 'Passphrase of custodian 1';

/** Five custodians are about to choose. */
const test = base.extend<{ choosing: Application }>({
  choosing: async ({ place }, use) => {
    const application = await opened(place);
    await use(application);
    await application.close();
  },
});

async function opened(place: Place): Promise<Application> {
  await untilStep(place, 'root-and-issuing', 'master-key');
  const application = await openApplication(place.data);
  await application.page.getByRole('button', { name: 'Resume the ceremony' }).click();
  await expectStep(application.page, 'Make and split the master key');
  return application;
}

test('a passphrase that is soon guessed is refused where it is typed, however long it is', async ({
  choosing: { page },
}) => {
  await page.getByRole('button', { name: `${AMARA} types now` }).click();
  const frame = page.frameLocator(`iframe[title="Private entry for ${AMARA}"]`);
  const first = frame.getByLabel(LABEL, { exact: true });
  const second = frame.getByLabel(`${LABEL}, again`);
  const give = frame.getByRole('button', { name: 'Give it' });
  await expect(frame.getByText('At least 16 characters, not easily guessed.')).toBeVisible();
  for (const [weak, strength] of [
    ['passwordpasswordpassword', 'guessed at once'],
    ['qwertyuiop asdfghjkl zxcvbnm', 'weak'],
    ['Amara Diallo Amara Diallo', 'weak'],
    ['summer summer 2026', 'guessed at once'],
  ] as const) {
    await first.fill(weak);
    await expect(first, weak).toHaveAccessibleDescription(`Strength: ${strength}`);
    await second.fill(weak);
    await give.click();
    await expect(frame.getByRole('alert')).toContainText('This would be guessed too soon.');
  }
  await shoot(page, 'passphrase-weak');
  await first.fill('orbit maple candle seven');
  await expect(first).toHaveAccessibleDescription('Strength: enough');
  await second.fill('orbit maple candle seven');
  await give.click();
  await expect(page.getByTitle(/^Private entry/)).toHaveCount(0);
});

test('seven words are drawn, shown once, and typed from the card', async ({ choosing: { page } }) => {
  await page.getByRole('button', { name: `${AMARA} types now` }).click();
  const frame = page.frameLocator(`iframe[title="Private entry for ${AMARA}"]`);
  const first = frame.getByLabel(LABEL, { exact: true });
  const items = frame.getByRole('listitem');
  await frame.getByRole('button', { name: 'Draw 7 words' }).click();
  await expect(items).toHaveCount(7);
  // Nobody types from the screen.
  await expect(first).toBeHidden();
  await shoot(page, 'passphrase-drawn');
  const words = await items.allTextContents();
  for (const word of words) expect(WORDS).toContain(word);
  await frame.getByRole('button', { name: 'They are on my card: hide them' }).click();
  await expect(items).toHaveCount(0);
  await expect(first).toBeFocused();
  await page.keyboard.type(words.join(' '));
  await expect(first).toHaveAccessibleDescription('Strength: very good');
  await page.keyboard.press('Enter');
  await page.keyboard.type(words.join(' '));
  await page.keyboard.press('Enter');
  await expect(page.getByTitle(/^Private entry/)).toHaveCount(0);
  await expect(page.getByText(/^1 of \d given$/)).toBeVisible();
});
