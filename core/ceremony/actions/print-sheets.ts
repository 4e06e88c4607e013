import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import type { Script } from '../../contract/script.ts';
import { wordsOf } from '../../contract/words.ts';
import { type ManifestSheet, printManifestSheet } from '../../print/manifest-sheet.ts';
import { printShareSheet } from '../../print/share-sheet.ts';
import { isOfExercise } from '../../shares/manifest.ts';
import { shareLines } from '../../shares/lines.ts';
import { type Action, type EffectContext, filesOnly } from '../action.ts';
import { certificateOf, manifestOf, takersOf } from '../records.ts';
import { scanPartsBack, scansBack, shareSheetPath } from '../scan-share.ts';
import { allSealedShares, sheetNumbers } from '../sealed-shares.ts';
import { signDetached } from '../signing.ts';
import { say } from '../say.ts';

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
  .describe(
    'Makes the sheet of every custodian, and the public manifest of the set: signed file and sheet. Of a share that was made again, its sheet alone.',
  );
type Parameters = z.infer<typeof parameters>;
type Prepared = { at: string };
/** `manifestSha256`: null where the set stays and one of its shares was made again. */
const result = z.strictObject({ sheets: z.int(), manifestSha256: z.string().nullable() });
type Result = z.infer<typeof result>;

/** Every custodian's sheet, and the public manifest of the set: signed file and sheet. */
export const printSheets: Action<Parameters, Prepared, Result> = {
  name: 'print-sheets',
  parameters,
  result,
  needs: ['main'],
  after: [['make-master-key', 're-share', 'replace-share', 'make-exercise-set']],
  once: true,
  files: ({ script }) => [
    ...(makesSet(script) ? ['manifest.json', 'manifest.json.p7s', 'sheets/manifest.pdf'] : []),
    ...sheetNumbers(script).map(shareSheetPath),
  ],
  prepare: async (context) => {
    await allSealedShares(context);
    return { at: context.clock().toISOString() };
  },
  perform: async (context, { root, signedBy, paper }, { at }) => {
    const { state, output } = context;
    const { script } = state;
    const { threshold, shareCount, setId, epoch } = manifestOf(state);
    const madeAt = new Date(at);
    const takers = takersOf(state);
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
    const manifest = makesSet(script) ? await writeManifest(context, signedBy, head) : null;
    const facts: Fact[] = manifest?.facts ?? [];
    const shares = await allSealedShares(context);
    for (const [index, { number, text }] of shares.entries()) {
      const sheet = await printShareSheet({
        ...head,
        custodian: takers[index] ?? '',
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
    return { result: { sheets: shares.length, manifestSha256: manifest?.sha256 ?? null }, facts };
  },
  reconcile: filesOnly,
};

/** A share that is made again belongs to the set that there is, whose manifest is printed already. */
function makesSet({ steps }: Script): boolean {
  return !steps.some(({ action }) => action === 'replace-share');
}

/** manifest.json, its signature and its sheet. */
async function writeManifest(
  context: EffectContext,
  signedBy: string,
  head: Omit<ManifestSheet, 'manifest' | 'file' | 'fileSha256' | 'ledgerWords'>,
): Promise<{ sha256: string; facts: Fact[] }> {
  const { state, output } = context;
  const manifest = manifestOf(state);
  const bytes = new TextEncoder().encode(canonicalize(manifest));
  const file = await output.write('manifest.json', bytes);
  const { sha256 } = file;
  const sheet = { ...head, manifest, file: bytes, fileSha256: sha256, ledgerWords: [] };
  const facts: Fact[] = [
    { kind: 'row', label: say(state, 'fact.masterKey'), value: manifest.masterKeyId, mono: true },
    { kind: 'row', label: say(state, 'fact.shareSet'), value: manifest.setId, mono: true },
    {
      kind: 'words',
      label: say(state, 'sheet.manifestWords'),
      words: wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)),
      hex: sha256,
    },
    file,
    await output.write('manifest.json.p7s', await signDetached(context, signedBy, bytes, head.madeAt)),
    await output.write('sheets/manifest.pdf', await printManifestSheet(sheet)),
  ];
  await scanPartsBack(output, 'sheets/manifest.pdf', 'CLVM1', bytes);
  facts.push(scansBack(state, say(state, 'sheet.manifest')));
  return { sha256, facts };
}
