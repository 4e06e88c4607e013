import { z } from 'zod';
import type { CustodyRegister } from '../../contract/custody.ts';
import { type BagLabel, printBagLabels } from '../../print/bag-labels.ts';
import { printCustodySheet } from '../../print/custody-sheet.ts';
import { type Action, filesOnly } from '../action.ts';
import { bytesOf, firstRegister, keptAtFirst, numbersIn, paperName, registerFacts } from '../custody-register.ts';
import { foundSharesOf, manifestOf, takersOf } from '../records.ts';
import { type Custody, custodyResult } from '../results.ts';
import { signDetached } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    signedBy: z.string().min(1).describe('The ledger key, which signs the custody register.'),
    paper: z.enum(['A4', 'Letter']).default('A4').describe('The paper that is in the printer.'),
  })
  .describe(
    'Records who keeps which share where, its sheet and its card in sealed bags: the first custody register, and labels for the bags.',
  );
type Prepared = { at: string };

/** Who keeps which share where, in which sealed bags: a register of its own, so that it can change without a new sheet. */
export const sealBags: Action<z.infer<typeof parameters>, Prepared, Custody> = {
  name: 'seal-bags',
  parameters,
  result: custodyResult,
  needs: ['main'],
  after: [['make-master-key', 're-share']],
  once: true,
  files: () => ['custody.json', 'custody.json.p7s', 'sheets/custody.pdf', 'sheets/bag-labels.pdf'],
  paper: () => ({ shares: true }),
  asks: ({ state }) => [
    {
      id: 'custody',
      kind: 'custody',
      label: say(state, 'custody.bags'),
      kept: keptAtFirst(state, takersOf(state)),
      changing: false,
      // Those of the set before, if there was one.
      used: numbersIn((foundSharesOf(state)?.registers ?? []).map(({ register }) => register)),
      elsewhere: [],
    },
  ],
  // Who confirms sees what is going to be written.
  look: ({ state }) =>
    Promise.resolve(state.answers['custody'] ? registerFacts(state, registerOf(state, state.latestAt)) : []),
  prepare: ({ clock }) => Promise.resolve({ at: clock().toISOString() }),
  perform: async (context, { signedBy, paper }, { at }) => {
    const { state, output } = context;
    const register = registerOf(state, at);
    const { bytes, sha256 } = bytesOf(register);
    const signature = await signDetached(context, signedBy, bytes, new Date(at));
    const head = {
      language: state.language,
      organisation: state.script.organisation,
      ceremony: state.script.title,
      scriptSha256: state.scriptSha256,
      paper,
    };
    const sheet = await printCustodySheet({ ...head, register, fileSha256: sha256, changes: [] });
    const labels = await printBagLabels({
      ...head,
      ceremonyId: state.id,
      setId: register.setId,
      labels: labelsOf(state, register),
      at: new Date(at),
      training: state.mode === 'training',
    });
    const files = [
      await output.write('custody.json', bytes),
      await output.write('custody.json.p7s', signature),
      await output.write('sheets/custody.pdf', sheet),
      await output.write('sheets/bag-labels.pdf', labels),
    ];
    return { result: { register, sha256 }, facts: [...registerFacts(state, register), ...files] };
  },
  reconcile: filesOnly,
};

/** A label for every bag that the register names. */
function labelsOf(state: CeremonyState, { shares, papers }: CustodyRegister): BagLabel[] {
  const { length: count } = shares;
  const [inSheet, inCard] = [say(state, 'labels.sheetInside'), say(state, 'labels.cardInside')];
  const other = say(state, 'labels.notShare');
  return [
    ...shares.flatMap(({ share, custodian, sheet, card }) => [
      { what: say(state, 'labels.share', { share, count }), inside: inSheet, custodian, ...sheet },
      { what: say(state, 'labels.card', { share }), inside: inCard, custodian, ...card },
    ]),
    ...papers.map(({ what: _, item, ...bag }) => ({
      ...{ what: paperName(state, item), inside: other, custodian: null },
      ...bag,
    })),
  ];
}

function registerOf(state: CeremonyState, at: string): CustodyRegister {
  const answer = state.answers['custody'];
  if (!answer || !('rows' in answer)) throw new Error('custody was not answered');
  const head = { ceremony: state.id, setId: manifestOf(state).setId, mode: state.mode, at };
  return firstRegister(head, state, answer.rows);
}
