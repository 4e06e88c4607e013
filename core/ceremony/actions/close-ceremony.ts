import canonicalize from 'canonicalize';
import { z } from 'zod';
import { wordsOf } from '../../contract/words.ts';
import type { Participant, Role } from '../../contract/script.ts';
import { type Transcript, printTranscript } from '../../print/transcript.ts';
import { type Action, filesOnly } from '../action.ts';
import { signDetached } from '../signing.ts';
import type { CeremonyState } from '../state.ts';

const parameters = z.strictObject({
  /** The ledger key; without it the transcript is signed on paper alone. */
  signedBy: z.string().min(1).optional(),
  paper: z.enum(['A4', 'Letter']).default('A4'),
});
type Prepared = { at: string };
const result = z.strictObject({ transcriptSha256: z.string() });
type Result = z.infer<typeof result>;

/** Writes down what was done, for people and for machines, and signs it. */
export const closeCeremony: Action<z.infer<typeof parameters>, Prepared, Result> = {
  name: 'close-ceremony',
  parameters,
  result,
  needs: ['main'],
  files: () => ['transcript.json', 'transcript.json.p7s', 'transcript.pdf'],
  prepare: ({ clock }) => Promise.resolve({ at: clock().toISOString() }),
  perform: async (context, { signedBy, paper }, { at }) => {
    const { state, output } = context;
    const transcript = transcriptOf(state, at);
    const bytes = new TextEncoder().encode(canonicalize(transcript));
    const json = await output.write('transcript.json', bytes);
    const signatures =
      signedBy === undefined
        ? []
        : [await output.write('transcript.json.p7s', await signDetached(context, signedBy, bytes, new Date(at)))];
    const pdf = await output.write(
      'transcript.pdf',
      await printTranscript(paperOf(context.state, at, json.sha256, paper)),
    );
    return { result: { transcriptSha256: json.sha256 }, facts: [json, ...signatures, pdf] };
  },
  reconcile: filesOnly,
};

/** Everything that the ledger tells of a ceremony up to its last step. */
function transcriptOf(state: CeremonyState, at: string) {
  const { id, script, scriptSha256, mode, token, begunAt, participants, records, deviations } = state;
  return {
    format: 'claviger-transcript-1' as const,
    ceremony: id,
    title: script.title,
    organisation: script.organisation,
    purpose: script.purpose,
    mode,
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
  };
}

/** The same for the printer. */
function paperOf(state: CeremonyState, at: string, sha256: string, paper: Transcript['paper']): Transcript {
  const { id, script, scriptSha256, mode, token, begunAt, participants, records, deviations } = state;
  const named = ({ role, name }: { role: Role; name: string | null }): Participant[] =>
    name === null ? participants.filter((participant) => participant.role === role) : [{ role, name }];
  return {
    organisation: script.organisation,
    title: script.title,
    ceremonyId: id,
    purpose: script.purpose,
    mode,
    outcome: 'Every step was done, in the order of the script.',
    begunAt: new Date(begunAt),
    endedAt: new Date(at),
    scriptSha256,
    scriptWords: wordsOf(Buffer.from(scriptSha256, 'hex').subarray(0, 8)),
    machine: [{ label: 'Token', value: token }],
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
    fileWords: wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)),
    paper,
  };
}
