import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { scanPdf } from '../../core/print/scan.ts';
import { shareLines } from '../../core/shares/lines.ts';
import { scriptText } from '../crash/shipped.ts';
import { scanMemory } from '../hsm/process-memory.ts';
import { type Application, type Place, expect, openApplication, test } from './application.ts';
import { untilStep } from './earlier.ts';
import { PASSWORD } from '../vault/sample-vault.ts';
import { entryOf, login, makeVault, openVaultView, unlock } from './vault-ground.ts';
import { expectStep } from './walk.ts';

/** Chromium's renderer processes below this one. */
function renderers(): number[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const about = processes.flatMap((name) => {
    try {
      const [, parent] = /\) \S (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? [];
      return [{ pid: Number(name), parent: Number(parent), words: readFileSync(`/proc/${name}/cmdline`, 'latin1') }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
  const isOurs = (pid: number): boolean => {
    const parent = about.find((one) => one.pid === pid)?.parent ?? 0;
    return parent === process.pid || (parent > 1 && isOurs(parent));
  };
  return about.filter(({ pid, words }) => words.includes('--type=renderer') && isOurs(pid)).map(({ pid }) => pid);
}

/** The renderers in which any of these texts stands, in one byte a character or in two. */
function renderersWith(texts: string[]): number[] {
  const needles = Object.fromEntries(
    texts.flatMap((text, index) => [
      [`${index} Latin-1`, Buffer.from(text, 'latin1')],
      [`${index} UTF-16`, Buffer.from(text, 'utf16le')],
    ]),
  );
  return renderers().filter((pid) => {
    try {
      return scanMemory(pid, needles, true).found.length > 0;
    } catch (error) {
      // A process that ended while it was looked at holds nothing any more.
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  });
}

/** `known`: what the window has been told, such as the script's SHA-256, and the frame has not. */
type Told = Pick<Application, 'page'> & { known: string };
type Resumed = Application & Told & { made: string };

async function resumed(place: Place, name: string, step: string, title: string): Promise<Resumed> {
  const { made } = await untilStep(place, name, step);
  const application = await openApplication(place.data);
  await application.page.getByRole('button', { name: 'Resume the ceremony' }).click();
  await expectStep(application.page, title);
  const known = createHash('sha256').update(scriptText(name)).digest('hex');
  return { ...application, made, known };
}

/** While it is typed it stands in the frame's process and not in the window's; when it is given, in none. */
async function expectInTheFrameAlone({ page, known }: Told, secret: string[], give: () => Promise<void>) {
  const holding = renderersWith(secret);
  const showing = renderersWith([known]);
  expect(holding.length).toBeGreaterThan(0);
  expect(showing.length).toBeGreaterThan(0);
  expect(holding.filter((pid) => showing.includes(pid))).toEqual([]);
  await give();
  await expect(page.getByTitle(/^Private entry/)).toHaveCount(0);
  await expect.poll(() => renderersWith(secret)).toEqual([]);
  expect(renderersWith([known])).toEqual(showing);
}

test('a passphrase is in no process but the frame’s, and with the frame in none', async ({ place }) => {
  const here = await resumed(place, 'root-and-issuing', 'master-key', 'Make and split the master key');
  const { page, close } = here;
  try {
    const passphrase = 'walnut gospel thicket rumble fjord';
    await page.getByRole('button', { name: 'Amara Diallo types now' }).click();
    const frame = page.frameLocator('iframe[title="Private entry for Amara Diallo"]');
    await expect(frame.getByLabel('Passphrase of custodian 1', { exact: true })).toBeFocused();
    await page.keyboard.type(passphrase);
    await page.keyboard.press('Enter');
    await page.keyboard.type(passphrase);
    await expectInTheFrameAlone(here, [passphrase], () => page.keyboard.press('Enter'));
  } finally {
    await close();
  }
});

test('the text of a share is in no process but the frame’s, and with the frame in none', async ({ place }) => {
  const here = await resumed(place, 'recovery-rehearsal', 'rehearsal', 'Rehearse recovery');
  const { page, made, close } = here;
  try {
    const [text = ''] = await scanPdf(new Uint8Array(readFileSync(join(made, 'sheets/share-1.pdf'))));
    const lines = shareLines(text).map(({ groups, check }) => groups.join('') + check);
    await page.getByRole('button', { name: 'Amara Diallo shows the share' }).click();
    const frame = page.frameLocator('iframe[title="Private entry for Amara Diallo"]');
    await frame.getByRole('tab', { name: 'Type the lines' }).click();
    for (const line of lines) await page.keyboard.type(line);
    await expect(frame.getByRole('button', { name: 'Give the share' })).toBeFocused();
    await expectInTheFrameAlone(here, lines.slice(0, 2), () => page.keyboard.press('Enter'));
  } finally {
    await close();
  }
});

test('a password, a code and a value are in no process but the frame’s, and with the frame in none', async ({
  place,
}) => {
  const ground = { ...place, ...(await makeVault(place)) };
  const { page, close } = await openApplication(place.data);
  const value = 'what nobody but the frame has ever held';
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, ground, 'ada');
    await expect.poll(() => renderersWith([PASSWORD])).toEqual([]);
    await page.getByRole('tab', { name: 'Secrets' }).click();
    await page.getByRole('button', { name: 'Open shop/production/tls/www' }).click();
    await page.getByRole('button', { name: 'Store a new version' }).click();
    await expect(entryOf(page, 'ada').getByLabel('Value', { exact: true })).toBeFocused();
    await page.keyboard.type(value);
    await page.keyboard.press('Enter');
    await page.keyboard.type(value);
    const here = { page, known: 'Private key of www.example.com' };
    await expectInTheFrameAlone(here, [value], () => page.keyboard.press('Enter'));
  } finally {
    await close();
  }
});

test('the key of one-time codes is in no process but the frame’s, and with the frame in none', async ({ place }) => {
  const ground = { ...place, ...(await makeVault(place)) };
  const { page, close } = await openApplication(place.data);
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, ground, 'ada');
    const known = await page.getByText(/^key [0-9a-f]{8}$/).textContent();
    await page.getByRole('tab', { name: 'People' }).click();
    await page.getByRole('button', { name: 'Open bob' }).click();
    await page.getByRole('button', { name: 'Another authenticator' }).click();
    const frame = entryOf(page, 'bob');
    await frame.getByRole('button', { name: 'Make and show it' }).click();
    const shown = await frame.getByText(/^(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).textContent();
    const key = shown ?? '';
    const totp = new TOTP({ secret: Secret.fromBase32(key.replaceAll(' ', '')) });
    await frame.getByLabel('Code that the authenticator shows now').focus();
    await expectInTheFrameAlone({ page, known: known ?? '' }, [key], async () => {
      // The code of now, when the processes have been looked through.
      await page.keyboard.type(totp.generate());
      await page.keyboard.press('Enter');
    });
  } finally {
    await close();
  }
});
