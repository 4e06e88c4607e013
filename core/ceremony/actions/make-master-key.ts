import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { tellAttributes } from '../../contract/tell.ts';
import type { Action, SecretAsk, Unasked } from '../action.ts';
import { approvalFacts } from '../given-shares.ts';
import { newLabel } from '../labels.ts';
import { personOf } from '../decide.ts';
import { foundSharesOf, masterKeyOf, takersOf } from '../records.ts';
import { eraseSealedShares } from '../sealed-shares.ts';
import { type MasterKey, masterKeyResult } from '../results.ts';
import type { CeremonyState } from '../state.ts';
import { roleName } from '../../contract/messages/role-names.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    label: newLabel.describe('Label in the token.'),
    scryptLog2N: z
      .int()
      .min(10)
      .max(20)
      .default(17)
      .describe('Cost of a custodian’s passphrase: 2^17 is about half a second a share.'),
    dice: z
      .boolean()
      .default(false)
      .describe('Dice as a third source: the operator rolls at least a hundred times and types what falls.'),
  })
  .describe('Makes the master key, splits it, checks every subset, and imports it, in one call of the token process.');
type Parameters = z.infer<typeof parameters>;
type Prepared = { masterKeyId: string; epoch: number };

const prepared = z.strictObject({ masterKeyId: z.string(), epoch: z.int() }) satisfies z.ZodType<Prepared>;

/**
 * The master key: made, split, every subset checked, the shares encrypted, the key imported, in one call of the token
 * process. Interrupted, the key is destroyed and the next try is a new epoch: no share of the old one ever left.
 */
export const makeMasterKey: Action<Parameters, Prepared, MasterKey> = {
  name: 'make-master-key',
  parameters,
  result: masterKeyResult,
  needs: ['main'],
  after: ['take-roles'],
  once: true,
  paper: () => ({ cards: true }),
  mechanisms: () => [
    { kind: 'combine-sources', mechanism: 'HKDF-SHA-256' },
    { kind: 'key', algorithm: 'AES-256' },
    // Each custodian's passphrase, docs/formats/share.md.
    { kind: 'passphrase', mechanism: 'scrypt' },
  ],
  // In the place of another, people approve who takes the new shares.
  look: ({ state }, { label }) => Promise.resolve(foundSharesOf(state) ? approvalOf(state, label) : []),
  asks: ({ state }, { dice }) => {
    const passphrases = takersOf(state).map<Unasked<SecretAsk>>((person, index) => ({
      id: `passphrase-${index + 1}`,
      kind: 'secret',
      what: 'passphrase',
      label: say(state, 'masterKey.passphrase', { number: index + 1 }),
      manner: 'choose',
      minimumLength: state.script.policy.passphraseMinimum,
      person,
      goesTo: 'main',
    }));
    if (!dice) return passphrases;
    const rolls: Unasked<SecretAsk> = {
      id: 'dice',
      kind: 'secret',
      what: 'dice',
      label: say(state, 'masterKey.dice'),
      manner: 'enter',
      minimumLength: 100,
      person: personOf(state, 'operator') ?? roleName(state, 'operator'),
      goesTo: 'main',
    };
    return [...passphrases, rolls];
  },
  prepare: async ({ token, random, state }, { label }) => {
    const { keys } = await token('main').call('inventory', {});
    if (keys.some((key) => key.label === label)) throw new Refusal('KEY_EXISTS', { label });
    return { masterKeyId: Buffer.from(random(16)).toString('hex'), epoch: state.attempts };
  },
  perform: async ({ state, token, ticket, store }, { label, scryptLog2N, dice }, intent) => {
    const { masterKeyId, epoch } = prepared.parse(intent);
    const { threshold, shareCount } = state.script.policy;
    const made = await token('main').call('makeMasterKey', {
      label,
      masterKeyId,
      ceremony: state.id,
      threshold,
      shareCount,
      epoch,
      passphrases: takersOf(state).map((_, index) => ticket(`passphrase-${index + 1}`)),
      dice: dice ? ticket('dice') : null,
      scryptLog2N,
    });
    const sealed = made.shares.map(({ x, text }, index) => ({ ceremony: state.id, number: index + 1, x, text }));
    await store.write((db) => db.insertInto('sealed_share').values(sealed).execute());
    const result: MasterKey = {
      label,
      manifest: made.manifest,
      xByCustodian: made.shares.map(({ x }) => x),
      subsetsChecked: made.subsetsChecked,
      entropySources: made.entropySources,
      attributes: made.key.attributes,
    };
    const facts: Fact[] = [
      { kind: 'row', label: say(state, 'fact.masterKey'), value: masterKeyId, mono: true },
      { kind: 'row', label: say(state, 'fact.shareSet'), value: made.manifest.setId, mono: true },
      {
        kind: 'row',
        label: say(state, 'fact.shares'),
        value: say(state, 'fact.sharesOf', { threshold, shareCount, epoch }),
      },
      {
        kind: 'row',
        label: say(state, 'masterKey.subsets'),
        value: say(state, 'masterKey.subsetsGive', { count: made.subsetsChecked }),
      },
      {
        kind: 'row',
        label: say(state, 'masterKey.randomness'),
        value: made.entropySources
          .map((source) => sourceName(state, source))
          .reduce((first, second) => say(state, 'fact.and', { first, second })),
      },
      { kind: 'row', label: say(state, 'fact.inToken'), value: tellAttributes(state, made.key.attributes) },
    ];
    return { result, facts };
  },
  reconcile: async (context, { label }) => {
    const { state, token } = context;
    const { keys } = await token('main').call('inventory', {});
    const present = keys.some((key) => key.label === label);
    if (present) await token('main').call('destroy', { label });
    await eraseSealedShares(context);
    return { undone: say(state, present ? 'masterKey.destroyed' : 'masterKey.none') };
  },
};

function approvalOf(state: CeremonyState, label: string): Fact[] {
  const { label: old, manifest } = masterKeyOf(state);
  const { threshold, shareCount } = state.script.policy;
  return approvalFacts(state, [
    [say(state, 'masterKey.old'), `${old}, ${manifest.masterKeyId}`],
    [say(state, 'masterKey.new'), label],
    [say(state, 'masterKey.newSet'), say(state, 'fact.sharesOf', { threshold, shareCount, epoch: state.attempts })],
    ...takersOf(state).map((name, index): [string, string] => [
      say(state, 'masterKey.newShare', { number: index + 1 }),
      name,
    ]),
  ]);
}

/** As the token process names its sources (core/hsm/process/master-key.ts); a token's own generator goes by its maker and model. */
function sourceName(state: CeremonyState, source: string): string {
  if (source === 'operating system') return say(state, 'masterKey.system');
  const rolls = /^(\d+) dice rolls$/.exec(source)?.[1];
  return rolls === undefined ? source : say(state, 'masterKey.diceRolls', { rolls });
}
