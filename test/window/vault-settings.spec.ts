import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './accessible.ts';
import { expect, openApplication } from './application.ts';
import { keyboardOf } from './hand.ts';
import { shoot } from './shoot.ts';
import { type VaultGround, login, openVaultView, test, unlock, valueAfter } from './vault-ground.ts';
import { expectWholeAt200 } from './zoom.ts';

/** How a service is known, and how a secret rotates, as an administrator sets them in the window. */

function clientCertificate(folder: string): { path: string; sha256: string } {
  const path = join(folder, 'billing.crt');
  const key = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9'];
  execFileSync('openssl', [...key, '-subj', '/CN=billing', '-keyout', join(folder, 'billing.key'), '-out', path], {
    stdio: 'ignore',
  });
  const { raw } = new X509Certificate(readFileSync(path));
  return { path, sha256: createHash('sha256').update(raw).digest('hex') };
}

async function openTab(ground: VaultGround, tab: string) {
  const application = await openApplication(ground.data);
  await openVaultView(application.page);
  await unlock(application.page);
  await login(application.page, ground, 'ada');
  await application.page.getByRole('tab', { name: tab }).click();
  return application;
}

test('a service is known by the user of a socket, and by a client certificate from a file', async ({ ground }) => {
  const { page, close } = await openTab(ground, 'People');
  const hand = keyboardOf(page);
  try {
    await page.getByRole('button', { name: 'Open billing' }).click();
    await page.getByRole('button', { name: 'Certificate or user…' }).click();
    const bind = page.getByRole('button', { name: 'Bind', exact: true });
    const known = page.getByRole('region', { name: 'How billing is known' });
    await expect(known.getByRole('heading', { level: 3 })).toBeFocused();
    await known.getByRole('radio', { name: 'by the user that it runs as' }).press('Space');
    await expect(bind).toBeDisabled();
    const uid = known.getByRole('textbox', { name: 'User number' });
    await uid.fill('4294967295');
    await expect(known.getByText('A whole number from 0 to 4294967294.')).toBeVisible();
    await expect(bind).toBeDisabled();
    await hand.type(uid, '1001');
    await hand.press(bind);
    await expect(known.getByText('It is bound. Compare what is kept:')).toBeVisible();
    await expect(known).toContainText('1001');
    await known.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Certificate or user…' }).click();
    const certificate = known.getByRole('textbox', { name: 'Certificate file' });
    const { path, sha256 } = clientCertificate(ground.folder);
    await certificate.fill(join(ground.folder, 'billing.key'));
    await hand.press(bind);
    await expect(known.getByRole('alert').filter({ hasText: 'billing.key' })).toBeVisible();
    await shoot(page, 'vault-bind');
    await expectAccessible(page);
    await expectWholeAt200(page, []);
    await certificate.fill(path);
    await hand.press(bind);
    await expect(known).toContainText(sha256.replaceAll(/.{4}(?=.)/g, '$& '));
    await shoot(page, 'vault-bound');
    await known.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Back to the people' }).click();
    // The form is gone, and what it had in focus: the keyboard goes on from the list.
    await expect(page.getByRole('tabpanel', { name: 'People' })).toBeFocused();
    await expect(page.getByRole('row', { name: /^Open billing .* token, certificate, user number/ })).toBeVisible();
  } finally {
    await close();
  }
});

test('a secret is given a plan and an interval of its own, seen before they are set, and rotates by them', async ({
  ground,
}) => {
  const { page, close } = await openTab(ground, 'Secrets');
  const hand = keyboardOf(page);
  const plan = page.getByRole('region', { name: 'How it rotates' });
  const then = plan.getByRole('region', { name: 'From then on' });
  const set = plan.getByRole('button', { name: 'Set it' });
  const field = (name: string) => plan.getByRole('textbox', { name, exact: true });
  const choose = async (way: string) => {
    await plan.getByRole('button', { name: 'Next value' }).click();
    await page.getByRole('option', { name: way, exact: true }).click();
  };
  try {
    await page.getByRole('button', { name: 'Open billing/production/env/SMTP_PASSWORD' }).click();
    await expect(page.getByText('by hand: store a new version')).toBeVisible();
    await page.getByRole('button', { name: 'Set the rotation…' }).click();
    await expect(plan.getByRole('heading', { level: 3 })).toBeFocused();
    await expect(then).toContainText('by hand: store a new version');

    await choose('two roles of PostgreSQL that take turns');
    await expect(set).toBeDisabled();
    await field('Server').fill('db.example.com');
    await expect(plan.getByText('A host that is no socket needs one.')).toBeVisible();
    await field('First role').fill('app_a');
    await field('Second role').fill('app_a');
    await expect(field('Second role')).toHaveAccessibleDescription(/Two different plain names/);
    await field('Second role').fill('app_b');
    await field('Login that may change both roles').fill('administrator');
    await expect(plan.getByText('It is written owner/environment/name.')).toBeVisible();
    await field('Login that may change both roles').fill('ops/production/administrator');
    await field('Port').fill('65536');
    await expect(plan.getByText('A whole number from 1 to 65535.')).toBeVisible();
    await field('Port').fill('5432');
    await expect(set).toBeDisabled();
    await shoot(page, 'vault-plan-postgres');
    await expectAccessible(page);
    await expectWholeAt200(page, []);
    await field('Server').fill('/var/run/postgresql');
    await expect(then).toContainText('by PostgreSQL at /var/run/postgresql, roles app_a, app_b');
    await expect(set).toBeEnabled();

    await choose('drawn by the vault, set by a program');
    await field('Program').fill('../rotate');
    await expect(plan.getByText('Small letters, digits, underline, hyphen; 63 at most.')).toBeVisible();
    await choose('drawn by the vault');
    await field('How many').fill('11');
    await expect(plan.getByText('A whole number from 12 to 1024.')).toBeVisible();
    await field('How many').fill('24');
    await field('Alphabet').fill('0123456789ABCDEFF');
    await expect(plan.getByText('10 to 94 printable letters without spaces, each once.')).toBeVisible();
    await field('Alphabet').fill('0123456789ABCDEF');
    await plan.getByRole('radio', { name: 'a web address' }).press('Space');
    await field('Web address').fill('ftp://example.com');
    await expect(plan.getByText('It begins with http:// or https://.')).toBeVisible();
    await field('Web address').fill('https://example.com/rotated');
    await expect(then).toContainText('https://example.com/rotated');
    await plan.getByRole('radio', { name: 'nobody' }).press('Space');
    // The middle has scrolled, and not the window.
    await expect(page.getByRole('banner')).toBeInViewport({ ratio: 1 });
    await field('Interval in days').fill('366');
    await expect(plan.getByText('A whole number from 1 to 365, or nothing.')).toBeVisible();
    await expect(set).toBeDisabled();
    await hand.type(field('Interval in days'), '30');
    await expect(then).toContainText('drawn by the vault, 24 letters');
    await expect(then).toContainText('30 days');
    await shoot(page, 'vault-plan');
    await expectAccessible(page);
    // Enter does not set it, the space bar does.
    await hand.press(set);
    await expect(plan).toHaveCount(0);
    const secret = page.getByRole('heading', { level: 2, name: 'billing/production/env/SMTP_PASSWORD' });
    await expect(secret).toBeFocused();
    await expect(page.getByText('its own', { exact: true })).toBeVisible();
    await expect(page.getByText('30 days', { exact: true })).toBeVisible();
    await shoot(page, 'vault-plan-set');
    await page.getByRole('button', { name: 'Rotate now…' }).click();
    await hand.press(page.getByRole('button', { name: 'Rotate it' }));
    await expect(page.getByText('Version 2 is in force.')).toBeVisible();
    await page.getByRole('button', { name: 'Close' }).click();

    // What it has is what the form begins with; back to its category.
    await page.getByRole('button', { name: 'Set the rotation…' }).click();
    await expect(field('Alphabet')).toHaveValue('0123456789ABCDEF');
    await choose('as its category says');
    await field('Interval in days').fill('');
    await expect(then).toContainText('365 days');
    await hand.press(set);
    await expect(page.getByText('by hand: store a new version')).toBeVisible();
  } finally {
    await close();
  }
  const value = await valueAfter(ground, { owner: 'billing', environment: 'production', name: 'env/SMTP_PASSWORD' });
  expect(value).toMatch(/^[0-9A-F]{24}$/);
});
