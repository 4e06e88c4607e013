import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './accessible.ts';
import { expect, openApplication } from './application.ts';
import { keyboardOf } from './hand.ts';
import { shoot } from './shoot.ts';
import { type VaultGround, login, openVaultView, test, unlock } from './vault-ground.ts';
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
    await expect(page.getByRole('row', { name: /^Open billing .* token, certificate, user number/ })).toBeVisible();
  } finally {
    await close();
  }
});
