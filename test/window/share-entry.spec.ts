import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { printShareSheet } from '../../core/print/share-sheet.ts';
import { scanPdf, scanPicture } from '../../core/print/scan.ts';
import { shareLines } from '../../core/shares/lines.ts';
import { sampleAnswers } from '../crash/shipped.ts';
import { sampleShareSheet } from '../print/samples.ts';
import { golden } from '../shares/sample-set.ts';
import { expectAccessible } from './accessible.ts';
import { type Application, type Place, expect, openApplication, test as base } from './application.ts';
import { untilStep } from './earlier.ts';
import { type Film, filmCamera } from './film.ts';
import { shoot } from './shoot.ts';
import { confirm, expectStep, giveSecret, primary } from './walk.ts';

const { passphrases = [], participants } = sampleAnswers('recovery-rehearsal');
const CUSTODIANS = [1, 3, 5].map((number, index) => ({ number, person: participants.custodian?.[index] ?? '' }));
const [amara = '', nadia = '', ruth = ''] = participants.custodian ?? [];

/** A rehearsal that waits for three shares, before a camera; `sheet`: where a custodian's printed sheet is. */
const test = base.extend<{ film: Film; rehearsal: { page: Page; sheet: (number: number) => string; made: string } }>({
  film: async ({ place }, use) => {
    const film = filmCamera(place.folder);
    await use(film);
    film.end();
  },
  rehearsal: async ({ place, film: _ }, use) => {
    const { made } = await untilStep(place, 'recovery-rehearsal', 'rehearsal');
    const { page, close } = await opened(place);
    await use({ page, made, sheet: (number) => join(made, `sheets/share-${number}.pdf`) });
    await close();
  },
});

async function opened(place: Place): Promise<Application> {
  const application = await openApplication(place.data);
  await application.page.getByRole('button', { name: 'Resume the ceremony' }).click();
  await expectStep(application.page, 'Rehearse recovery');
  return application;
}

const frameOf = (page: Page, person: string) => page.frameLocator(`iframe[title="Private entry for ${person}"]`);
const noFrame = (page: Page) => expect(page.getByTitle(/^Private entry/)).toHaveCount(0);

async function beginTurn(page: Page, person: string) {
  await page.getByRole('button', { name: `${person} shows the share` }).click();
  return frameOf(page, person);
}

const textOf = async (sheet: string) => (await scanPdf(new Uint8Array(readFileSync(sheet))))[0] ?? '';
/** As they are printed: number, groups and check characters. */
const printedLines = (text: string) => shareLines(text).map(({ groups, check }) => `${groups.join(' ')} ${check}`);

/** Whether Chromium would let the window, and so its frame, see. */
const cameraOf = (page: Page) =>
  page.evaluate(async () => (await navigator.permissions.query({ name: 'camera' })).state);

test('three custodians hold their sheets before the camera, and recovery is proven', async ({ rehearsal, film }) => {
  const { page, sheet } = rehearsal;
  for (const { number, person } of CUSTODIANS) {
    const frame = await beginTurn(page, person);
    await expect(page.getByText(`${person} alone shows the share.`)).toBeVisible();
    await film.show(sheet(number));
    expect(await cameraOf(page)).toBe('denied');
    await frame.getByRole('button', { name: 'Open the camera' }).click();
    await noFrame(page);
    await expect.poll(() => cameraOf(page)).toBe('denied');
  }
  await expect(page.getByText('shows the share')).toHaveCount(0);
  for (const { number, person } of CUSTODIANS) {
    await giveSecret(page, person, `Passphrase of custodian ${number}`, passphrases[number - 1] ?? '', false);
  }
  await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', 'training-2026', false);
  for (const key of ['root-2026', 'issuing-2026']) {
    await page
      .getByRole('region', { name: new RegExp(key) })
      .getByRole('button', { name: 'Use this' })
      .click();
  }
  await confirm(page, 'Inês Duarte', 'Witness');
  await confirm(page, 'Tomás Herrera', 'Auditor');
  await primary(page, 'Recover and prove');
  await expect(page.getByRole('heading', { level: 1, name: 'Rehearse recovery' })).toHaveCount(0);
});

test('another set, another sheet, another custodian, the same sheet twice: said at once, and nothing can be read off the screen', async ({
  rehearsal,
  film,
  place,
}) => {
  const { page, sheet, made } = rehearsal;
  const foreign = join(place.folder, 'foreign.pdf');
  const text = golden.shares[0]?.text ?? '';
  writeFileSync(foreign, await printShareSheet(sampleShareSheet({ text, lines: shareLines(text) })));

  const frame = await beginTurn(page, amara);
  const alert = frame.getByRole('alert');
  await film.show(foreign);
  await frame.getByRole('button', { name: 'Open the camera' }).click();
  await expect(alert).toContainText('is of another set');
  expect(await cameraOf(page)).toBe('granted');
  await shoot(page, 'share-camera');
  // The camera reads the code; from the window nobody does.
  expect(await scanPicture(new Uint8Array(await page.screenshot()))).toEqual([]);
  await frame.getByRole('button', { name: 'Close the camera' }).click();
  await expect.poll(() => cameraOf(page)).toBe('denied');

  await film.show(join(made, 'sheets/manifest.pdf'));
  await frame.getByRole('button', { name: 'Open the camera' }).click();
  await expect(alert).toContainText('This is a code of the manifest sheet');
  // Whoever closes the turn closes the camera.
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await noFrame(page);
  const again = await beginTurn(page, amara);
  await expect.poll(() => cameraOf(page)).toBe('denied');
  await film.show(sheet(3));
  await again.getByRole('button', { name: 'Open the camera' }).click();
  await expect(again.getByRole('alert')).toContainText('This is share 3, and share 1 is asked for.');
  await again.getByRole('button', { name: 'Close the camera' }).click();
  // Another way is chosen in the same instant: a camera that is still opening then closes.
  await again.locator('body').evaluate(() => {
    for (const id of ['camera-switch', 'way-lines', 'way-camera']) document.getElementById(id)?.click();
  });
  await expect(again.getByRole('button', { name: 'Open the camera' })).toBeEnabled();
  await expect.poll(() => cameraOf(page)).toBe('denied');
  await film.show(sheet(1));
  await again.getByRole('button', { name: 'Open the camera' }).click();
  await noFrame(page);

  const next = await beginTurn(page, nadia);
  await next.getByRole('button', { name: 'Open the camera' }).click();
  await expect(next.getByRole('alert')).toContainText('The same share was given twice.');
});

test('typed line by line: the wrong line is named as it ends, and a right one goes on by itself', async ({
  rehearsal,
}) => {
  const { page, sheet } = rehearsal;
  const lines = printedLines(await textOf(sheet(1)));
  const frame = await beginTurn(page, amara);
  await frame.getByRole('tab', { name: 'Type the lines' }).click();
  const field = (number: number) => frame.getByRole('textbox', { name: `Line ${number}` });
  await expect(field(1)).toBeFocused();
  for (const [index, line] of lines.slice(0, 2).entries()) {
    // With the printed number, with Enter after it, in small letters: as people do.
    await page.keyboard.type(index === 1 ? `2 ${line.toLowerCase()}` : line);
    await page.keyboard.press('Enter');
  }
  await expect(frame.getByRole('status').filter({ hasText: '2 of 8 lines check' })).toBeVisible();
  await expect(field(3)).toBeFocused();
  const third = lines[2] ?? '';
  // Its seventh character, the third of the second group, is another one.
  const wrong = `${third.slice(0, 7)}${third[7] === 'Q' ? 'P' : 'Q'}${third.slice(8)}`;
  await page.keyboard.type(wrong);
  // A line that begins with its own number may have the printed number in front: only Enter says that it has ended.
  if (wrong.startsWith('3')) await page.keyboard.press('Enter');
  const alert = frame.getByRole('alert');
  await expect(alert).toContainText(
    'Line 3 does not check. If a single character differs, it is character 3 of group 2.',
  );
  await expect(field(3)).toHaveAttribute('aria-invalid', 'true');
  await expect(field(3)).toHaveAccessibleDescription('does not check');
  expect(await field(3).inputValue()).toBe(wrong);
  await expect(frame.getByRole('button', { name: 'Give the share' })).toBeDisabled();
  await shoot(page, 'share-lines');
  // What stands there is chosen, so that it is typed over.
  for (const line of lines.slice(2)) await page.keyboard.type(line);
  await expect(alert).toBeEmpty();
  await expect(frame.getByRole('button', { name: 'Give the share' })).toBeFocused();
  await page.keyboard.press('Enter');
  await noFrame(page);
  await expect(page.getByRole('button', { name: `${amara} shows the share` })).toHaveCount(0);
  await expectAccessible(page);
});

test('a hand scanner: one burst and its Enter are a share, wherever the focus is in the frame', async ({
  rehearsal,
}) => {
  const { page, sheet } = rehearsal;
  const scan = async (text: string) => {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  };
  const [first, third, fifth] = await Promise.all([1, 3, 5].map((number) => textOf(sheet(number))));
  let frame = await beginTurn(page, amara);
  await frame.getByRole('tab', { name: 'Hand scanner' }).click();
  await expect(frame.getByRole('textbox', { name: 'What the scanner reads' })).toBeFocused();
  await shoot(page, 'share-scanner');
  await scan('https://example.org/not-a-share');
  await expect(frame.getByRole('alert')).toContainText('This is not a Claviger share.');
  await scan(golden.shares[0]?.text ?? '');
  await expect(frame.getByRole('alert')).toContainText('is of another set');
  await scan(first ?? '');
  await noFrame(page);

  // Into a line, as somebody does who has chosen the wrong way.
  frame = await beginTurn(page, nadia);
  await frame.getByRole('tab', { name: 'Type the lines' }).click();
  await scan(first ?? '');
  await expect(frame.getByRole('alert')).toContainText('The same share was given twice.');
  await expect(frame.getByRole('textbox', { name: 'Line 1' })).toHaveValue('');
  await scan(third ?? '');
  await noFrame(page);

  // On the tab of the camera, where there is no field at all.
  frame = await beginTurn(page, ruth);
  await frame.getByRole('tab', { name: 'Camera' }).focus();
  await scan(fifth ?? '');
  await noFrame(page);
  await expect(page.getByText('shows the share')).toHaveCount(0);
});
