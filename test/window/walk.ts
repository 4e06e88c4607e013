import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { parse } from 'yaml';
import type { Answers } from '../../core/cli/answers.ts';
import { ANSWERS } from '../shipped.ts';
import { expect } from './application.ts';
import { type Hand, POINTER } from './hand.ts';

export const answers = parse(readFileSync(ANSWERS, 'utf8')) as Answers;
export const passphrases = answers.passphrases ?? [];
const custodians = answers.participants.custodian ?? [];

export async function begin(page: Page, out: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Folder for what is made' }).fill(out);
  await page.getByRole('button', { name: 'Begin in training' }).click();
  await expectStep(page, 'Take roles');
}

/** The heading of the step has the focus, so that a screen reader says where the ceremony is. */
export async function expectStep(page: Page, title: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeFocused();
}

export async function confirm(page: Page, name: string, role: string): Promise<void> {
  const button = page.getByRole('button', { name: `${name} confirms as ${role}` });
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
}

export async function primary(page: Page, label: string): Promise<void> {
  const button = page.getByRole('button', { name: label, exact: true });
  await expect(button).toBeEnabled();
  await button.click();
}

/** Types a secret in the entry frame of one person, twice if it is chosen. `secretOf` knows it by the label that is asked for. */
export async function giveSecretOf(
  page: Page,
  person: string,
  secretOf: (label: string) => string,
  hand: Hand = POINTER,
): Promise<void> {
  await hand.press(page.getByRole('button', { name: `${person} types now` }).first());
  const frame = page.frameLocator(`iframe[title="Private entry for ${person}"]`);
  const give = frame.getByRole('button', { name: 'Give it' });
  await expect(give).toBeVisible();
  const labels = frame.getByText(/^(New |Dummy )?(PIN|passphrase) of /i);
  const [label = '', again] = await labels.allTextContents();
  const secret = secretOf(label);
  await hand.type(frame.getByLabel(label, { exact: true }), secret);
  if (again !== undefined) await hand.type(frame.getByLabel(again), secret);
  await hand.press(give);
  await expect(page.locator('iframe')).toHaveCount(0);
}

/** The page of a share is there, and has the focus that its frame has had from the press on. */
export async function sharePageIsThere(page: Page): Promise<void> {
  await expect(page.frameLocator('iframe').getByRole('tab', { name: 'Camera' })).toBeFocused();
}

/** A secret that is asked for under this label, and is chosen or not. */
export async function giveSecret(
  page: Page,
  person: string,
  label: string,
  secret: string,
  chosen: boolean,
): Promise<void> {
  await page
    .getByRole('button', { name: `${person} types now` })
    .first()
    .click();
  const frame = page.frameLocator(`iframe[title="Private entry for ${person}"]`);
  await frame.getByLabel(label, { exact: true }).fill(secret);
  if (chosen) await frame.getByLabel(`${label}, again`).fill(secret);
  await frame.getByRole('button', { name: 'Give it' }).click();
  await expect(page.locator('iframe')).toHaveCount(0);
}

/** In training: one person's sheet from its file. The turn is opened first unless it is. */
export async function showSheet(page: Page, person: string, number: number): Promise<void> {
  const open = page.getByRole('button', { name: `${person} shows the share` });
  if (await open.isVisible()) await open.click();
  await page.getByRole('button', { name: `Sheet ${number} ${person}` }).click();
  await expect(page.locator('iframe')).toHaveCount(0);
}

export async function takeRoles(page: Page): Promise<void> {
  await expectStep(page, 'Take roles');
  await nameEverybody(page);
  await page.getByRole('button', { name: 'Take these roles' }).click();
  await primary(page, 'Roles are taken');
}

export async function nameEverybody(page: Page): Promise<void> {
  const { participants } = answers;
  const single = [
    ['Ceremony administrator', participants.ceremonyAdministrator],
    ['Operator', participants.operator],
    ['Witness', participants.witness],
    ['Auditor', participants.auditor],
  ] as const;
  for (const [role, names] of single) await page.getByRole('textbox', { name: role }).fill(names?.[0] ?? '');
  for (const [index, name] of custodians.entries()) {
    await page.getByRole('textbox', { name: `Custodian ${index + 1}` }).fill(name);
  }
}

export async function openToken(page: Page): Promise<void> {
  await expectStep(page, 'Open the token');
  await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', answers.pin ?? '', true);
  await confirm(page, 'Inês Duarte', 'Witness');
  await primary(page, 'Open the token');
}

/** The script's words ticked for both roles, the clock and the warnings accepted by name. */
export async function checkMachine(page: Page): Promise<void> {
  await expectStep(page, 'Check this machine');
  await tickWords(page, 16);
  const clock = page.getByRole('button', { name: 'Mira Lindqvist confirms this' });
  await clock.click();
  // What was given takes less room, and the next question moves.
  await expect(clock).toHaveCount(0);
  await page.getByRole('button', { name: 'Jonas Weber accepts this' }).click();
  await primary(page, 'The machine is fit');
}

/** Every word of the step for both roles, with the keyboard alone. */
async function tickWords(page: Page, expected: number, halfway?: () => Promise<void>): Promise<void> {
  const ticks = page.getByRole('checkbox');
  await expect(ticks).toHaveCount(expected);
  for (let index = 0; index < expected; index++) {
    await ticks.nth(index).focus();
    await page.keyboard.press('Space');
    if (halfway && index === 18) await halfway();
  }
}

/** Everything but the last press: "Make and split the key". */
export async function prepareMasterKey(page: Page): Promise<void> {
  for (const [index, person] of custodians.entries()) {
    await giveSecret(page, person, `Passphrase of custodian ${index + 1}`, passphrases[index] ?? '', true);
  }
  await confirm(page, 'Jonas Weber', 'Ceremony administrator');
  await confirm(page, 'Inês Duarte', 'Witness');
}

export async function readBackRoot(page: Page, halfway: () => Promise<void>): Promise<void> {
  await expectStep(page, 'Read back the root certificate');
  await tickWords(page, 32, halfway);
  await expect(page.getByText('16 of 16 words matched by both')).toBeVisible();
  await confirm(page, 'Jonas Weber', 'Ceremony administrator');
  await primary(page, 'All words match');
}

/** Every step between the master key and the backups. */
export async function makeKeysAndCertificates(
  page: Page,
  halfwayThroughTheWords: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await expectStep(page, 'Make the root key');
  await confirm(page, 'Inês Duarte', 'Witness');
  await primary(page, 'Make the root key');
  await expectStep(page, 'Issue the root certificate');
  await confirm(page, 'Jonas Weber', 'Ceremony administrator');
  await primary(page, 'Sign the root certificate');
  await readBackRoot(page, halfwayThroughTheWords);
  await expectStep(page, 'Make the issuing key');
  await confirm(page, 'Inês Duarte', 'Witness');
  await primary(page, 'Make the issuing key');
  await expectStep(page, 'Issue the issuing CA');
  await confirm(page, 'Jonas Weber', 'Ceremony administrator');
  await primary(page, 'Sign the issuing CA');
  await expectStep(page, 'Make the ledger key');
  await primary(page, 'Make the ledger key');
  await expectStep(page, 'Certify the ledger key');
  await primary(page, 'Sign its certificate');
  await expectStep(page, 'Make the export key');
  await primary(page, 'Make the export key');
  await expectStep(page, 'Certify the export key');
  await primary(page, 'Sign its certificate');
}

export async function makePaper(page: Page): Promise<void> {
  await expectStep(page, 'Back up the CA keys');
  await confirm(page, 'Inês Duarte', 'Witness');
  await primary(page, 'Wrap both keys');
  await expectStep(page, 'Make the share sheets');
  await confirm(page, 'Inês Duarte', 'Witness');
  await primary(page, 'Make the sheets');
  await expectStep(page, 'Scan the sheets back');
  await confirm(page, 'Inês Duarte', 'Witness');
  await primary(page, 'Scan all sheets');
}

export async function sealBags(page: Page, bagsFilled: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await expectStep(page, 'Seal the bags');
  await fillCustody(page, answers);
  await bagsFilled();
  await page.getByRole('button', { name: 'Record the custody' }).click();
  await confirm(page, 'Jonas Weber', 'Ceremony administrator');
  await primary(page, 'The bags are sealed');
}

/** Every bag that the answers name, and who keeps it from now on and why where that changes. */
export async function fillCustody(page: Page, { custody }: Answers, hand: Hand = POINTER): Promise<void> {
  const named = (item: string) =>
    item === 'manifest'
      ? 'Manifest sheet'
      : item
          .replace(/^share-/, 'Share ')
          .replace(/^envelope-/, 'Envelope ')
          .replace(/^backup-/, 'Backup sheet of ');
  const type = (name: string, text: string | undefined) =>
    text === undefined ? undefined : hand.type(page.getByRole('textbox', { name, exact: true }), text);
  for (const [item, { custodian, reason, ...bags }] of Object.entries(custody)) {
    const what = named(item);
    await type(`Custodian: ${what}`, custodian);
    for (const of of ['sheet', 'card', 'envelope'] as const) {
      const place = `${what}, ${of.replace(/^./, (first) => first.toUpperCase())}`;
      await type(`Kept at: ${place}`, bags[of]?.place);
      await type(`Bag: ${place}`, bags[of]?.bag);
      await type(`Seal: ${place}`, bags[of]?.seal);
    }
    // The reason is asked for when something differs.
    await type(`Reason: ${what}`, reason);
  }
}
