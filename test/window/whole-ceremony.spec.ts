import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './application.ts';
import {
  answers,
  begin,
  checkMachine,
  confirm,
  expectStep,
  giveSecret,
  makeKeysAndCertificates,
  prepareMasterKey,
  makePaper,
  sealBags,
  showSheet,
  openToken,
  passphrases,
  primary,
  takeRoles,
} from './walk.ts';

test('a person clicks through the whole ceremony, and openssl accepts what it leaves', async ({ page, place }) => {
  await expectAccessible(page);
  await begin(page, place.out);
  await expectAccessible(page);
  await takeRoles(page);
  await checkMachine(page);
  await expectAccessible(page);
  await openToken(page);
  await expectStep(page, 'Make and split the master key');
  await prepareMasterKey(page);
  await primary(page, 'Make and split the key');
  await makeKeysAndCertificates(page);
  await makePaper(page);

  await expectStep(page, 'Rehearse recovery');
  const custodians = answers.participants.custodian ?? [];
  for (const number of [1, 3, 5]) {
    const person = custodians[number - 1] ?? '';
    await showSheet(page, person, number);
    await giveSecret(page, person, `Passphrase of custodian ${number}`, passphrases[number - 1] ?? '', false);
  }
  await expectAccessible(page);
  await confirm(page, 'Tomás Herrera', 'Auditor');
  await primary(page, 'Recover and prove');
  await sealBags(page);

  await expectStep(page, 'Export the bundle');
  await confirm(page, 'Jonas Weber', 'Ceremony administrator');
  await primary(page, 'Sign and encrypt the bundle');
  await expectStep(page, 'Close the ceremony');
  await confirm(page, 'Tomás Herrera', 'Auditor');
  await primary(page, 'Sign the transcript');
  await expect(page.getByRole('heading', { level: 1, name: 'The ceremony is complete' })).toBeVisible();
  await expectAccessible(page);

  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: place.out, stdio: 'pipe' });
  openssl('verify', '-x509_strict', '-CAfile', 'root.crt', 'issuing.crt');
  const signed = ['-inform', 'DER', '-in', 'transcript.json.p7s', '-content', 'transcript.json'];
  openssl('cms', '-verify', ...signed, '-CAfile', 'root.crt', '-out', '/dev/null');

  // The next one in this store wants the checkpoint that is on the transcript, or a word why nobody has it.
  await page.getByRole('button', { name: 'Done' }).click();
  const script = page.getByRole('radio', { name: 'Revocation list of the root 2026' });
  await script.focus();
  await page.keyboard.press('Space');
  await expect(script).toBeChecked();
  await page.getByRole('textbox', { name: 'Folder for what is made' }).fill(join(place.folder, 'next'));
  const beginning = page.getByRole('button', { name: 'Begin in training' });
  await expect(beginning).toBeDisabled();
  const paper = page.getByRole('textbox', { name: 'Checkpoint from the last transcript' });
  await paper.fill('7 seven words are none of it');
  await beginning.click();
  await expect(page.getByText('The checkpoint cannot be read')).toBeVisible();
  await expectAccessible(page);
  await paper.fill(readFileSync(join(place.out, 'checkpoint.txt'), 'utf8'));
  await beginning.click();
  await expectStep(page, 'Take roles');
});
