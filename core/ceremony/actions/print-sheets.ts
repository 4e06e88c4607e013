import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import type { Script } from '../../contract/script.ts';
import { wordsOf } from '../../contract/words.ts';
import { printManifestSheet } from '../../print/manifest-sheet.ts';
import { type Action, type ActionAsk, type EffectContext, type Unasked } from '../action.ts';
import {
  chosenPrinter,
  demandsPrinter,
  printerAsks,
  printerFacts,
  provenPurged,
  refuseUnfitPrinter,
} from '../chosen-printer.ts';
import type { Again } from '../event.ts';
import { type SheetParameters, drawShareSheet, sheetHead, sheetParameters } from '../made-sheets.ts';
import { lastCopy, printFacts, purgedFacts, uncertainPrints } from '../prints.ts';
import { manifestOf } from '../records.ts';
import { scanPartsBack, scansBack, shareSheetPath } from '../scan-share.ts';
import { allSealedShares, sheetNumbers } from '../sealed-shares.ts';
import { signDetached } from '../signing.ts';
import { say } from '../say.ts';
import { type CeremonyState, type Print, currentStep, nameOfSheet } from '../state.ts';

type Prepared = { at: string };
/** `manifestSha256`: null where the set stays and one of its shares was made again. `printer`: where the sheets are on paper alone. */
const result = z.strictObject({
  sheets: z.int(),
  manifestSha256: z.string().nullable(),
  printer: z.string().optional(),
});
type Result = z.infer<typeof result>;

const MANIFEST_SHEET = 'sheets/manifest.pdf';

/**
 * Every custodian's sheet, and the public manifest of the set: signed file and sheet. Share sheets are files on the media, or, where
 * policy says so, go from memory to a printer one by one and are in no file.
 */
export const printSheets: Action<SheetParameters, Prepared, Result> = {
  name: 'print-sheets',
  parameters: sheetParameters,
  result,
  needs: ['main'],
  after: [['make-master-key', 're-share', 'replace-share', 'make-exercise-set']],
  once: true,
  files: (state) => [
    ...(makesSet(state.script) ? ['manifest.json', 'manifest.json.p7s', MANIFEST_SHEET] : []),
    ...(demandsPrinter(state) || chosenPrinter(state) !== null ? [] : sheetNumbers(state.script).map(shareSheetPath)),
  ],
  looksAnew: true,
  look: printerFacts,
  asks: async (context) => [
    ...(await printerAsks(context)),
    ...uncertainPrints(context.state).map((print) => wasDestroyed(context.state, print)),
  ],
  prepare: async (context) => {
    await allSealedShares(context);
    const printer = chosenPrinter(context.state);
    if (printer !== null) await refuseUnfitPrinter(context.state, printer);
    return { at: context.clock().toISOString() };
  },
  perform: async (context, parameters, { at }) => {
    const { state, output } = context;
    const madeAt = new Date(at);
    const printer = chosenPrinter(state);
    const manifest = makesSet(state.script) ? await writeManifest(context, parameters, madeAt) : null;
    const shares = await allSealedShares(context);
    const draw = (number: number, text: string, copy: number) =>
      drawShareSheet(state, parameters, { number, text, madeAt, copy });
    const made = { sheets: shares.length, manifestSha256: manifest?.sha256 ?? null };
    const facts: Fact[] = manifest?.facts ?? [];
    if (printer === null) {
      for (const [index, { number, text }] of shares.entries()) {
        await context.part(index, shares.length);
        facts.push(await output.write(shareSheetPath(number), await draw(number, text, 1)));
      }
      return { result: made, facts };
    }
    if (manifest) await printOnce(context, parameters, printer, 'manifest', () => Promise.resolve(manifest.pdf));
    for (const [index, { number, text }] of shares.entries()) {
      await context.part(index, shares.length);
      await printOnce(context, parameters, printer, `share-${number}`, (copy) => draw(number, text, copy));
    }
    const purged = await provenPurged(
      state,
      printer,
      shares.map(({ text }) => text),
    );
    const step = currentStep(state)?.id ?? '';
    const printed = context.now();
    facts.push(...printFacts(printed, step), ...purgedFacts(printed, step), purged, remembers(state));
    return { result: { ...made, printer }, facts };
  },
  reconcile: ({ now }) => {
    const state = now();
    const undone = say(state, 'undone.files');
    const count = state.prints.filter(({ outcome }) => outcome === 'ended').length;
    return Promise.resolve({ undone: count === 0 ? undone : say(state, 'print.stay', { undone, count }) });
  },
};

function remembers(state: CeremonyState): Fact {
  const detail = say(state, 'print.remembersDetail');
  return { kind: 'check', label: say(state, 'print.remembers'), verdict: 'warning', detail };
}

/** What people do about a sheet of which nobody knows whether it came out: there must not be two. */
function wasDestroyed(state: CeremonyState, { sheet, copy }: Print): Unasked<ActionAsk> {
  const label = say(state, 'print.destroyed', { sheet: nameOfSheet(state, sheet), copy });
  return { id: destroyedAsk({ sheet, copy }), kind: 'accept', label, by: 'witness', tone: 'plain' };
}

function destroyedAsk({ sheet, copy }: Pick<Print, 'sheet' | 'copy'>): string {
  return `destroyed-${sheet}-${copy}`;
}

/** One that an earlier try has printed is not printed again, and one that may have come out is, for that reason. */
async function printOnce(
  { state, print }: EffectContext,
  { paper }: SheetParameters,
  printer: string,
  sheet: string,
  make: (copy: number) => Promise<Uint8Array>,
): Promise<void> {
  const before = lastCopy(state, sheet);
  if (before?.outcome === 'ended') return;
  await print({ sheet, printer, paper, make, again: before && againAfter(state, before) });
}

function againAfter(state: CeremonyState, before: Print): Again {
  const answer = state.answers[destroyedAsk(before)];
  const seenBy = answer && 'person' in answer ? answer.person : '';
  const acting = currentStep(state)?.acting;
  const person = state.participants.find(({ role, name }) => role === acting && name !== seenBy)?.name ?? '';
  return { reason: before.detail, person, seenBy };
}

/** A share that is made again belongs to the set that there is, whose manifest is printed already. */
function makesSet({ steps }: Script): boolean {
  return !steps.some(({ action }) => action === 'replace-share');
}

/** manifest.json, its signature and its sheet. */
async function writeManifest(
  context: EffectContext,
  parameters: SheetParameters,
  madeAt: Date,
): Promise<{ sha256: string; pdf: Uint8Array; facts: Fact[] }> {
  const { state, output } = context;
  const manifest = manifestOf(state);
  const bytes = new TextEncoder().encode(canonicalize(manifest));
  const file = await output.write('manifest.json', bytes);
  const { sha256 } = file;
  const pdf = await printManifestSheet({
    ...sheetHead(state, parameters, madeAt),
    ...{ manifest, file: bytes, fileSha256: sha256, ledgerWords: [] },
  });
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
    await output.write('manifest.json.p7s', await signDetached(context, parameters.signedBy, bytes, madeAt)),
    await output.write(MANIFEST_SHEET, pdf),
  ];
  await scanPartsBack(output, MANIFEST_SHEET, 'CLVM1', bytes);
  facts.push(scansBack(state, say(state, 'sheet.manifest')));
  return { sha256, pdf, facts };
}
