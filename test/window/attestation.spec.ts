import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claviger } from '../cli/claviger.ts';
import { REPOSITORY } from '../shipped.ts';
import { expectAccessible } from './accessible.ts';
import { expect, openApplication } from './application.ts';
import { test } from './ground.ts';
import { shoot } from './shoot.ts';
import { expectWhole } from './zoom.ts';

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');

test('the share that an attestation did not see, whose it is and why: in the terminal, and in the window', async ({
  ground,
}) => {
  const answers = join(ground.folder, 'attestation-answers.yaml');
  const reason = 'texts:\n  absent-2: on leave until January\n';
  writeFileSync(answers, readFileSync(join(CEREMONIES, 'answers/attestation.yaml'), 'utf8') + reason);
  const data = ['--data', ground.data];
  const brought = ['--answers', answers, '--checkpoint', join(ground.root, 'checkpoint.txt')];
  const folders = [...data, '--out', join(ground.folder, 'attested')];
  const run = await claviger(['ceremony', 'run', join(CEREMONIES, 'attestation.yaml'), ...folders, ...brought]);
  expect(run.status, run.stderr).toBe(0);
  const { stdout } = await claviger(['report', 'rehearsals', ...data]);
  expect(stdout).toMatch(
    / attestation .*, shares 1, 3, 4, 5\n {2}share 2 was not shown, Chen Wei was absent: on leave until January\n/,
  );

  const { page, close } = await openApplication(ground.data);
  try {
    await page.getByRole('button', { name: 'Reports', exact: true }).click();
    await page.getByRole('tab', { name: 'Rehearsals' }).click();
    const attestation = page.getByRole('row', { name: /^Attestation / });
    await expect(attestation).toContainText('Custodian: Amara Diallo, Nadia Okafor, Pavel Novák, Ruth Goldberg');
    await expect(attestation.getByText('Absent: Chen Wei (share 2), on leave until January')).toBeVisible();
    await expect(page.getByRole('row', { name: /^Recovery / })).not.toContainText('Absent');
    await expectAccessible(page);
    await shoot(page, 'reports-rehearsals-absent');
    await expectWhole(page);
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await expect(page.getByText('Abwesend: Chen Wei (Anteil 2), on leave until January')).toBeVisible();
  } finally {
    await close();
  }
});
