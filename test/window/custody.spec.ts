import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { custodyRegister } from '../../core/contract/custody.ts';
import { expectAccessible } from './accessible.ts';
import { shoot } from './shoot.ts';
import { expect, openApplication, test } from './application.ts';
import { untilStep } from './earlier.ts';
import { confirm, expectStep, giveSecret, primary } from './walk.ts';

test('a share is handed over in the window: each party says so, and what nobody touched stays', async ({ place }) => {
  const { out } = await untilStep(place, 'custody-change', 'custody');
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
