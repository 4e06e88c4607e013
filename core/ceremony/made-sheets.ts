import { z } from 'zod';
import { wordsOf } from '../contract/words.ts';
import { printShareSheet } from '../print/share-sheet.ts';
import { shareLines } from '../shares/lines.ts';
import { isOfExercise } from '../shares/manifest.ts';
import { certificateOf, manifestOf, takersOf } from './records.ts';
import { sheetNumbers } from './sealed-shares.ts';
import type { CeremonyState } from './state.ts';

/** Of print-sheets: scan-sheets has a sheet drawn again by the same. */
export const sheetParameters = z
  .strictObject({
    root: z
      .string()
      .min(1)
      .optional()
      .describe('The key whose certificate’s fingerprint stands on every sheet; none where there is no CA.'),
    signedBy: z.string().min(1).describe('The ledger key, which signs the manifest.'),
    paper: z.enum(['A4', 'Letter']).default('A4').describe('The paper that is in the printer.'),
  })
  .describe(
    'Makes the sheet of every custodian, and the public manifest of the set: signed file and sheet. Of a share that was made again, its sheet alone.',
  );
export type SheetParameters = z.infer<typeof sheetParameters>;

/** What stands on every sheet of a ceremony. */
export function sheetHead(state: CeremonyState, { root, paper }: SheetParameters, madeAt: Date) {
  const { script, language } = state;
  return {
    language,
    organisation: script.organisation,
    ceremony: script.title,
    ceremonyId: state.id,
    madeAt,
    rootWords: root === undefined ? [] : wordsOf(Buffer.from(certificateOf(state, root).sha256, 'hex').subarray(0, 8)),
    scriptSha256: state.scriptSha256,
    training: state.mode === 'training',
    exercise: isOfExercise(manifestOf(state)),
    paper,
  };
}

/** The page of one share, from its encrypted text. `copy`: where it was printed before. */
export function drawShareSheet(
  state: CeremonyState,
  parameters: SheetParameters,
  { number, text, madeAt, copy }: { number: number; text: string; madeAt: Date; copy: number },
): Promise<Uint8Array> {
  const { threshold, shareCount, setId, epoch } = manifestOf(state);
  return printShareSheet({
    ...sheetHead(state, parameters, madeAt),
    custodian: takersOf(state)[sheetNumbers(state.script).indexOf(number)] ?? '',
    ...{ number, shareCount, threshold, setId, epoch, text, copy },
    lines: shareLines(text),
  });
}
