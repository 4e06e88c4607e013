import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { compareTokenCheckpoint } from '../token-checkpoint.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { say } from '../say.ts';

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
        { kind: 'row', label: say(state, 'token.token'), value: state.token },
        { kind: 'row', label: say(state, 'token.maker'), value: `${manufacturer} ${model}`.trim() },
        { kind: 'row', label: say(state, 'fact.serial'), value: serial, mono: true },
        { kind: 'row', label: say(state, 'token.firmware'), value: firmware, mono: true },
        {
          kind: 'row',
          label: say(state, 'token.keysBefore'),
          value: keys.length === 0 ? say(state, 'fact.none') : keys.map(({ label }) => label).join(', '),
        },
        ...(await compareTokenCheckpoint(state, token('main'), ledger)),
      ],
    };
  },
  reconcile: nothingToUndo,
};
