import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TOTP, URI } from 'otpauth';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from '../hsm/softhsm.ts';
import { PASSWORD, bytes, textOf } from '../vault/sample-vault.ts';
import { expectAccessible } from './accessible.ts';
import { type Place, expect, openApplication, test } from './application.ts';
import { type VaultGround, entryOf, login, openVaultView } from './vault-ground.ts';

/** A vault whose key is in a token: SoftHSM, with a PIN that is typed. */

async function makeKey(): Promise<void> {
  const token = TokenProcess.start();
  try {
    await token.call('open', { location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'vault' } });
    const [pin, securityOfficerPin] = [
      await token.sendSecret(bytes(USER_PIN)),
      await token.sendSecret(bytes(SECURITY_OFFICER_PIN)),
    ];
    await token.call('login', { pin, securityOfficerPin });
    await token.call('generateKey', { label: 'kek', algorithm: 'AES-256', purpose: 'kek' });
  } finally {
    await token.close();
  }
}

async function makeVaultInToken({ folder, data }: Place): Promise<TOTP> {
  const token = join(folder, 'token.yaml');
  writeFileSync(token, `module: ${SOFTHSM_MODULE}\ntoken: vault\npin: prompt\n`);
  await makeKey();
  const holder = HolderProcess.start({ data });
  try {
    const { secret } = await holder.transport.call(
      'vault.initialise',
      { key: { token, label: 'kek' }, administrator: 'ada' },
      { secret: bytes(USER_PIN), password: bytes(PASSWORD) },
    );
    return URI.parse(textOf(secret ?? bytes(''))) as TOTP;
  } finally {
    await holder.close();
  }
}

test('the PIN of the token unlocks it, typed in private; what is stored is sealed there', async ({ place }) => {
  const { remove } = makeSoftHsm(['vault']);
  try {
    const totp = await makeVaultInToken(place);
    const { page, close } = await openApplication(place.data);
    try {
      await openVaultView(page);
      const standing = page.getByRole('region', { name: 'Standing of the vault' });
      await expect(standing).toContainText('Locked');
      await expect(standing).toContainText('Key in a token');
      const frame = entryOf(page, 'The operator');
      const type = async (pin: string) => {
        await frame.getByLabel('PIN').fill(pin);
        await frame.getByRole('button', { name: 'Give it' }).click();
      };
      await page.getByRole('button', { name: 'Type the PIN' }).click();
      await type('000000');
      await expect(frame.getByText('The PIN is wrong.')).toBeVisible();
      await expectAccessible(page);
      await type(USER_PIN);
      await expect(page.getByRole('heading', { level: 2, name: 'Log in' })).toBeVisible();
      const ground: VaultGround = { ...place, token: new Uint8Array(0), code: () => totp.generate() };
      await login(page, ground, 'ada');
      await expect(page.getByText('The key opens what it sealed.')).toBeVisible();
      // A new password is sealed by the key in the token.
      await page.getByRole('tab', { name: 'People' }).click();
      await page.getByRole('button', { name: 'Open ada' }).click();
      await page.getByRole('button', { name: 'Another password' }).click();
      const own = entryOf(page, 'ada');
      await expect(own.getByLabel('New password', { exact: true })).toBeFocused();
      for (let typed = 0; typed < 2; typed += 1) {
        await page.keyboard.type(`${PASSWORD} anew`);
        await page.keyboard.press('Enter');
      }
      await expect(page.locator('iframe')).toHaveCount(0);
      await page.getByRole('button', { name: 'Lock the vault' }).click();
      await expect(standing).toContainText('Locked');
      await page.getByRole('button', { name: 'Type the PIN' }).click();
      await type(USER_PIN);
      await expect(page.getByRole('heading', { level: 2, name: 'Log in' })).toBeVisible();
    } finally {
      await close();
    }
  } finally {
    remove();
  }
});
