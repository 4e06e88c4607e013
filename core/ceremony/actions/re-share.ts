import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import type { Action, LookContext } from '../action.ts';
import {
  approvalFacts,
  asksForNewPassphrases,
  asksForShares,
  broughtNumbers,
  givenShares,
  refuseTooFew,
} from '../given-shares.ts';
import { inNumbers } from '../share-asks.ts';
import { ceremoniesOfMode } from '../past.ts';
import { foundSharesOf, masterKeyOf, shareSetMadeIn, takersOf } from '../records.ts';
import { reshareResult } from '../results.ts';
import { eraseSealedShares } from '../sealed-shares.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    scryptLog2N: z
      .int()
      .min(10)
      .max(20)
      .default(17)
      .describe('Cost of a new custodian’s passphrase: 2^17 is about half a second a share.'),
  })
  .describe(
    'Splits the master key anew, from a threshold of its sheets, as the script’s policy says: another epoch, all sheets new. The old ones stay valid.',
  );
type Parameters = z.infer<typeof parameters>;

const prepared = z.strictObject({ epoch: z.int() });
type Prepared = z.infer<typeof prepared>;

/** The last number that a sheet has room for. */
const LAST_EPOCH = 255;

/**
 * A new share set of the same master key, from a threshold of its sheets, in one call of the token process: rebuilt in locked memory, split,
 * every subset checked, wiped. Threshold, count and custodians may be others.
 */
export const reShare: Action<Parameters, Prepared, z.infer<typeof reshareResult>> = {
  name: 're-share',
  parameters,
  result: reshareResult,
  needs: ['main'],
  after: ['find-shares'],
  once: true,
  lint: (_parameters, { participants, steps }) => [
    ...(participants.newCustodian === undefined ? ['nobody takes the new sheets: newCustodian'] : []),
    ...(['print-sheets', 'scan-sheets', 'destroy-sheets', 'seal-bags'] as const)
      .filter((needed) => !steps.some(({ action }) => action === needed))
      .map((needed) => `no step does ${needed}`),
  ],
  paper: () => ({ cards: true }),
  mechanisms: () => [{ kind: 'passphrase', mechanism: 'scrypt' }],
  look: async (context) => factsOf(context, await nextEpoch(context)),
  asks: ({ state }) => [
    ...asksForShares(state, broughtNumbers(state), 'old-passphrase'),
    ...asksForNewPassphrases(
      state,
      takersOf(state).map((person, index) => ({ share: index + 1, person })),
    ),
  ],
  prepare: async (context) => {
    refuseTooFew(context.state, broughtNumbers(context.state));
    return { epoch: await nextEpoch(context) };
  },
  perform: async (context, { scryptLog2N }, intent) => {
    const { state, token, ticket, store } = context;
    const { epoch } = prepared.parse(intent);
    const before = masterKeyOf(state);
    const { threshold, shareCount } = state.script.policy;
    const reshare = token('main').call('reshare', {
      manifest: before.manifest,
      shares: givenShares(context, broughtNumbers(state), 'old-passphrase'),
      ...{ ceremony: state.id, threshold, shareCount, epoch, scryptLog2N },
      passphrases: takersOf(state).map((_, index) => ticket(`passphrase-${index + 1}`)),
    });
    const made = await reshare.catch((error: unknown) => {
      throw inNumbers(error, before.xByCustodian);
    });
    const sealed = made.shares.map(({ x, text }, index) => ({ ceremony: state.id, number: index + 1, x, text }));
    await store.write((db) => db.insertInto('sealed_share').values(sealed).execute());
    const { manifest, subsetsChecked, sharesUsed } = made;
    const facts: Fact[] = [
      ...factsOf(context, epoch),
      { kind: 'row', label: say(state, 'masterKey.newSet'), value: manifest.setId, mono: true },
      {
        kind: 'row',
        label: say(state, 'masterKey.subsets'),
        value: say(state, 'masterKey.subsetsGive', { count: subsetsChecked }),
      },
      {
        kind: 'row',
        label: say(state, 'reshare.oldUsed'),
        value: sharesUsed.map((x) => before.xByCustodian.indexOf(x) + 1).join(', '),
      },
    ];
    const masterKey = { ...before, manifest, xByCustodian: made.shares.map(({ x }) => x), subsetsChecked };
    const { setId, epoch: old } = before.manifest;
    return { result: { masterKey, replaces: { setId, epoch: old }, sharesUsed }, facts };
  },
  reconcile: async (context) => {
    await eraseSealedShares(context);
    return { undone: say(context.state, 'reshare.undone') };
  },
};

/** One more than any ceremony gave to a set of this master key, those that were aborted too. EPOCHS_SPENT. */
async function nextEpoch({ state, ledger }: LookContext): Promise<number> {
  const { masterKeyId, epoch } = masterKeyOf(state).manifest;
  const sets = (await ceremoniesOfMode(state.mode, ledger)).flatMap((past) => shareSetMadeIn(past)?.manifest ?? []);
  const given = sets.filter((set) => set.masterKeyId === masterKeyId).map((set) => set.epoch);
  const next = Math.max(epoch, ...given) + 1 + state.attempts;
  if (next > LAST_EPOCH) throw new Refusal('EPOCHS_SPENT', { epochs: LAST_EPOCH + 1 });
  return next;
}

function factsOf({ state }: LookContext, epoch: number): Fact[] {
  const found = foundSharesOf(state);
  const { manifest } = found?.masterKey ?? masterKeyOf(state);
  const { threshold, shareCount } = state.script.policy;
  return [
    ...approvalFacts(state, [
      [say(state, 'fact.masterKey'), say(state, 'reshare.stays', { masterKeyId: manifest.masterKeyId })],
      [
        say(state, 'oldSheets.set'),
        say(state, 'reshare.oldSet', {
          ...{ threshold: manifest.threshold, shareCount: manifest.shareCount },
          ...{ epoch: manifest.epoch, setId: manifest.setId },
        }),
      ],
      [say(state, 'masterKey.newSet'), say(state, 'fact.sharesOf', { threshold, shareCount, epoch })],
      ...takersOf(state).map((name, index): [string, string] => [
        say(state, 'masterKey.newShare', { number: index + 1 }),
        name,
      ]),
    ]),
    {
      kind: 'check',
      label: say(state, 'reshare.oldValid'),
      verdict: 'warning',
      detail: say(state, 'reshare.revokesNothing'),
    },
  ];
}
