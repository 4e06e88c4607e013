import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright/test';
import { parse } from 'yaml';
import type { Answers } from '../../core/cli/answers.ts';
import { type Script, type ScriptStep, scriptSchema } from '../../core/contract/script.ts';
import { REPOSITORY } from '../shipped.ts';
import { expect } from './application.ts';
import { type Hand, POINTER } from './hand.ts';
import { expectStep, fillCustody, giveSecretOf } from './walk.ts';

/** Attends any ceremony as its people would: looks at the step that is shown, and gives what it asks for. By role and name only. */

export function shippedText(name: string): string {
  return readFileSync(join(REPOSITORY, 'resources/ceremonies', `${name}.yaml`), 'utf8');
}

export function shippedScript(name: string): Script {
  return scriptSchema.parse(parse(shippedText(name)));
}

/** Who attends: what they know, and how they reach it. */
export type Attendance = { page: Page; answers: Answers; hand?: Hand };

/** What somebody looks at in each step: before anything is given, and when all is. */
export type Look = { before?: (step: ScriptStep) => Promise<void>; given?: (step: ScriptStep) => Promise<void> };

/** From the step that is shown to the end. */
export async function attend(attendance: Attendance, { steps }: Pick<Script, 'steps'>, look: Look = {}): Promise<void> {
  const { page, hand = POINTER } = attendance;
  for (const step of steps) {
    await expectStep(page, step.title);
    await look.before?.(step);
    await giveAll(attendance);
    await look.given?.(step);
    const primary = page.getByRole('button', { name: step.primary, exact: true });
    await expect(primary).toBeEnabled();
    await hand.press(primary);
  }
  await expect(page.getByRole('heading', { level: 1, name: 'The ceremony is complete' })).toBeFocused();
}

/** Everything that the step which is shown asks for, and every confirmation. */
export async function giveAll({ page, answers, hand = POINTER }: Attendance): Promise<void> {
  const room: Room = { main: page.getByRole('main'), page, answers, hand };
  // One answer can bring the next question.
  while (await giveNext(room));
  const confirmations = room.main.getByRole('button', { name: / confirms as /, pressed: false });
  for (let left = await confirmations.count(); left > 0; left -= 1) {
    await hand.press(confirmations.first());
    await expect(confirmations).toHaveCount(left - 1);
  }
}

type Room = { main: Locator; page: Page; answers: Answers; hand: Hand };

async function giveNext(room: Room): Promise<boolean> {
  for (const give of [takeRoles, line, words, secret, share, acceptance, custody]) {
    if (await give(room)) return true;
  }
  return false;
}

/** The heading of the ask that something stands in. */
async function askAround({ main }: Room, inner: Locator): Promise<string> {
  const ask = main.getByRole('region').filter({ has: inner }).first();
  return (await ask.getByRole('heading', { level: 2 }).textContent()) ?? '';
}
const isGiven = ({ main }: Room, label: string) =>
  expect(main.getByRole('region', { name: label, exact: true }).getByText('Given', { exact: true })).toBeVisible();

const SEATS = {
  ceremonyAdministrator: 'Ceremony administrator',
  operator: 'Operator',
  witness: 'Witness',
  auditor: 'Auditor',
  custodian: 'Custodian',
  newCustodian: 'New custodian',
} as const;

async function takeRoles(room: Room): Promise<boolean> {
  const { main, hand, answers } = room;
  const take = main.getByRole('button', { name: 'Take these roles' });
  if ((await take.count()) === 0) return false;
  const label = await askAround(room, room.page.getByRole('button', { name: 'Take these roles' }));
  for (const [role, title] of Object.entries(SEATS) as [keyof typeof SEATS, string][]) {
    const names = answers.participants[role] ?? [];
    for (const [index, name] of names.entries()) {
      const seat = names.length === 1 ? title : `${title} ${index + 1}`;
      await hand.type(main.getByRole('textbox', { name: seat, exact: true }), name);
    }
  }
  await hand.press(take);
  await isGiven(room, label);
  return true;
}

/** The id by which an answers file names a line that is asked for. */
function lineId(label: string): string {
  const sheet = /^Old sheet (\d)/.exec(label)?.[1];
  if (sheet !== undefined) return `sheet-${sheet}`;
  const list = /^Number of the newest list of (.*)$/.exec(label)?.[1];
  if (list !== undefined) return `number-${list}`;
  const known: Record<string, string> = {
    'Certificate request': 'request',
    'Other copies': 'other-copies',
    'Number of the newest bundle': 'bundle-number',
  };
  return known[label] ?? label.toLowerCase();
}

async function line(room: Room): Promise<boolean> {
  const { main, page, hand, answers } = room;
  const isOpen = page.getByRole('button', { name: /^(Use this|Go on without)$/ });
  for (const ask of await main.getByRole('region').filter({ has: isOpen }).all()) {
    const label = (await ask.getByRole('heading', { level: 2 }).textContent()) ?? '';
    const said = answers.texts?.[lineId(label)];
    if (said !== undefined) await hand.type(ask.getByRole('textbox', { name: label, exact: true }), said);
    const use = ask.getByRole('button', { name: 'Use this' });
    // What may stay empty stays so.
    if ((await use.count()) === 0) continue;
    await hand.press(use);
    await isGiven(room, label);
    return true;
  }
  return false;
}

/** From tick to tick as the words are read. */
async function words(room: Room): Promise<boolean> {
  const { main, page, hand } = room;
  const unticked = page.getByRole('checkbox', { checked: false, disabled: false });
  const count = await main.getByRole('checkbox', { disabled: false }).count();
  if (count === 0) return false;
  const label = await askAround(room, unticked);
  await hand.reach(main.getByRole('checkbox', { disabled: false }).first());
  for (let tick = 0; tick < count; tick += 1) {
    if (tick > 0) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
  }
  await isGiven(room, label);
  return true;
}

async function secret({ main, page, answers, hand }: Room): Promise<boolean> {
  const open = main.getByRole('button', { name: / types now$/ });
  const left = await open.count();
  if (left === 0) return false;
  const person = ((await open.first().textContent()) ?? '').replace(/ types now$/, '');
  await giveSecretOf(page, person, (label) => secretFor(label, answers), hand);
  await expect(open).toHaveCount(left - 1);
  return true;
}

/** What the person who is asked knows. */
export function secretFor(label: string, answers: Answers): string {
  const number = Number(/(?:custodian|share) (\d+)$/.exec(label)?.[1] ?? 0);
  // Where another set is made, those of the old sheets are answers of their own.
  const ofSheets = label.startsWith('Passphrase of share') ? answers.oldPassphrases : undefined;
  const pin = label.includes('security officer') ? (answers.securityOfficerPin ?? answers.pin) : answers.pin;
  const known = number === 0 ? pin : (ofSheets ?? answers.passphrases)?.[number - 1];
  if (known === undefined) throw new Error(`nobody knows: ${label}`);
  return known;
}

/** Each custodian's own sheet. */
async function share({ main, hand }: Room): Promise<boolean> {
  const open = main.getByRole('button', { name: / shows the share$/ });
  const left = await open.count();
  if (left === 0) return false;
  const person = ((await open.first().textContent()) ?? '').replace(/ shows the share$/, '');
  await hand.press(open.first());
  await hand.press(main.getByRole('button', { name: new RegExp(`^Sheet \\d+ ${person}$`) }));
  await expect(open).toHaveCount(left - 1);
  await expect(main.locator('iframe')).toHaveCount(0);
  return true;
}

async function acceptance(room: Room): Promise<boolean> {
  const { main, page, hand } = room;
  const name = / (accepts|confirms) this$/;
  const open = main.getByRole('button', { name });
  if ((await open.count()) === 0) return false;
  const label = await askAround(room, page.getByRole('button', { name }));
  await hand.press(open.first());
  await isGiven(room, label);
  return true;
}

async function custody({ main, page, answers, hand }: Room): Promise<boolean> {
  const record = main.getByRole('button', { name: 'Record the custody' });
  if ((await record.count()) === 0) return false;
  await fillCustody(page, answers, hand);
  await hand.press(record);
  await expect(record).toHaveCount(0);
  return true;
}
