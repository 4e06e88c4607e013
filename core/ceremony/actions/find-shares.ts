import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { type Action, type LookContext, nothingToUndo } from '../action.ts';
import { ceremoniesOf, finishedBefore, holdersIn, registersAmong } from '../past.ts';
import {
  beginsShareSet,
  broughtSetsOf,
  custodiansOf,
  foundKeysOf,
  foundSharesOf,
  keysWrappedIn,
  manifestOf,
  masterKeyOf,
} from '../records.ts';
import { type FoundShares, foundSharesResult } from '../results.ts';
import type { CeremonyState } from '../state.ts';

const parameters = z
  .strictObject({
    masterKey: z.string().min(1).max(64).describe('Label of the master key that an earlier ceremony split.'),
  })
  .describe(
    'Finds the share set of an earlier ceremony: its manifest, its custody register, and the backups that it opens.',
  );

/**
 * Finds the share set of an earlier ceremony in the ledger: its public manifest, who holds its shares, and which backups it
 * opens. Every custodian who is here must hold one of them.
 */
export const findShares: Action<z.infer<typeof parameters>, null, FoundShares> = {
  name: 'find-shares',
  parameters,
  result: foundSharesResult,
  needs: [],
  after: ['take-roles'],
  once: true,
  lint: (_parameters, { steps }) =>
    steps.some(({ action }) => action === 'make-master-key') ? ['this script makes shares of its own'] : [],
  prepare: async (context, { masterKey }) => {
    await sharesOf(context, masterKey);
    return null;
  },
  perform: async (context, { masterKey }) => {
    const result = await sharesOf(context, masterKey);
    const { manifest } = result.masterKey;
    const facts: Fact[] = [
      { kind: 'row', label: 'Made in ceremony', value: result.ceremony, mono: true },
      { kind: 'row', label: 'Master key', value: manifest.masterKeyId, mono: true },
      { kind: 'row', label: 'Share set', value: manifest.setId, mono: true },
      {
        kind: 'row',
        label: 'Shares',
        value: `any ${manifest.threshold} of ${manifest.shareCount}, epoch ${manifest.epoch}`,
      },
      ...result.holders.map((name, index): Fact => {
        const here = isHere(context, name) ? `${name}, is here` : name;
        return { kind: 'row', label: `Share ${index + 1}`, value: here };
      }),
      { kind: 'row', label: 'Backups', value: result.backups.map(({ label }) => label).join(', ') || 'none' },
    ];
    return { result, facts };
  },
  reconcile: nothingToUndo,
};

/** SHARES_UNRECORDED, POLICY_DIFFERENT, CUSTODIAN_UNKNOWN. */
async function sharesOf({ state, ledger }: LookContext, label: string): Promise<FoundShares> {
  const finished = await finishedBefore(state, ledger);
  const past = finished.filter((earlier) => beginsShareSet(earlier) && masterKeyOf(earlier).label === label);
  // Where several ceremonies used the label: the one that made the keys that were found in this token.
  const found = foundKeysOf(state).flatMap(({ keys }) => keys.map(({ ceremony }) => ceremony));
  const made = past.findLast(({ id }) => found.length === 0 || found.includes(id));
  if (!made) throw new Refusal('SHARES_UNRECORDED', { label });
  const masterKey = masterKeyOf(made);
  const { threshold, shareCount } = masterKey.manifest;
  const { policy } = state.script;
  if (policy.threshold !== threshold || policy.shareCount !== shareCount) {
    const asked = `${policy.threshold} of ${policy.shareCount}`;
    throw new Refusal('POLICY_DIFFERENT', { asked, made: `${threshold} of ${shareCount}` });
  }
  const all = (await ceremoniesOf(ledger)).filter(({ mode }) => mode === state.mode);
  const holders = holdersIn(made, all);
  const stranger = custodiansOf(state).find((name) => !holders.includes(name));
  if (stranger !== undefined) throw new Refusal('CUSTODIAN_UNKNOWN', { person: stranger });
  const wrapped = finished
    .toReversed()
    .filter((earlier) => setIdOf(earlier) === masterKey.manifest.setId)
    .flatMap((earlier) => [
      ...keysWrappedIn(earlier).map((backup) => ({ ...backup, folder: earlier.out })),
      ...broughtSetsOf(earlier).flatMap(({ shares }) => shares.backups),
    ]);
  const backups = wrapped.filter(
    (backup, index) => wrapped.findIndex((other) => other.label === backup.label) === index,
  );
  const registers = registersAmong(all, masterKey.manifest.setId);
  const folder = broughtSetsOf(made)[0]?.shares.folder ?? made.out;
  return { ceremony: made.id, folder, masterKey, holders, registers, backups };
}

/** The share set that a ceremony worked with, made there or found; null for none. */
function setIdOf(state: CeremonyState): string | null {
  const worked = beginsShareSet(state) || foundSharesOf(state) !== null;
  return worked ? manifestOf(state).setId : null;
}

function isHere({ state }: LookContext, name: string): boolean {
  return custodiansOf(state).includes(name);
}
