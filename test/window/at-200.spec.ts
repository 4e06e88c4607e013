import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { LONGEST_NAME, vaultYear } from '../reports/vault-year.ts';
import { expect, openApplication, test as plain } from './application.ts';
import { type Ground, test } from './ground.ts';
import { login, makeVault, openVaultView, unlock } from './vault-ground.ts';
import { expectWhole, expectWholeAt200 } from './zoom.ts';

/** At 200 % no view and no tab is wider than the window, with contents in each, in both languages; nor is a tab in the window as it opens. */

type Told = [tab: string, told: RegExp][];

/** Each tab of each view, and what says that it has been told its contents. */
const REPORTS: Told = [
  ['Calendar', /Rotate billing\/production\/db\/main$/],
  ['Keys', /AES-256-GCM/],
  ['Rotation', /^billing\/production\/db\/main$/],
  ['Access', /^billing\/production\/db\/main$/],
  ['Violations', /no grant/],
  ['Break-glass', /The password was read/],
  ['Rehearsals', /^No rehearsal was recorded/],
  ['Losses', /^its certificate is reissued$/],
];
const VIEWS: [view: string, told: RegExp, tabs: Told][] = [
  ['Ceremonies', /^Root and issuing CA 2026$/, []],
  ['Inventory', /^root-2026$/, []],
  ['Custody', /^What lies where$/, []],
  [
    'Ledger',
    /^Ledger$/,
    [
      ['Rows', /not yet signed/],
      ['Verify', /^Verify the ledger$/],
      ['Checkpoint', /rows/],
      ['Export', /^Export the rows$/],
    ],
  ],
  [
    'Reports',
    /^Reports$/,
    [
      ['Calendar', /Rehearse a recovery of master-key-2026/],
      ['Keys', /^root-2026$/],
      ['Rotation', /^billing\/production\/db\/main$/],
      ['Access', /^pki\/isolated\/root-2026\/backup$/],
      ['Violations', /^Nothing against the policy/],
      ['Break-glass', /^The glass was never broken/],
      ['Rehearsals', /^root-2026: signed$/],
      ['Losses', /^root-2026$/],
    ],
  ],
  [
    'Tokens',
    /^Tokens$/,
    [
      ['Tokens', /Root and issuing CA 2026/],
      ['Module', /PKCS#11/],
    ],
  ],
  [
    'Vault',
    /^Vault$/,
    [
      ['Overview', /^The key opens what it sealed/],
      ['Secrets', /^env\/SMTP_PASSWORD$/],
      ['Approvals', /^The yearly proof of the backup$/],
      ['Who may', /^billing\/production\/\*$/],
      ['People', /^mira$/],
      ['Policy', /^Limits for all$/],
      ['Keys', /^No key of this vault was rotated yet/],
      ['Emergency', /^Emergency list$/],
    ],
  ],
  [
    'Bundles',
    /^Bundles$/,
    [
      ['Made', /bundle\.cms/],
      ['Received', /the root was named/],
      ['Import', /^Bundle file$/],
    ],
  ],
  [
    'Settings',
    /^Settings$/,
    [
      ['Display', /^Save$/],
      ['Printing', /^Save$/],
      ['Camera', /camera/i],
      ['Policy', /Root and issuing CA/],
    ],
  ],
];

const nav = (page: Page) => page.getByRole('navigation').first().getByRole('button');
const tabs = (page: Page) => page.getByRole('tab');
/** What a view tells in lines: there are as many in each language. */
const lines = (page: Page) => page.getByRole('main').getByRole('row').or(page.getByRole('main').getByRole('listitem'));

/** Each tab in its order, so that none is forgotten that comes later. Answers how many lines each has. */
async function expectTabsWhole(page: Page, told: Told): Promise<number[]> {
  await expect(tabs(page)).toHaveText(told.map(([tab]) => tab));
  const counts: number[] = [];
  for (const [index, [tab, says]] of told.entries()) {
    await test.step(tab, async () => {
      await tabs(page).nth(index).click();
      await expect(page.getByRole('tabpanel').getByText(says).first()).toBeVisible();
      await expectWhole(page);
      await expectWholeAt200(page, []);
      counts.push(await lines(page).count());
    });
  }
  return counts;
}

async function expectTabsWholeInGerman(page: Page, counts: number[]): Promise<void> {
  await expect(tabs(page)).toHaveCount(counts.length);
  for (const [index, count] of counts.entries()) {
    await test.step(`German, tab ${index + 1}`, async () => {
      await tabs(page).nth(index).click();
      await expect(lines(page)).toHaveCount(count);
      await expectWholeAt200(page, []);
    });
  }
}

/** A vault, an emergency list and a bundle that came in, beside the root that was made. */
async function furnish(ground: Ground): Promise<{ code: (person: string) => string; token: Uint8Array }> {
  const core = CoreProcess.start({ data: ground.data });
  const bundle = { bundle: join(ground.root, 'bundle.cms'), key: join(ground.root, 'recipient.key') };
  const taken = { directory: join(ground.folder, 'imported'), root: join(ground.root, 'root.crt'), record: true };
  valueOf(await core.call('bundle.import', { ...bundle, ...taken }));
  await core.close();
  return makeVault(ground, 0, ['mira'], async (ada) => {
    await ada('vault.breakGlassAllow', { name: 'mira', allowed: true });
    const longest = { owner: 'of-a-long-name', environment: 'production', name: LONGEST_NAME } as const;
    const input = {
      ...longest,
      category: 'system-configuration',
      description: LONGEST_NAME,
      tags: [LONGEST_NAME.slice(0, 60)],
    };
    await ada('vault.put', input, { value: new Uint8Array([1]) });
    await ada('vault.grant', { name: 'mira', scope: longest, rights: ['READ'] });
  });
}

/** Where ada is logged in. */
async function withVault(ground: Ground, look: (page: Page) => Promise<void>): Promise<void> {
  const vault = { ...ground, ...(await furnish(ground)) };
  const { page, close } = await openApplication(ground.data);
  try {
    await openVaultView(page);
    await unlock(page);
    await login(page, vault, 'ada');
    await look(page);
  } finally {
    await close();
  }
}

test('a secret whose name has two hundred letters, its forms, and the question before it is erased', async ({
  ground,
}) => {
  await withVault(ground, async (page) => {
    await page.getByRole('tab', { name: 'Secrets' }).click();
    await page.getByRole('button', { name: LONGEST_NAME }).click();
    for (const [opens, shuts] of [
      ['Store a new version', 'Close'],
      ['Description and tags', 'Go back'],
      ['Erase…', 'Go back'],
      ['Set the rotation…', 'Go back'],
    ] as const) {
      await page.getByRole('button', { name: opens }).click();
      const back = page.getByRole('button', { name: shuts });
      await expect(back).toBeVisible();
      await expectWhole(page);
      await expectWholeAt200(page, []);
      await back.click();
    }
  });
});

test('every view and every tab', async ({ ground }) => {
  await withVault(ground, async (page) => {
    await expect(nav(page)).toHaveText(VIEWS.map(([view]) => view));
    const counts: number[][] = [];
    for (const [index, [view, says, told]] of VIEWS.entries()) {
      await test.step(view, async () => {
        await nav(page).nth(index).click();
        await expect(page.getByRole('main').getByText(says).first()).toBeVisible();
        await expectWholeAt200(page, []);
        counts.push(told.length > 0 ? await expectTabsWhole(page, told) : []);
      });
    }
    await page.getByRole('button', { name: 'Deutsch' }).click();
    for (const [index, [view]] of VIEWS.entries()) {
      await test.step(`German: ${view}`, async () => {
        await nav(page).nth(index).click();
        await expectWholeAt200(page, []);
        await expectTabsWholeInGerman(page, counts[index] ?? []);
      });
    }
  });
});

plain('every report of a year of a vault', async ({ place }) => {
  await vaultYear(place.folder, join(place.folder, 'all.ledger'));
  const { page, close } = await openApplication(place.data);
  try {
    await page.getByRole('button', { name: 'Reports', exact: true }).click();
    const counts = await expectTabsWhole(page, REPORTS);
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await expectTabsWholeInGerman(page, counts);
  } finally {
    await close();
  }
});
