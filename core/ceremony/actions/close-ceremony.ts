import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { wordsOf } from '../../contract/words.ts';
import type { Role } from '../../contract/roles.ts';
import type { Participant } from '../../contract/script.ts';
import { type Checkpoint, checkpointWords } from '../../ledger/checkpoint.ts';
import { type Transcript, printTranscript } from '../../print/transcript.ts';
import { type Action, filesOnly } from '../action.ts';
import { checkpointRow } from '../ledger-key.ts';
import { keepInToken } from '../token-checkpoint.ts';
import { signDetached } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    signedBy: z
      .string()
      .min(1)
      .optional()
      .describe('The ledger key; without it the transcript is signed on paper alone.'),
    paper: z.enum(['A4', 'Letter']).default('A4').describe('The paper that is in the printer.'),
  })
  .describe('Writes the transcript, for people and for programs, and signs it.');
type Prepared = { at: string };
const result = z.strictObject({
  transcriptSha256: z.string(),
  /** The checkpoint that stands in the transcript, and whether the ledger's key signed it. */
  checkpoint: z.string(),
  signed: z.boolean(),
});
type Result = z.infer<typeof result>;

/** Writes down what was done, for people and for machines, and signs it. */
export const closeCeremony: Action<z.infer<typeof parameters>, Prepared, Result> = {
  name: 'close-ceremony',
  parameters,
  result,
  needs: ['main'],
  files: (_state, { signedBy }) => [
    ...['script.yaml', 'transcript.json', 'transcript.pdf', 'checkpoint.txt'],
    ...(signedBy === undefined ? [] : ['transcript.json.p7s', 'transcript.pdf.p7s', 'checkpoint.txt.p7s']),
  ],
  prepare: ({ clock }) => Promise.resolve({ at: clock().toISOString() }),
  perform: async (context, { signedBy, paper }, { at }) => {
    const { state, output, ledger, token } = context;
    // Every row up to the intent of this step: what is done after it is covered by the next checkpoint.
    const checkpoint = await ledger.checkpoint();
    const signed = signedBy === undefined ? null : await checkpointRow(context, signedBy, checkpoint, new Date(at));
    const transcript = transcriptOf(state, at, checkpoint.text);
    const script = await output.write('script.yaml', new TextEncoder().encode(state.scriptText));
    const bytes = new TextEncoder().encode(canonicalize(transcript));
    const json = await output.write('transcript.json', bytes);
    const paperBytes = await printTranscript(paperOf(context.state, at, json.sha256, checkpoint, paper));
    const pdf = await output.write('transcript.pdf', paperBytes);
    const signatures: Fact[] = [];
    if (signedBy !== undefined) {
      for (const [name, content] of [
        ['transcript.json', bytes],
        ['transcript.pdf', paperBytes],
      ] as const) {
        const signature = await signDetached(context, signedBy, content, new Date(at));
        signatures.push(await output.write(`${name}.p7s`, signature));
      }
    }
    const text = await output.write('checkpoint.txt', new TextEncoder().encode(checkpoint.text));
    if (signed) signatures.push(await output.write('checkpoint.txt.p7s', signed.signature));
    const words: Fact = {
      kind: 'words',
      label: say(state, signed ? 'close.checkpoint' : 'close.checkpointUnsigned', { size: checkpoint.size }),
      words: checkpointWords(checkpoint),
      hex: Buffer.from(checkpoint.root).toString('hex'),
    };
    const kept = signed ? [await keepInToken(state, token('main'), checkpoint)] : [];
    return {
      result: { transcriptSha256: json.sha256, checkpoint: checkpoint.text, signed: signed !== null },
      facts: [words, ...kept, script, json, pdf, text, ...signatures],
      rows: signed ? [signed.row] : [],
    };
  },
  reconcile: filesOnly,
};

/** Everything that the ledger tells of a ceremony up to its last step. */
function transcriptOf(state: CeremonyState, at: string, checkpoint: string) {
  const { id, script, scriptSha256, mode, language, token, begunAt, participants, records, deviations } = state;
  return {
    format: 'claviger-transcript-1' as const,
    ceremony: id,
    title: script.title,
    organisation: script.organisation,
    purpose: script.purpose,
    mode,
    language,
    scriptSha256,
    token,
    begunAt,
    closedAt: at,
    participants,
    steps: records.map(({ step, at: doneAt, acted, confirmed, facts }, index) => ({
      number: index + 1,
      id: step.id,
      title: step.title,
      at: doneAt,
      acted,
      confirmed,
      facts,
    })),
    deviations,
    incidents: state.incidents,
    checkpoint,
  };
}

/** The same for the printer. */
function paperOf(
  state: CeremonyState,
  at: string,
  sha256: string,
  checkpoint: Checkpoint,
  paper: Transcript['paper'],
): Transcript {
  const { id, script, scriptSha256, mode, language, token, begunAt, participants, records, deviations } = state;
  const named = ({ role, name }: { role: Role; name: string | null }): Participant[] =>
    name === null ? participants.filter((participant) => participant.role === role) : [{ role, name }];
  return {
    organisation: script.organisation,
    title: script.title,
    ceremonyId: id,
    purpose: script.purpose,
    mode,
    language,
    outcome: say(state, 'close.outcome'),
    begunAt: new Date(begunAt),
    endedAt: new Date(at),
    scriptSha256,
    scriptWords: wordsOf(Buffer.from(scriptSha256, 'hex').subarray(0, 8)),
    machine: [
      { label: say(state, 'close.token'), value: token },
      { label: say(state, 'close.files'), value: state.out },
      ...(state.copy === null ? [] : [{ label: say(state, 'close.secondMedium'), value: state.copy }]),
    ],
    participants,
    steps: records.map(({ step, at: doneAt, acted, confirmed, facts }, index) => ({
      number: index + 1,
      section: step.section,
      title: step.title,
      at: new Date(doneAt),
      acted: named(acted),
      confirmed: confirmed.flatMap(named),
      facts,
    })),
    deviations: [...deviations, ...state.incidents.map((incident) => ({ ...incident, person: 'Claviger' }))]
      .toSorted((one, other) => (one.at < other.at ? -1 : 1))
      .map((deviation) => ({ ...deviation, at: new Date(deviation.at) })),
    fileSha256: sha256,
    checkpoint: { text: checkpoint.text, size: checkpoint.size, words: checkpointWords(checkpoint) },
    fileWords: wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)),
    paper,
  };
}
