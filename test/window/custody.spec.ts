import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Answers, answersResponder } from '../../core/cli/answers.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import { custodyRegister } from '../../core/contract/custody.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { scriptText } from '../crash/shipped.ts';
import { REPOSITORY } from '../shipped.ts';
import { expectAccessible } from './accessible.ts';
import { shoot } from './shoot.ts';
import { type Place, expect, openApplication, test } from './application.ts';
import { confirm, expectStep, giveSecret, primary } from './walk.ts';

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');

/** The shipped ceremonies, without a window: a root is made, and the change of custody waits for what changes. */
async function untilTheChange({ folder, data }: Place): Promise<string> {
  const core = CoreProcess.start({ data });
  try {
    const walk = async (name: string, script: string, before: string | null, checkpoint: string | null) => {
      const sample = parse(readFileSync(join(CEREMONIES, `answers/${name}.yaml`), 'utf8')) as Answers;
      const begin = { script, out: join(folder, name), ...(checkpoint === null ? {} : { checkpoint }) };
      let view = valueOf(await core.call('ceremony.begin', begin));
      while (view.current && view.current.id !== before) {
        await giveAnswers(core, view, answersResponder(sample));
        view = valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: view.current.id }));
      }
      return view.out;
    };
    const script = join(folder, 'script.yaml');
    writeFileSync(script, scriptText('root-and-issuing'));
    const made = await walk('root-and-issuing', script, null, null);
    const checkpoint = readFileSync(join(made, 'checkpoint.txt'), 'utf8');
    return await walk('custody-change', join(CEREMONIES, 'custody-change.yaml'), 'custody', checkpoint);
  } finally {
    await core.close();
  }
}

test('a share is handed over in the window: each party says so, and what nobody touched stays', async ({ place }) => {
  const out = await untilTheChange(place);
  const { page, close } = await openApplication(place.data);
  try {
    await page.getByRole('button', { name: 'Resume the ceremony' }).click();
    await expectStep(page, 'Change the custody register');
    await giveSecret(page, 'Mira Lindqvist', 'PIN of the token', 'training-2026', false);
    const record = page.getByRole('button', { name: 'Record the custody' });
    await expect(record).toBeDisabled();
    const field = (name: string) => page.getByRole('textbox', { name, exact: true });
    await expect(field('Kept at: Share 2, Card')).toHaveValue('Basel, deposit box 61');
    await field('Custodian: Share 2').fill('Lena Fischer');
    await field('Seal: Share 2, Sheet').fill('S-5003');
    await expect(record).toBeDisabled();
    await field('Reason: Share 2').fill('Chen Wei leaves');
    await shoot(page, 'custody-change');
    await expectAccessible(page);
    // The seal of another bag.
    await record.click();
    await expect(page.getByText('the seal number S-5003 stands twice')).toBeVisible();
    await field('Seal: Share 2, Sheet').fill('S-9002');
    await record.click();
    await page.getByRole('button', { name: 'Chen Wei confirms this' }).click();
    await shoot(page, 'custody-hand-over');
    const write = page.getByRole('button', { name: 'Write the register' });
    await expect(write).toBeDisabled();
    await page.getByRole('button', { name: 'Lena Fischer confirms this' }).click();
    await confirm(page, 'Inês Duarte', 'Witness');
    await confirm(page, 'Tomás Herrera', 'Auditor');
    await primary(page, 'Write the register');
    await expectStep(page, 'Close the ceremony');
  } finally {
    await close();
  }
  const { shares, changes } = custodyRegister.parse(JSON.parse(readFileSync(join(out, 'custody.json'), 'utf8')));
  expect(shares[1]).toMatchObject({
    custodian: 'Lena Fischer',
    sheet: { place: 'Zürich, safe 3', bag: 'A-1002', seal: 'S-9002' },
    card: { place: 'Basel, deposit box 61', bag: 'A-1102', seal: 'S-5102' },
  });
  expect(changes).toEqual([
    {
      ...{ item: 'share-2', handOver: { from: 'Chen Wei', to: 'Lena Fischer' }, moved: [], sealedAnew: ['sheet'] },
      reason: 'Chen Wei leaves',
    },
  ]);
});
