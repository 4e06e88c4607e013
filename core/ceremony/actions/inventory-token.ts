import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { resultsOf } from '../records.ts';
import { bornTokenResult } from '../results.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    empty: z.boolean().default(false).describe('Nothing of any class may be on it, as after its birth.'),
  })
  .describe('Logs in and writes down everything that the token holds.');
const result = z.strictObject({ serial: z.string(), firmware: z.string(), objects: z.array(z.string()) });
type Result = z.infer<typeof result>;

/** Logs in and writes down everything that the token holds. After a birth it must be the same token, and empty. */
export const inventoryToken: Action<z.infer<typeof parameters>, null, Result> = {
  name: 'inventory-token',
  parameters,
  result,
  needs: ['main'],
  prepare: () => Promise.resolve(null),
  perform: async ({ state, token, tokenInfo }, { empty }) => {
    const { label, serial, firmware, manufacturer, model } = tokenInfo('main');
    const { objects } = await token('main').call('contents', {});
    if (empty && objects.length > 0) {
      const actual = objects.join(', ');
      throw new Refusal('TOKEN_LIED', { label, attribute: 'contents', actual, expected: 'nothing' });
    }
    const born = resultsOf(state, 'initialise-token').map((birth) => bornTokenResult.parse(birth));
    const other = born.find((birth) => birth.serial !== serial);
    if (other) {
      throw new Refusal('TOKEN_LIED', { label, attribute: 'serial number', actual: serial, expected: other.serial });
    }
    return {
      result: { serial, firmware, objects },
      facts: [
        { kind: 'row', label: say(state, 'token.token'), value: label },
        { kind: 'row', label: say(state, 'token.maker'), value: `${manufacturer} ${model}`.trim() },
        { kind: 'row', label: say(state, 'fact.serial'), value: serial, mono: true },
        { kind: 'row', label: say(state, 'token.firmware'), value: firmware, mono: true },
        {
          kind: 'row',
          label: say(state, 'inventory.holds'),
          value: objects.length === 0 ? say(state, 'rehearsal.nothing') : objects.join(', '),
        },
      ],
    };
  },
  reconcile: nothingToUndo,
};
