import { join } from 'node:path';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { because } from '../../contract/because.ts';
import { Refusal } from '../../contract/errors.ts';
import type { Action, ActionAsk, EffectContext, Effect, Unasked } from '../action.ts';
import { provenPurged, refuseUnfitPrinter } from '../chosen-printer.ts';
import { drawShareSheet, sheetParameters } from '../made-sheets.ts';
import { copiesOf, lastCopy, printFacts, purgedFacts } from '../prints.ts';
import { printerOfSheets, takersOf } from '../records.ts';
import { scanShareSheet, shareSheetPath } from '../scan-share.ts';
import { allSealedShares, eraseSealedShares, sealedShares, sheetNumbers } from '../sealed-shares.ts';
import { say } from '../say.ts';
import { type CeremonyState, currentStep } from '../state.ts';

const result = z.strictObject({ sheets: z.int() });
type Result = z.infer<typeof result>;

/**
 * Scans every sheet back, compares it with what was made, and only then erases the encrypted shares from the store. What is a file is
 * read from its file; what is on paper alone is shown by its custodian, and until then it can be printed again.
 */
export const scanSheets: Action<Record<string, never>, null, Result> = {
  name: 'scan-sheets',
  parameters: z
    .strictObject({})
    .describe('Scans every sheet back, compares it, and then erases the encrypted shares from the store.'),
  result,
  needs: [],
  after: ['print-sheets'],
  once: true,
  look: ({ state }) => Promise.resolve(printFacts(state, currentStep(state)?.id ?? '')),
  asks: ({ state }) =>
    printerOfSheets(state) === null
      ? []
      : sheetsOf(state).map(({ number, person }): Unasked<ActionAsk> => ({
          ...{ id: `share-${number}`, kind: 'share', person, sheets: [] },
          label: say(state, 'scan.paper', { number }),
        })),
  // After an interruption, none left means that every one had scanned: so all must be there before the intent.
  prepare: async (context) => {
    await allSealedShares(context);
    if (printerOfSheets(context.state) !== null) await comparePaper(context);
    return null;
  },
  perform: async (context) => {
    const { output, state } = context;
    if (printerOfSheets(state) === null) {
      const shares = await allSealedShares(context);
      for (const [index, { number, text }] of shares.entries()) {
        await context.part(index, shares.length);
        if ((await scanShareSheet(output, number)) !== text) {
          throw new Refusal('SHEET_UNREADABLE', { path: join(output.folder, shareSheetPath(number)) });
        }
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
  reprintable: (state) =>
    printerOfSheets(state) === null
      ? []
      : sheetsOf(state).map(({ number, person }) => ({
          sheet: number,
          label: say(state, 'scan.sheet', { number, person }),
        })),
  reprint: async (context, number, again) => {
    const { state, print, clock } = context;
    const printer = printerOfSheets(state);
    const shares = await allSealedShares(context);
    const share = shares.find((sealed) => sealed.number === number);
    if (printer === null || !share) throw new Refusal('INPUT_INVALID', because('answer.notPrintedHere', { number }));
    await refuseUnfitPrinter(state, printer);
    const made = state.script.steps.find(({ action }) => action === 'print-sheets');
    const parameters = sheetParameters.parse(made?.parameters);
    const madeAt = clock();
    const make = (copy: number) => drawShareSheet(state, parameters, { number, text: share.text, madeAt, copy });
    await print({ sheet: `share-${number}`, printer, paper: parameters.paper, make, again });
    await provenPurged(
      state,
      printer,
      shares.map(({ text }) => text),
    );
  },
};

/** SHEET_DIFFERS: what was shown is a sheet of that very share, and not the one that was made here. */
async function comparePaper(context: EffectContext): Promise<void> {
  for (const { number, text } of await allSealedShares(context)) {
    if (context.shareText(`share-${number}`) !== text) throw new Refusal('SHEET_DIFFERS', { share: number });
  }
}

function sheetsOf(state: CeremonyState): { number: number; person: string }[] {
  const takers = takersOf(state);
  return sheetNumbers(state.script).map((number, index) => ({ number, person: takers[index] ?? '' }));
}

function effectOf({ state }: EffectContext): Effect<Result> {
  const sheets = sheetsOf(state);
  const onPaper = printerOfSheets(state) !== null;
  const read = (number: number) => {
    if (!onPaper) return say(state, 'scan.both');
    const copy = lastCopy(state, `share-${number}`)?.copy ?? 1;
    return copy > 1 ? say(state, 'scan.fromCopy', { copy }) : say(state, 'scan.fromPaper');
  };
  return {
    result: { sheets: sheets.length },
    facts: [
      ...sheets.map(({ number, person }): Fact => ({
        ...{ kind: 'check', label: say(state, 'scan.share', { number, person }), verdict: 'go' },
        detail: read(number),
      })),
      ...sheets.flatMap(({ number }): Fact[] => {
        const copies = copiesOf(state, `share-${number}`);
        const value = say(state, 'scan.copiesDestroyed', { destroyed: copies - 1, copies });
        return copies > 1 ? [{ kind: 'row', label: say(state, 'scan.copiesOf', { number }), value }] : [];
      }),
      ...purgedFacts(state, currentStep(state)?.id ?? ''),
      { kind: 'row', label: say(state, 'scan.encrypted'), value: say(state, 'scan.erased') },
    ],
  };
}
