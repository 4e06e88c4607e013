import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { SOFTHSM_MODULE, makeSoftHsm } from '../hsm/softhsm.ts';
import { sampleAnswers, scriptText } from '../crash/shipped.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { expectAccessible } from './accessible.ts';
import { expect, openApplication } from './application.ts';
import { attend, shippedScript, shippedText } from './attend.ts';
import { type Ground, test } from './ground.ts';
import { expectWholeAt200 } from './zoom.ts';

/**
 * Every shipped ceremony in the window, from its script on the start view to its transcript, with its own answers file.
 * root-and-issuing is done in whole-ceremony.spec.ts and, with the keyboard alone, in keyboard.spec.ts.
 */

type Shipped = {
  script: string;
  /** Nothing was done in the store before. */
  first?: boolean;
  /** Store and token are gone, and what the root's ceremony wrote is left. */
  burnt?: boolean;
  /** On a token that the ceremony itself makes. */
  born?: boolean;
  /** Walked by `npm test`; the others by `npm run test:ceremonies`. */
  always?: boolean;
};

const CEREMONIES: Shipped[] = [
  { script: 'attestation' },
  { script: 're-share' },
  { script: 'rotate-master-key' },
  { script: 'replace-share' },
  { script: 'vault-initialisation', first: true },
  { script: 'recovery-rehearsal', always: true },
  { script: 'exercise' },
  { script: 'disaster-recovery', burnt: true },
  { script: 'token-initialisation', first: true, born: true },
  { script: 'issue-intermediate' },
  { script: 'crl', always: true },
  { script: 'custody-change', always: true },
  { script: 'export' },
  { script: 'key-destruction', always: true },
];

/** Each kind of step is looked at closely in the first ceremony that has it. */
const LOOKED_AT = new Map<string, string>();
for (const { script } of CEREMONIES) {
  for (const { action } of shippedScript(script).steps) if (!LOOKED_AT.has(action)) LOOKED_AT.set(action, script);
}

type Beginning = { title: string; out: string; checkpoint?: string; token?: string };

async function begin(page: Page, { title, out, checkpoint, token }: Beginning): Promise<void> {
  const script = page.getByRole('radio', { name: title });
  await script.focus();
  await page.keyboard.press('Space');
  await expect(script).toBeChecked();
  await page.getByRole('textbox', { name: 'Folder for what is made' }).fill(out);
  if (token !== undefined) {
    await page.getByRole('button', { name: 'Second medium and PKCS#11 token' }).click();
    await page.getByRole('textbox', { name: 'Token file' }).fill(token);
  }
  if (checkpoint !== undefined) {
    await page.getByRole('textbox', { name: 'Checkpoint from the last transcript' }).fill(checkpoint);
  }
  await page.getByRole('button', { name: token === undefined ? 'Begin in training' : 'Begin on this token' }).click();
}

/** What the ceremony finds when its people come into the room. */
function prepare({ first, burnt }: Shipped, { folder, data }: Ground): void {
  if (first || burnt) rmSync(data, { recursive: true });
  if (first) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  }
}

/**
 * A script whose passphrases cost little, where the shipped one has passphrases chosen. The start view offers what is shipped, so this one is begun
 * before the window opens, and resumed there.
 */
async function beginCheap(text: string, { folder, data, out, checkpoint }: Ground, first: boolean): Promise<void> {
  const script = join(folder, 'script.yaml');
  writeFileSync(script, text);
  const core = CoreProcess.start({ data });
  try {
    valueOf(await core.call('ceremony.begin', { script, out, ...(first ? {} : { checkpoint }) }));
  } finally {
    await core.close();
  }
}

for (const shipped of CEREMONIES) {
  const script = shippedScript(shipped.script);
  test(`${shipped.script}: ${script.title}`, { tag: shipped.always ? [] : '@long' }, async ({ ground }) => {
    prepare(shipped, ground);
    const softHsm = shipped.born ? makeSoftHsm([]) : null;
    const token = join(ground.folder, 'token.yaml');
    if (softHsm) writeFileSync(token, `module: ${SOFTHSM_MODULE}\ntoken: born\npin: prompt\n`);
    const answers = sampleAnswers(shipped.script);
    if (shipped.burnt) answers.texts = { ...answers.texts, medium: ground.root };
    const cheap = scriptText(shipped.script);
    const isCheap = cheap !== shippedText(shipped.script);
    if (isCheap) await beginCheap(cheap, ground, shipped.first === true);
    const { page, close } = await openApplication(ground.data);
    try {
      if (isCheap) await page.getByRole('button', { name: 'Resume the ceremony' }).click();
      else {
        await begin(page, {
          title: script.title,
          out: ground.out,
          ...(shipped.first || shipped.burnt ? {} : { checkpoint: ground.checkpoint }),
          ...(softHsm ? { token } : {}),
        });
      }
      await attend({ page, answers }, script, {
        before: async (step) => {
          if (LOOKED_AT.get(step.action) !== shipped.script) return;
          await expectAccessible(page);
          await expectWholeAt200(page, ['Abort…', 'Deviation…', step.primary]);
        },
      });
    } finally {
      await close();
      softHsm?.remove();
    }
  });
}
