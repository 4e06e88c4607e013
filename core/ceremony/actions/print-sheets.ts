import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { wordsOf } from '../../contract/words.ts';
import { printManifestSheet } from '../../print/manifest-sheet.ts';
import { printShareSheet } from '../../print/share-sheet.ts';
import { isOfExercise } from '../../shares/manifest.ts';
import { shareLines } from '../../shares/lines.ts';
import { type Action, filesOnly } from '../action.ts';
import { certificateOf, custodiansOf, manifestOf } from '../records.ts';
import { shareSheetPath } from '../scan-share.ts';
import { allSealedShares } from '../sealed-shares.ts';
import { signDetached } from '../signing.ts';

const parameters = z
  .strictObject({
    root: z
      .string()
      .min(1)
      .optional()
      .describe('The key whose certificate’s fingerprint stands on every sheet; none where there is no CA.'),
    signedBy: z.string().min(1).describe('The ledger key, which signs the manifest.'),
    paper: z.enum(['A4', 'Letter']).default('A4').describe('The paper that is in the printer.'),
  })
  .describe('Makes the sheet of every custodian, and the public manifest of the set: signed file and sheet.');
type Parameters = z.infer<typeof parameters>;
type Prepared = { at: string };
const result = z.strictObject({ sheets: z.int(), manifestSha256: z.string() });
type Result = z.infer<typeof result>;

/** Every custodian's sheet, and the public manifest of the set: signed file and sheet. */
export const printSheets: Action<Parameters, Prepared, Result> = {
  name: 'print-sheets',
  parameters,
  result,
  needs: ['main'],
  after: [['make-master-key', 'make-exercise-set']],
  once: true,
  files: (state) => [
    ...['manifest.json', 'manifest.json.p7s', 'sheets/manifest.pdf'],
    ...custodiansOf(state).map((_, index) => shareSheetPath(index + 1)),
  ],
  prepare: async (context) => {
    await allSealedShares(context);
    return { at: context.clock().toISOString() };
  },
  perform: async (context, { root, signedBy, paper }, { at }) => {
    const { state, output } = context;
    const { script } = state;
    const { masterKeyId, threshold, shareCount, setId, epoch } = manifestOf(state);
    const madeAt = new Date(at);
    const custodians = custodiansOf(state);
    const head = {
      organisation: script.organisation,
      ceremony: script.title,
      ceremonyId: state.id,
      madeAt,
      rootWords:
        root === undefined ? [] : wordsOf(Buffer.from(certificateOf(state, root).sha256, 'hex').subarray(0, 8)),
      scriptSha256: state.scriptSha256,
      training: state.mode === 'training',
      exercise: isOfExercise(manifestOf(state)),
      paper,
    };
    const manifest = new TextEncoder().encode(canonicalize(manifestOf(state)));
    const manifestFile = await output.write('manifest.json', manifest);
    const facts: Fact[] = [
      { kind: 'row', label: 'Master key', value: masterKeyId, mono: true },
      { kind: 'row', label: 'Share set', value: setId, mono: true },
      {
        kind: 'words',
        label: 'manifest.json, SHA-256, first 8 bytes',
        words: wordsOf(Buffer.from(manifestFile.sha256, 'hex').subarray(0, 8)),
        hex: manifestFile.sha256,
      },
      manifestFile,
      await output.write('manifest.json.p7s', await signDetached(context, signedBy, manifest, madeAt)),
      await output.write(
        'sheets/manifest.pdf',
        await printManifestSheet({
          ...head,
          manifest: manifestOf(state),
          file: manifest,
          fileSha256: manifestFile.sha256,
          ledgerWords: [],
        }),
      ),
    ];
    const shares = await allSealedShares(context);
    for (const { number, text } of shares) {
      const sheet = await printShareSheet({
        ...head,
        custodian: custodians[number - 1] ?? '',
        number,
        shareCount,
        threshold,
        setId,
        epoch,
        text,
        lines: shareLines(text),
      });
      facts.push(await output.write(shareSheetPath(number), sheet));
    }
    return { result: { sheets: shares.length, manifestSha256: manifestFile.sha256 }, facts };
  },
  reconcile: filesOnly,
};
