import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answersResponder } from '../../core/cli/answers.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { printing } from '../ceremony/small-script.ts';
import { type Cups, startCups } from '../print/cupsd.ts';
import { expectAccessible } from './accessible.ts';
import { type Place, expect, openApplication, test } from './application.ts';
import { shoot } from './shoot.ts';
import { expectStep, giveSecret, primary, sharePageIsThere } from './walk.ts';

const PIN = 'orbit maple pin';
const answers = answersResponder({
  claviger: 1,
  pin: PIN,
  passphrases: ['orbit maple one two', 'cobalt fern three four'],
  participants: {
    operator: ['Mira Lindqvist'],
    ceremonyAdministrator: ['Jonas Weber'],
    custodian: ['Amara Diallo', 'Nadia Okafor'],
  },
  custody: {},
});

/** A script that demands a printer, without a window until its sheets are made. */
async function untilTheSheets({ folder, data, out }: Place): Promise<string> {
  const core = CoreProcess.start({ data });
  try {
    const script = join(folder, 'script.yaml');
    writeFileSync(script, printing('printer'));
    let view = valueOf(await core.call('ceremony.begin', { script, out }));
    while (view.current && view.current.id !== 'sheets') {
      await giveAnswers(core, view, answers);
      view = valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: view.current.id }));
    }
    return view.id;
  } finally {
    await core.close();
  }
}

let cups: Cups;
test.beforeEach(async () => {
  cups = await startCups(['laser', 'basement']);
});
test.afterEach(async () => {
  await cups.remove();
});

test('sheets are printed from the window, one is printed again before a witness, and the paper is read back', async ({
  place,
}) => {
  const ceremony = await untilTheSheets(place);
  const { page, close } = await openApplication(place.data);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  try {
    await button('Resume the ceremony').click();
    await expectStep(page, 'sheets');
    await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', PIN, false);
    await page.getByRole('radio', { name: /^laser/ }).check({ force: true });
    await button('Choose this').click();
    await expect(page.getByText('can be searched after the purge')).toBeVisible();
    await button('Look again').click();
    await shoot(page, 'printer');
    await expectAccessible(page);
    await primary(page, 'Do');
    // Each job shows while it is at the printer.
    await expect(page.getByText('Share sheet 1, copy 1')).toBeVisible();
    await shoot(page, 'printing');
    await expectStep(page, 'scan');
    await page.getByRole('button', { name: /^Recorded in step \d+, sheets/ }).click();
    await expect(page.getByText('0 files are left, and none holds a sheet')).toBeVisible();

    await button('Print a sheet again…').click();
    const dialog = page.getByRole('dialog', { name: 'Print a sheet again' });
    const pick = async (label: string, option: RegExp) => {
      await dialog.getByRole('button', { name: new RegExp(label) }).click();
      await page.getByRole('option', { name: option }).click();
    };
    const again = dialog.getByRole('button', { name: 'It is destroyed: print it again' });
    await pick('Which sheet', /^Share sheet 2/);
    await dialog.getByRole('textbox', { name: 'Why' }).fill('the paper jammed');
    await pick('Who says so', /^Mira Lindqvist/);
    await expect(again).toBeDisabled();
    await pick('Who saw it destroyed', /^Jonas Weber/);
    await shoot(page, 'reprint');
    await again.click();
    await expect(page.getByText('Share sheet 2, copy 2')).toBeVisible();
    const shown = page.getByRole('region', { name: 'What this step shows' });
    await expect(shown.getByText(/job laser-\d+: has ended, and is purged/)).toBeVisible();
    await expectAccessible(page);

    const papers = cups.papers(ceremony).filter((path) => path.includes('share'));
    expect(papers).toHaveLength(3);
    const [first = '', , second = ''] = papers;
    for (const [person, paper] of [
      ['Amara Diallo', first],
      ['Nadia Okafor', second],
    ] as const) {
      await button(`${person} shows the share`).click();
      await sharePageIsThere(page);
      await page.getByRole('textbox', { name: 'Path of a scan or photograph of the paper' }).fill(paper);
      await shoot(page, 'paper');
      await button('Read the picture').click();
      await expect(page.locator('iframe')).toHaveCount(0);
    }
    await primary(page, 'Do');
    await expect(page.getByRole('heading', { name: 'The ceremony is complete' })).toBeFocused();
    await page.getByRole('button', { name: /^Recorded in step \d+, scan/ }).click();
    await expect(page.getByText('read back from the paper, copy 2: it is the very share')).toBeVisible();
  } finally {
    await close();
  }
});
