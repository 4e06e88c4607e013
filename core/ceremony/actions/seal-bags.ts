import canonicalize from 'canonicalize';
import { z } from 'zod';
import { type Action, filesOnly } from '../action.ts';
import { custodiansOf, manifestOf, masterKeyOf } from '../records.ts';
import { type Custody, custodyResult } from '../results.ts';
import { signDetached } from '../signing.ts';

const parameters = z
  .strictObject({ signedBy: z.string().min(1).describe('The ledger key, which signs the custody register.') })
  .describe('Records who keeps which share where, in which sealed bag.');
type Prepared = { at: string };

/** Who keeps which share where, in which sealed bag: a register of its own, so that it can change without a new sheet. */
export const sealBags: Action<z.infer<typeof parameters>, Prepared, Custody> = {
  name: 'seal-bags',
  parameters,
  result: custodyResult,
  needs: ['main'],
  files: () => ['custody.json', 'custody.json.p7s'],
  paper: () => ({ shares: true }),
  asks: ({ state }) => [{ id: 'custody', kind: 'custody', label: 'Bags and seals', custodians: custodiansOf(state) }],
  prepare: ({ clock }) => Promise.resolve({ at: clock().toISOString() }),
  perform: async (context, { signedBy }, { at }) => {
    const { state, output } = context;
    const answer = state.answers['custody'];
    if (!answer || !('rows' in answer)) throw new Error('custody was not answered');
    const { xByCustodian } = masterKeyOf(state);
    const rows = answer.rows.map((row, index) => ({ share: index + 1, x: xByCustodian[index] ?? 0, ...row }));
    const register = canonicalize({
      format: 'claviger-custody-1',
      ceremony: state.id,
      setId: manifestOf(state).setId,
      mode: state.mode,
      at,
      holders: rows,
    });
    const bytes = new TextEncoder().encode(register);
    const signature = await signDetached(context, signedBy, bytes, new Date(at));
    const files = [await output.write('custody.json', bytes), await output.write('custody.json.p7s', signature)];
    return {
      result: { rows },
      facts: [
        ...rows.map(({ share, custodian, place, bag, seal }) => ({
          kind: 'row' as const,
          label: `Share ${share}, ${custodian}`,
          value: `${place}; bag ${bag}, seal ${seal}`,
        })),
        ...files,
      ],
    };
  },
  reconcile: filesOnly,
};
