import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './application.ts';
import { shoot } from './shoot.ts';
import { answers, expectStep, primary } from './walk.ts';

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

test('a ceremony begins in German: roles, the machine, a PIN, by their German names', async ({ page, place }) => {
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await page.getByRole('textbox', { name: 'Ordner für alles, was entsteht' }).fill(place.out);
  const language = page.getByRole('radiogroup', { name: 'Sprache der Zeremonie und ihres Protokolls' });
  await expect(language.getByRole('radio', { name: 'Deutsch' })).toBeChecked();
  await page.getByRole('button', { name: 'Als Übung beginnen' }).click();

  // Titles and instructions are the script's, in the language of the script.
  await expectStep(page, 'Take roles');
  // What is in another language than the window says so (WCAG 2.2, 3.1.2).
  await expect(page.getByRole('heading', { level: 1, name: 'Take roles' })).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('heading', { name: 'Namen' })).toBeVisible();
  const { participants } = answers;
  for (const [role, names] of [
    ['Zeremonienleitung', participants.ceremonyAdministrator],
    ['Bediener/in', participants.operator],
    ['Zeuge/Zeugin', participants.witness],
    ['Prüfer/in', participants.auditor],
  ] as const) {
    await page.getByRole('textbox', { name: role }).fill(names?.[0] ?? '');
  }
  for (const [index, name] of (participants.custodian ?? []).entries()) {
    await page.getByRole('textbox', { name: `Schlüsselträger/in ${index + 1}` }).fill(name);
  }
  await page.getByRole('button', { name: 'Diese Rollen übernehmen' }).click();
  await primary(page, 'Roles are taken');

  await expectStep(page, 'Check this machine');
  await expect(page.getByText('Betriebssystem')).toBeVisible();
  await expect(
    page.getByRole('heading', { name: 'Das Skript: Vergleichen Sie die Wörter mit dem Skript auf Papier' }),
  ).toBeVisible();
  await shoot(page, 'german-machine');
  for (const tick of await page.getByRole('checkbox', { name: /^(Bediener\/in|Zeremonienleitung), Wort \d: / }).all()) {
    await tick.focus();
    await page.keyboard.press('Space');
  }
  await page.getByRole('button', { name: 'Mira Lindqvist bestätigt das' }).click();
  await page.getByRole('button', { name: 'Jonas Weber nimmt das hin' }).click();
  await primary(page, 'The machine is fit');

  await expectStep(page, 'Open the token');
  await page.getByRole('button', { name: 'Mira Lindqvist tippt jetzt' }).click();
  const frame = page.frameLocator('iframe[title="Verdeckte Eingabe von Mira Lindqvist"]');
  await expect(frame.getByRole('main', { name: 'Verdeckte Eingabe' })).toBeVisible();
  await frame.getByLabel('PIN des Tokens', { exact: true }).fill(answers.pin ?? '');
  await frame.getByLabel('PIN des Tokens, noch einmal').fill(answers.pin ?? '');
  await frame.getByRole('button', { name: 'Abgeben' }).click();
  await page.getByRole('button', { name: 'Inês Duarte bestätigt als Zeuge/Zeugin' }).click();
  await primary(page, 'Open the token');

  await expectStep(page, 'Make and split the master key');
  await page.getByRole('button', { name: 'Aufgezeichnet in Schritt 3, Open the token' }).click();
  await expect(page.getByText('Hersteller und Modell')).toBeVisible();

  // The window may go back; what core says in this ceremony stays German.
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('button', { name: 'Amara Diallo types now' })).toBeVisible();
  const asked = page.getByText('Passphrase von Schlüsselträger 1', { exact: true });
  await expect(asked).toBeVisible();
  await expect(asked).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('heading', { level: 1, name: 'Make and split' })).not.toHaveAttribute('lang');
});
