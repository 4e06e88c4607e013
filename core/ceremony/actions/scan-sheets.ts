import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import type { Action, EffectContext, Effect } from '../action.ts';
import { takersOf } from '../records.ts';
import { scanShareSheet, shareSheetPath } from '../scan-share.ts';
import { allSealedShares, eraseSealedShares, sealedShares, sheetNumbers } from '../sealed-shares.ts';
import { say } from '../say.ts';

const result = z.strictObject({ sheets: z.int() });
type Result = z.infer<typeof result>;

/** Scans every sheet back, compares it with what was made, and only then erases the encrypted shares from the store. */
export const scanSheets: Action<Record<string, never>, null, Result> = {
  name: 'scan-sheets',
  parameters: z
    .strictObject({})
    .describe('Scans every sheet back, compares it, and then erases the encrypted shares from the store.'),
  result,
  needs: [],
  after: ['print-sheets'],
  once: true,
  // After an interruption, none left means that every one had scanned: so all must be there before the intent.
  prepare: async (context) => {
    await allSealedShares(context);
    return null;
  },
  perform: async (context) => {
    const { output } = context;
    const shares = await allSealedShares(context);
    for (const { number, text } of shares) {
      if ((await scanShareSheet(output, number)) !== text) {
        throw new Refusal('SHEET_UNREADABLE', { path: join(output.folder, shareSheetPath(number)) });
      }
    }
    await eraseSealedShares(context);
    return effectOf(context);
  },
  reconcile: async (context) => {
    // They are erased after the last sheet has scanned, never before.
    if ((await sealedShares(context)).length > 0) return { undone: say(context.state, 'scan.inStore') };
    return { adopted: effectOf(context), detail: say(context.state, 'scan.allScanned') };
  },
};

function effectOf({ state }: EffectContext): Effect<Result> {
  const numbers = sheetNumbers(state.script);
  const takers = takersOf(state);
  return {
    result: { sheets: numbers.length },
    facts: [
      ...numbers.map((number, index) => ({
        kind: 'check' as const,
        label: say(state, 'scan.share', { number, person: takers[index] ?? '' }),
        verdict: 'go' as const,
        detail: say(state, 'scan.both'),
      })),
      { kind: 'row', label: say(state, 'scan.encrypted'), value: say(state, 'scan.erased') },
    ],
  };
}
