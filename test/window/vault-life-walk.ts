import type { Page } from 'playwright/test';
import { PASSPHRASE } from '../vault/sample-holder.ts';
import { expect } from './application.ts';
import { type VaultGround, entryOf } from './vault-ground.ts';

/** What several walks through a vault's life do alike. */

export const REASON = 'The database of the invoices does not answer';

/** `passphrase`: as ada types it in the private entry that is open. */
export async function typePassphrase(page: Page, passphrase = PASSPHRASE): Promise<void> {
  const frame = entryOf(page, 'ada');
  await frame.getByLabel('Passphrase').fill(passphrase);
  await frame.getByRole('button', { name: 'Give it' }).click();
}

/** The second code of somebody whose private entry is open: one that they have not used. */
export async function typeCode(page: Page, ground: VaultGround, person: string): Promise<void> {
  const frame = entryOf(page, person);
  await frame.getByLabel('One-time code').fill(ground.code(person));
  await frame.getByRole('button', { name: 'Give it' }).click();
  await expect(page.getByRole('region', { name: 'Emergency access' })).toBeVisible();
}

/** Puts somebody on the emergency list, as an administrator who is logged in. */
export async function putOnList(page: Page, person: string): Promise<void> {
  await page.getByRole('tab', { name: 'Emergency', exact: true }).click();
  await page.getByRole('button', { name: 'Person' }).click();
  await page.getByRole('option', { name: person }).click();
  await page.getByRole('button', { name: 'Put on the list' }).click();
  await expect(page.getByRole('button', { name: `Take off the list: ${person}` })).toBeVisible();
}

export async function logOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Log in' })).toBeFocused();
}
