import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { manifestOf, masterKeyOf } from '../records.ts';
import { inNumbers, shareAsks } from '../share-asks.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    custodians: z
      .array(z.int().min(1).max(15))
      .min(2)
      .describe('Numbers of the custodians who bring their dummy sheets, as many as the threshold.'),
  })
  .describe('Recovers what the dummy set was made of, and compares its key-check value. No token is used.');
const result = z.strictObject({ sharesUsed: z.array(z.int()), keyCheckValue: z.string() });

/** A recovery with the dummy set, as it would be with the real one: sheets, passphrases, and the value that tells whether it is right. */
export const exerciseRecovery: Action<z.infer<typeof parameters>, null, z.infer<typeof result>> = {
  name: 'exercise-recovery',
  parameters,
  result,
  needs: ['blank'],
  after: ['make-exercise-set', 'print-sheets'],
  lint: ({ custodians }, { policy }) => [
    ...(custodians.length === policy.threshold ? [] : [`a recovery takes ${policy.threshold} custodians`]),
    ...(new Set(custodians).size < custodians.length ? ['a custodian stands twice'] : []),
    ...(custodians.some((number) => number > policy.shareCount) ? ['there are not that many custodians'] : []),
  ],
  asks: ({ state }, { custodians }) => custodians.flatMap((number) => shareAsks(state, number, 'blank')),
  prepare: () => Promise.resolve(null),
  perform: async ({ state, token, ticket, shareText }, { custodians }) => {
    const manifest = manifestOf(state);
    const shares = custodians.map((number) => ({
      text: shareText(`share-${number}`),
      passphrase: ticket(`passphrase-${number}`),
    }));
    const recovered = token('blank').call('recoverExercise', { manifest, shares });
    const { sharesUsed } = await recovered.catch((error: unknown) => {
      throw inNumbers(error, masterKeyOf(state).xByCustodian);
    });
    const { keyCheckValue } = manifest;
    const facts: Fact[] = [
      {
        kind: 'check',
        label: say(state, 'exercise.keyCheck'),
        verdict: 'go',
        detail: say(state, 'exercise.gives', { value: keyCheckValue }),
      },
      { kind: 'row', label: say(state, 'rehearsal.sharesUsed'), value: custodians.join(', ') },
      {
        kind: 'row',
        label: say(state, 'attest.proven'),
        value: say(state, 'exercise.proven'),
      },
    ];
    return { result: { sharesUsed, keyCheckValue }, facts };
  },
  reconcile: nothingToUndo,
};
