import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import type { CustodyRegister, Kept } from '../../contract/custody.ts';
import { Refusal } from '../../contract/errors.ts';
import type { ScriptStep } from '../../contract/script.ts';
import { wordsOf } from '../../contract/words.ts';
import { printCustodySheet } from '../../print/custody-sheet.ts';
import { type Action, type ActionAsk, type Unasked, filesOnly } from '../action.ts';
import {
  bytesOf,
  changeFacts,
  changeText,
  keptIn,
  nameOf,
  nextRegister,
  numbersIn,
  registerFacts,
} from '../custody-register.ts';
import { attestedSharesOf, custodiansHere, manifestOf, registersOf } from '../records.ts';
import { type Custody, custodyResult } from '../results.ts';
import { signDetached } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    rows: z
      .enum(['all', 'those-who-came'])
      .default('all')
      .describe(
        'Whether every row may change, or only the shares of the custodians who take part or attested a share.',
      ),
    signedBy: z.string().min(1).describe('The ledger key, which signs the custody register.'),
    paper: z.enum(['A4', 'Letter']).default('A4').describe('The paper that is in the printer.'),
  })
  .describe('Changes the custody register: hand-overs, bags that were opened and sealed anew, other places.');
type Parameters = z.infer<typeof parameters>;
type Prepared = { at: string };

/**
 * Writes the next custody register of a share set: the share sheets stay as they are. Whoever gives a share away and whoever
 * takes it accept that by name.
 */
export const changeCustody: Action<Parameters, Prepared, Custody> = {
  name: 'change-custody',
  parameters,
  result: custodyResult,
  needs: ['main'],
  after: [['seal-bags', 'find-shares', 'bring-share-set']],
  once: true,
  lint: ({ rows }, { participants, steps }) => [
    ...(rows === 'those-who-came' && participants.custodian === undefined && !attests(steps)
      ? ['no custodian takes part']
      : []),
    ...(steps.some(({ action }) => action === 'seal-bags') ? ['this script makes the first register'] : []),
  ],
  files: () => ['custody.json', 'custody.json.p7s', 'sheets/custody.pdf'],
  paper: () => ({ shares: true }),
  look: ({ state }, asked) => {
    // Who confirms sees what is going to be written.
    const register = state.answers['custody'] ? nextOf(state, asked, state.latestAt) : presentOf(state).register;
    return Promise.resolve([...changeFacts(state, register), ...registerFacts(state, register)]);
  },
  asks: ({ state }, asked) => {
    const custody: Unasked<ActionAsk> = {
      id: 'custody',
      kind: 'custody',
      label: say(state, 'changeCustody.changes'),
      kept: keptOf(state, asked),
      changing: true,
      used: numbersIn(registersOf(state).map(({ register }) => register)),
      elsewhere: elsewhereOf(state, keptOf(state, asked)),
    };
    return [custody, ...handOverAsks(state, asked)];
  },
  prepare: ({ clock }) => Promise.resolve({ at: clock().toISOString() }),
  perform: async (context, asked, { at }) => {
    const { state, output } = context;
    const { script, scriptSha256 } = state;
    const register = nextOf(state, asked, at);
    const { bytes, sha256 } = bytesOf(register);
    const signature = await signDetached(context, asked.signedBy, bytes, new Date(at));
    const sheet = await printCustodySheet({
      language: state.language,
      organisation: script.organisation,
      ceremony: script.title,
      register,
      fileSha256: sha256,
      changes: register.changes.map((change) => ({ item: change.item, text: changeText(state, change) })),
      scriptSha256,
      paper: asked.paper,
    });
    const confirmed = register.changes.flatMap((change): Fact[] => {
      const { handOver } = change;
      if (!handOver) return [];
      const detail = say(state, 'changeCustody.both', handOver);
      const label = say(state, 'changeCustody.handOver', { what: nameOf(state, change) });
      return [{ kind: 'check', label, verdict: 'go', detail }];
    });
    const facts: Fact[] = [
      ...registerFacts(state, register),
      ...changeFacts(state, register),
      ...confirmed,
      { kind: 'words', label: 'custody.json', words: wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)), hex: sha256 },
      await output.write('custody.json', bytes),
      await output.write('custody.json.p7s', signature),
      await output.write('sheets/custody.pdf', sheet),
    ];
    return { result: { register, sha256 }, facts };
  },
  reconcile: filesOnly,
};

/** The newest register that this ceremony knows of. CUSTODY_UNRECORDED. */
function presentOf(state: CeremonyState): Custody {
  const newest = registersOf(state).at(-1);
  if (!newest) throw new Refusal('CUSTODY_UNRECORDED');
  return newest;
}

function nextOf(state: CeremonyState, asked: Parameters, at: string): CustodyRegister {
  const head = { ceremony: state.id, setId: manifestOf(state).setId, mode: state.mode, at };
  return nextRegister(head, state, presentOf(state), keptOf(state, asked), answeredRows(state));
}

function keptOf(state: CeremonyState, { rows }: Parameters): Kept[] {
  const register = registersOf(state).at(-1)?.register;
  return register ? keptIn(register, state, rows === 'all' ? null : thoseWhoCame(state)) : [];
}

function thoseWhoCame(state: CeremonyState): string[] {
  const attested = attestedSharesOf(state).filter(({ record: { outcome } }) => outcome.is === 'attested');
  return [...custodiansHere(state), ...attested.map(({ record: { custodian } }) => custodian)];
}

function attests(steps: ScriptStep[]): boolean {
  return steps.some(({ action }) => action === 'attest-share');
}

/** Who holds the shares that are not asked for. */
function elsewhereOf(state: CeremonyState, kept: Kept[]): string[] {
  const shares = registersOf(state).at(-1)?.register.shares ?? [];
  return shares
    .filter(({ share }) => !kept.some(({ item }) => item === `share-${share}`))
    .map(({ custodian }) => custodian);
}

function answeredRows({ answers }: CeremonyState) {
  const answer = answers['custody'];
  if (!answer || !('rows' in answer)) throw new Error('custody was not answered');
  return answer.rows;
}

/** Both parties of each hand-over. The ids carry the row: what was accepted is that row and no other. */
function handOverAsks(state: CeremonyState, asked: Parameters): Unasked<ActionAsk>[] {
  if (!state.answers['custody']) return [];
  const kept = keptOf(state, asked);
  return answeredRows(state).flatMap((row, index): Unasked<ActionAsk>[] => {
    const { what = '', custodian: from = null } = kept[index] ?? {};
    const { custodian: to } = row;
    if (from === null || to === null || from === to) return [];
    const bytes = new TextEncoder().encode(canonicalize(row));
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    const accept = (id: string, label: string, name: string): Unasked<ActionAsk> => {
      return { id: `${id}-${digest}`, kind: 'accept', label, by: { name }, tone: 'plain' };
    };
    return [
      accept('gives', say(state, 'changeCustody.gives', { what, from, to }), from),
      accept('takes', say(state, 'changeCustody.takes', { what, from, to }), to),
    ];
  });
}
