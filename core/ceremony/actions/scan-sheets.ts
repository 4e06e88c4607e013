import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import type { Action, EffectContext, Effect } from '../action.ts';
import { custodiansOf } from '../records.ts';
import { scanShareSheet, shareSheetPath } from '../scan-share.ts';

type Result = { sheets: number };

/** Scans every sheet back, compares it with what was made, and only then erases the encrypted shares from the store. */
export const scanSheets: Action<Record<string, never>, null, Result> = {
  name: 'scan-sheets',
  parameters: z.strictObject({}),
  result: z.custom<Result>(),
  needs: [],
  prepare: () => Promise.resolve(null),
  perform: async (context) => {
    const { state, store, output } = context;
    const shares = await sealedShares(context);
    for (const { number, text } of shares) {
      if ((await scanShareSheet(output, number)) !== text) {
        throw new Refusal('SHEET_UNREADABLE', { path: join(output.folder, shareSheetPath(number)) });
      }
    }
    await store.db.deleteFrom('sealed_share').where('ceremony', '=', state.id).execute();
    store.flush();
    return effectOf(context);
  },
  reconcile: async (context) => {
    // They are erased after the last sheet has scanned, never before.
    if ((await sealedShares(context)).length > 0) return { undone: 'the encrypted shares are still in the store' };
    return { adopted: effectOf(context), detail: 'every sheet had scanned and the shares were erased' };
  },
};

function sealedShares({ store, state }: EffectContext) {
  return store.db.selectFrom('sealed_share').selectAll().where('ceremony', '=', state.id).orderBy('number').execute();
}

function effectOf({ state }: EffectContext): Effect<Result> {
  const custodians = custodiansOf(state);
  return {
    result: { sheets: custodians.length },
    facts: [
      ...custodians.map((name, index) => ({
        kind: 'check' as const,
        label: `Share ${index + 1}, ${name}`,
        verdict: 'go' as const,
        detail: 'both codes scan back to the very share',
      })),
      { kind: 'row', label: 'Encrypted shares in the store', value: 'erased' },
    ],
  };
}
