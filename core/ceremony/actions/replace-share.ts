import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import type { Action } from '../action.ts';
import {
  approvalFacts,
  asksForNewPassphrases,
  asksForShares,
  broughtNumbers,
  givenShares,
  refuseTooFew,
} from '../given-shares.ts';
import { inNumbers } from '../share-asks.ts';
import { foldedName } from '../names.ts';
import { holdersOf, masterKeyOf, registersOf, takersOf } from '../records.ts';
import { type ReplacedShare, replacedShareResult } from '../results.ts';
import { eraseSealedShares } from '../sealed-shares.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    share: z.int().min(1).max(15).describe('Number of the share whose sheet or passphrase is lost.'),
    scryptLog2N: z
      .int()
      .min(10)
      .max(20)
      .default(17)
      .describe('Cost of the new passphrase: 2^17 is about half a second.'),
  })
  .describe(
    'Makes a lost share again at its old point from a threshold of the others; the master key is never formed.',
  );
type Parameters = z.infer<typeof parameters>;

/**
 * Makes a lost share again for its new custodian, in one call of the token process that never forms the master key. The set stays the
 * same, and so do the other sheets; the lost one stays valid, which the screen, the record and the next register say.
 */
export const replaceShare: Action<Parameters, null, ReplacedShare> = {
  name: 'replace-share',
  parameters,
  result: replacedShareResult,
  needs: ['main'],
  after: ['find-shares'],
  once: true,
  lint: ({ share }, { policy, participants, steps }) => [
    ...(share > policy.shareCount ? [`there is no share ${share}`] : []),
    ...(participants.newCustodian === 1 ? [] : ['one newCustodian takes the new sheet']),
    ...(['print-sheets', 'scan-sheets', 'change-custody'] as const)
      .filter((needed) => !steps.some(({ action }) => action === needed))
      .map((needed) => `no step does ${needed}`),
  ],
  mechanisms: () => [{ kind: 'passphrase', mechanism: 'scrypt' }],
  look: ({ state }, { share }) => {
    refuseUnfit(state, share);
    return Promise.resolve(factsOf(state, share));
  },
  asks: ({ state }, { share }) => [
    ...asksForShares(state, numbersOf(state, share), 'passphrase'),
    ...asksForNewPassphrases(state, [{ share, person: takersOf(state)[0] ?? '' }]),
  ],
  refuseShare: ({ share }, shown) => {
    if (shown === share) throw new Refusal('SHARE_NOT_LOST', { x: share });
  },
  prepare: ({ state }, { share }) => {
    refuseUnfit(state, share);
    refuseTooFew(state, numbersOf(state, share));
    return Promise.resolve(null);
  },
  perform: async (context, { share, scryptLog2N }) => {
    const { state, token, ticket, store } = context;
    const { manifest, xByCustodian } = masterKeyOf(state);
    const x = xByCustodian[share - 1] ?? 0;
    const rebuild = token('main').call('rebuildShare', {
      manifest,
      shares: givenShares(context, numbersOf(state, share), 'passphrase'),
      x,
      passphrase: ticket(`passphrase-${share}`),
      scryptLog2N,
    });
    const { text, sharesUsed } = await rebuild.catch((error: unknown) => {
      throw inNumbers(error, xByCustodian);
    });
    await store.write((db) =>
      db.insertInto('sealed_share').values({ ceremony: state.id, number: share, x, text }).execute(),
    );
    const { from, to } = partiesOf(state, share);
    const facts: Fact[] = [
      ...factsOf(state, share),
      {
        kind: 'row',
        label: say(state, 'rehearsal.sharesUsed'),
        value: sharesUsed.map((used) => xByCustodian.indexOf(used) + 1).join(', '),
      },
      {
        kind: 'check',
        label: say(state, 'share.number', { number: share }),
        verdict: 'go',
        detail: say(state, 'replace.madeAgain'),
      },
    ];
    return { result: { setId: manifest.setId, share, x, from, to, sharesUsed }, facts };
  },
  reconcile: async (context) => {
    await eraseSealedShares(context);
    return { undone: say(context.state, 'replace.undone') };
  },
};

function numbersOf(state: CeremonyState, lost: number): number[] {
  return broughtNumbers(state).filter((number) => number !== lost);
}

function partiesOf(state: CeremonyState, share: number): { from: string; to: string } {
  return { from: holdersOf(state)[share - 1] ?? '', to: takersOf(state)[0] ?? '' };
}

/** CUSTODY_UNRECORDED, CUSTODIAN_TWICE, SHARE_NOT_LOST: its custodian came to bring it. */
function refuseUnfit(state: CeremonyState, share: number): void {
  if (registersOf(state).length === 0) throw new Refusal('CUSTODY_UNRECORDED');
  const { to } = partiesOf(state, share);
  const others = holdersOf(state).filter((_, index) => index !== share - 1);
  if (others.some((name) => foldedName(name) === foldedName(to))) throw new Refusal('CUSTODIAN_TWICE', { person: to });
  if (broughtNumbers(state).includes(share)) throw new Refusal('SHARE_NOT_LOST', { x: share });
}

function factsOf(state: CeremonyState, share: number): Fact[] {
  const { manifest, xByCustodian } = masterKeyOf(state);
  const { from, to } = partiesOf(state, share);
  const { setId, epoch, shareCount } = manifest;
  return [
    ...approvalFacts(state, [
      [say(state, 'fact.masterKey'), manifest.masterKeyId],
      [say(state, 'fact.shareSet'), say(state, 'replace.setStays', { setId, epoch })],
      [
        say(state, 'replace.share'),
        say(state, 'replace.shareOf', { share, shareCount, x: xByCustodian[share - 1] ?? 0 }),
      ],
      [say(state, 'replace.lostBy'), from],
      [say(state, 'replace.takenBy'), to],
    ]),
    {
      kind: 'check',
      label: say(state, 'replace.lostValid'),
      verdict: 'warning',
      detail: say(state, 'replace.oneShare'),
    },
  ];
}
