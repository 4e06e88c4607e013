import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { type Action, type SecretAsk, type Unasked } from '../action.ts';
import { custodiansOf } from '../records.ts';
import { type MasterKey, masterKeyResult } from '../results.ts';
import { eraseSealedShares } from '../sealed-shares.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    scryptLog2N: z
      .int()
      .min(10)
      .max(20)
      .default(17)
      .describe('Cost of a custodian’s passphrase: 2^17 is about half a second a share.'),
  })
  .describe('Splits random bytes that wrap nothing into a dummy set, on the same forms as a real one.');
const prepared = z.strictObject({ masterKeyId: z.string() });

/** What stands for a label: nothing of this set is in a token. */
const DUMMY = 'exercise';

/** The dummy set of an exercise. Its shares and its manifest say what they are, so that no real recovery takes one of them. */
export const makeExerciseSet: Action<z.infer<typeof parameters>, z.infer<typeof prepared>, MasterKey> = {
  name: 'make-exercise-set',
  parameters,
  result: masterKeyResult,
  needs: ['blank'],
  after: ['take-roles'],
  once: true,
  lint: (_parameters, { steps }) =>
    steps.some(({ action }) => ['make-master-key', 'find-shares', 'bring-share-set'].includes(action))
      ? ['a script with real shares holds no exercise: the two would lie on one table']
      : [],
  mechanisms: () => [{ kind: 'passphrase', mechanism: 'scrypt' }],
  asks: ({ state }) =>
    custodiansOf(state).map<Unasked<SecretAsk>>((person, index) => ({
      id: `passphrase-${index + 1}`,
      kind: 'secret',
      label: say(state, 'exercise.passphrase', { number: index + 1 }),
      manner: 'choose',
      minimumLength: state.script.policy.passphraseMinimum,
      person,
      goesTo: 'blank',
    })),
  prepare: ({ random }) => Promise.resolve({ masterKeyId: Buffer.from(random(16)).toString('hex') }),
  perform: async ({ state, token, ticket, store }, { scryptLog2N }, intent) => {
    const { masterKeyId } = prepared.parse(intent);
    const { threshold, shareCount } = state.script.policy;
    const made = await token('blank').call('makeExerciseSet', {
      masterKeyId,
      ceremony: state.id,
      threshold,
      shareCount,
      passphrases: custodiansOf(state).map((_, index) => ticket(`passphrase-${index + 1}`)),
      scryptLog2N,
    });
    const sealed = made.shares.map(({ x, text }, index) => ({ ceremony: state.id, number: index + 1, x, text }));
    await store.write((db) => db.insertInto('sealed_share').values(sealed).execute());
    const result: MasterKey = {
      label: DUMMY,
      manifest: made.manifest,
      xByCustodian: made.shares.map(({ x }) => x),
      subsetsChecked: made.subsetsChecked,
      entropySources: ['operating system'],
      attributes: {},
    };
    const facts: Fact[] = [
      { kind: 'row', label: say(state, 'exercise.set'), value: made.manifest.setId, mono: true },
      {
        kind: 'row',
        label: say(state, 'fact.shares'),
        value: say(state, 'exercise.sharesOf', { threshold, shareCount }),
      },
      { kind: 'row', label: say(state, 'exercise.keyCheck'), value: made.manifest.keyCheckValue, mono: true },
      {
        kind: 'row',
        label: say(state, 'masterKey.subsets'),
        value: say(state, 'exercise.subsetsGive', { count: made.subsetsChecked }),
      },
    ];
    return { result, facts };
  },
  reconcile: async (context) => {
    await eraseSealedShares(context);
    return { undone: say(context.state, 'exercise.noneLeft') };
  },
};
