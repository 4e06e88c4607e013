import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { compareTokenCheckpoint } from '../token-checkpoint.ts';
import { type Action, nothingToUndo } from '../action.ts';

const parameters = z
  .strictObject({
    empty: z.boolean().default(true).describe('A ceremony that makes a root begins on a token that holds no key.'),
  })
  .describe('Logs in to the token and records what it is and what it holds.');
const result = z.strictObject({
  manufacturer: z.string(),
  model: z.string(),
  serial: z.string(),
  firmware: z.string(),
  keys: z.array(z.string()),
});
type Result = z.infer<typeof result>;

/** Logs in to the token and records what it is and what it holds. */
export const openToken: Action<z.infer<typeof parameters>, null, Result> = {
  name: 'open-token',
  parameters,
  result,
  needs: ['main'],
  prepare: () => Promise.resolve(null),
  perform: async ({ token, tokenInfo, state, ledger }, { empty }) => {
    const info = tokenInfo('main');
    const { keys } = await token('main').call('inventory', {});
    const present = keys[0];
    if (empty && present) throw new Refusal('KEY_EXISTS', { label: present.label });
    const { manufacturer, model, serial, firmware } = info;
    return {
      result: { manufacturer, model, serial, firmware, keys: keys.map(({ label }) => label) },
      facts: [
        { kind: 'row', label: 'Token', value: state.token },
        { kind: 'row', label: 'Maker and model', value: `${manufacturer} ${model}`.trim() },
        { kind: 'row', label: 'Serial number', value: serial, mono: true },
        { kind: 'row', label: 'Firmware', value: firmware, mono: true },
        {
          kind: 'row',
          label: 'Keys before',
          value: keys.length === 0 ? 'none' : keys.map(({ label }) => label).join(', '),
        },
        ...(await compareTokenCheckpoint(token('main'), ledger)),
      ],
    };
  },
  reconcile: nothingToUndo,
};
