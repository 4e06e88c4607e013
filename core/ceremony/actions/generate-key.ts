import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { tellAttributes } from '../../contract/tell.ts';
import type { KeyRecordMessage, TokenCallInput } from '../../hsm/process/protocol.ts';
import { newLabel } from '../labels.ts';
import type { Action, Effect } from '../action.ts';
import { type GeneratedKey, generatedKeyResult } from '../results.ts';
import { say } from '../say.ts';
import type { CeremonyState } from '../state.ts';

const label = newLabel.describe('Label in the token; later steps name the key by it.');
const parameters = z
  .discriminatedUnion('purpose', [
    z.strictObject({
      label,
      algorithm: z.enum(['EC-P256', 'EC-P384', 'RSA-3072', 'RSA-4096']).describe('Algorithm and size.'),
      purpose: z
        .enum(['ca', 'service'])
        .describe('A CA key can be wrapped under the master key; a service key never leaves the token.'),
    }),
    z.strictObject({
      label,
      algorithm: z.literal('AES-256').describe('Algorithm and size.'),
      purpose: z
        .literal('vault-kek')
        .describe('The vault’s key-encryption key encrypts and decrypts, and can be wrapped under the master key.'),
    }),
  ])
  .describe('Makes a key in the token and reads back what the token then holds.');
type Parameters = z.infer<typeof parameters>;

/** A key made in the token. What the token then holds is read back and recorded. */
export const generateKey: Action<Parameters, null, GeneratedKey> = {
  name: 'generate-key',
  parameters,
  result: generatedKeyResult,
  needs: ['main'],
  mechanisms: ({ algorithm }) => [{ kind: 'key', algorithm }],
  prepare: async ({ token }, { label }) => {
    // Before the intent: a key of this label that is found after an interruption was made by this step.
    const { keys } = await token('main').call('inventory', {});
    if (keys.some((key) => key.label === label)) throw new Refusal('KEY_EXISTS', { label });
    return null;
  },
  perform: async ({ state, token }, wanted) =>
    effectOf(state, wanted, await token('main').call('generateKey', specOf(wanted))),
  reconcile: async ({ state, token }, wanted) => {
    const { keys } = await token('main').call('inventory', {});
    if (!keys.some((key) => key.label === wanted.label)) return { undone: say(state, 'key.notMade') };
    // Nothing depends on it yet, and its attributes were never compared with what was asked.
    await token('main').call('destroy', { label: wanted.label });
    return { undone: say(state, 'key.destroyed') };
  },
};

function specOf(wanted: Parameters): TokenCallInput<'generateKey'> {
  return wanted.purpose === 'vault-kek' ? { ...wanted, purpose: 'kek' } : wanted;
}

function resultOf(wanted: Parameters, { id, attributes, publicKey }: KeyRecordMessage): GeneratedKey {
  if (wanted.purpose === 'vault-kek') return { ...wanted, id, attributes };
  if (publicKey === null) throw new Error('a key pair without a public key');
  return { ...wanted, id, publicKey, attributes };
}

function effectOf(state: CeremonyState, wanted: Parameters, key: KeyRecordMessage): Effect<GeneratedKey> {
  const { label, algorithm } = wanted;
  return {
    result: resultOf(wanted, key),
    facts: [
      { kind: 'row', label: say(state, 'fact.key'), value: label, mono: true },
      { kind: 'row', label: say(state, 'fact.algorithm'), value: algorithm },
      { kind: 'row', label: say(state, 'fact.identifier'), value: key.id, mono: true },
      { kind: 'row', label: say(state, 'fact.inToken'), value: tellAttributes(state, key.attributes) },
    ],
  };
}
