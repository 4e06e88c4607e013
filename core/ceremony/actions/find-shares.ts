import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { type Action, type LookContext, nothingToUndo } from '../action.ts';
import { sheetsAtLarge, sheetsOfAborted } from '../aborted-sheets.ts';
import { atLargeName, atLargeText } from '../custody-register.ts';
import { ceremoniesOf, finishedBefore, holdersIn, registersAmong } from '../past.ts';
import {
  beginsShareSet,
  broughtSetsOf,
  custodiansHere,
  custodiansOf,
  foundKeysOf,
  foundSharesOf,
  keysOf,
  keysWrappedIn,
  manifestOf,
  masterKeyOf,
  replacedShareIn,
  retiredMasterKeysIn,
  shareSetMadeIn,
} from '../records.ts';
import { type FoundShares, foundSharesResult } from '../results.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    masterKey: z.string().min(1).max(64).describe('Label of the master key that an earlier ceremony split.'),
    policy: z
      .strictObject({
        threshold: z.int().min(2).max(15).describe('How many of its shares recover.'),
        shareCount: z.int().min(2).max(15).describe('How many shares it has.'),
      })
      .optional()
      .describe('As that set was made, where the script’s own policy is that of a new one.'),
  })
  .describe(
    'Finds the newest share set of a master key: its manifest, its custody register, and the backups that it opens.',
  );
type Parameters = z.infer<typeof parameters>;

/**
 * Finds the share set of an earlier ceremony in the ledger, of several epochs the newest: its public manifest, who holds its shares, and which backups it
 * opens. Every custodian who is here must hold one of them.
 */
export const findShares: Action<Parameters, null, FoundShares> = {
  name: 'find-shares',
  parameters,
  result: foundSharesResult,
  needs: [],
  after: ['take-roles'],
  once: true,
  lint: (_parameters, { steps }) =>
    steps.some(({ action }) => action === 'make-master-key') &&
    !steps.some(({ action }) => action === 'retire-master-key')
      ? ['this script makes shares of its own, and retires no master key']
      : [],
  prepare: async (context, wanted) => {
    await sharesOf(context, wanted);
    return null;
  },
  perform: async (context, wanted) => {
    const result = await sharesOf(context, wanted);
    const { state } = context;
    const { manifest } = result.masterKey;
    const { threshold, shareCount, epoch } = manifest;
    const facts: Fact[] = [
      { kind: 'row', label: say(state, 'found.madeIn'), value: result.ceremony, mono: true },
      { kind: 'row', label: say(state, 'fact.masterKey'), value: manifest.masterKeyId, mono: true },
      { kind: 'row', label: say(state, 'fact.shareSet'), value: manifest.setId, mono: true },
      {
        kind: 'row',
        label: say(state, 'fact.shares'),
        value: say(state, 'fact.sharesOf', { threshold, shareCount, epoch }),
      },
      ...result.holders.map((name, index): Fact => {
        const here = isHere(context, name) ? say(state, 'found.here', { name }) : name;
        return { kind: 'row', label: say(state, 'share.number', { number: index + 1 }), value: here };
      }),
      ...(result.superseded.length > 0 ? [supersededFact(state, result)] : []),
      ...atLargeFacts(state, result),
      {
        kind: 'row',
        label: say(state, 'found.backups'),
        value: result.backups.map(({ label }) => label).join(', ') || say(state, 'fact.none'),
      },
    ];
    return { result, facts };
  },
  reconcile: nothingToUndo,
};

/** SHARES_UNRECORDED, MASTER_KEY_RETIRED, POLICY_DIFFERENT, CUSTODIAN_UNKNOWN. */
async function sharesOf(
  { state, ledger }: LookContext,
  { masterKey: label, policy }: Parameters,
): Promise<FoundShares> {
  const finished = await finishedBefore(state, ledger);
  // Where several ceremonies used the label: one that made or used the keys that were found in this token.
  const found = foundKeysOf(state).flatMap(({ keys }) => keys.map(({ key }) => key.id));
  const first = finished.findLast(
    (earlier) =>
      beginsShareSet(earlier) &&
      masterKeyOf(earlier).label === label &&
      (found.length === 0 || keysOf(earlier).some(({ id }) => found.includes(id))),
  );
  if (!first) throw new Refusal('SHARES_UNRECORDED', { label });
  const { masterKeyId } = manifestOf(first);
  const retired = finished.find((earlier) => retiredMasterKeysIn(earlier).includes(masterKeyId));
  if (retired) throw new Refusal('MASTER_KEY_RETIRED', { label, ceremony: retired.id });

  const sets = finished
    .filter((earlier) => shareSetMadeIn(earlier)?.manifest.masterKeyId === masterKeyId)
    .toSorted((one, other) => manifestOf(one).epoch - manifestOf(other).epoch);
  const made = sets.at(-1) ?? first;
  const masterKey = masterKeyOf(made);
  const { threshold, shareCount, setId } = masterKey.manifest;
  const expected = policy ?? state.script.policy;
  if (expected.threshold !== threshold || expected.shareCount !== shareCount) {
    const asked = `${expected.threshold} of ${expected.shareCount}`;
    throw new Refusal('POLICY_DIFFERENT', { asked, made: `${threshold} of ${shareCount}` });
  }
  const all = (await ceremoniesOf(ledger)).filter(({ mode }) => mode === state.mode);
  const holders = holdersIn(made, all);
  const stranger = custodiansOf(state).find((name) => !holders.includes(name));
  if (stranger !== undefined) throw new Refusal('CUSTODIAN_UNKNOWN', { person: stranger });
  const wrapped = finished
    .toReversed()
    .filter((earlier) => masterKeyIdOf(earlier) === masterKeyId)
    .flatMap((earlier) => [
      ...keysWrappedIn(earlier).map((backup) => ({ ...backup, folder: earlier.out })),
      ...broughtSetsOf(earlier).flatMap(({ shares }) => shares.backups),
    ]);
  return {
    ceremony: made.id,
    folder: broughtSetsOf(made)[0]?.shares.folder ?? made.out,
    masterKey,
    replacedSheets: finished.flatMap((earlier) => {
      const replaced = replacedShareIn(earlier);
      return replaced?.setId === setId ? [{ share: replaced.share, folder: earlier.out }] : [];
    }),
    superseded: sets
      .map((set) => manifestOf(set))
      .filter((manifest) => manifest.setId !== setId)
      .map(({ setId: old, epoch }) => ({ setId: old, epoch })),
    holders,
    aborted: sheetsOfAborted(all, masterKeyId),
    registers: registersAmong(all, setId),
    backups: wrapped.filter((backup, index) => wrapped.findIndex((other) => other.label === backup.label) === index),
  };
}

/** The master key that a ceremony worked with, made there or found; null for none. */
function masterKeyIdOf(state: CeremonyState): string | null {
  const worked = shareSetMadeIn(state) !== null || foundSharesOf(state) !== null;
  return worked ? manifestOf(state).masterKeyId : null;
}

function isHere({ state }: LookContext, name: string): boolean {
  return custodiansHere(state).includes(name);
}

/** Sheets in no bag: whoever brings one of them is not stopped, and the room knows of it. */
function atLargeFacts(state: CeremonyState, found: FoundShares): Fact[] {
  return sheetsAtLarge(found).map((sheet) => ({
    ...{ kind: 'check', label: atLargeName(state, sheet), verdict: 'warning' },
    detail: atLargeText(state, sheet),
  }));
}

function supersededFact(state: CeremonyState, { superseded, masterKey }: FoundShares): Fact {
  const epochs = superseded.map(({ epoch }) => epoch).join(', ');
  const detail = say(state, 'found.refused', { epochs, epoch: masterKey.manifest.epoch });
  return { kind: 'check', label: say(state, 'found.older'), verdict: 'warning', detail };
}
