import type { CeremonyStatus, Fact, Mode } from '../contract/ceremony.ts';
import type { Answer } from '../contract/commands.ts';
import type { ErrorValue } from '../contract/errors.ts';
import { explain } from '../contract/explain.ts';
import type { Locale } from '../contract/messages/locale.ts';
import type { Role } from '../contract/roles.ts';
import type { Participant, Script, ScriptStep } from '../contract/script.ts';
import type { Again, PrintOutcome, RecordedEvent } from './event.ts';
import { parseScript } from './script.ts';
import { say } from './say.ts';

/** What a finished step left. */
export type StepRecord = {
  step: ScriptStep;
  at: string;
  result: unknown;
  facts: Fact[];
  acted: { role: Role; name: string | null };
  confirmed: { role: Role; name: string | null }[];
};

/** One copy of one sheet that went to a printer, or was going to. */
export type Print = {
  at: string;
  step: string;
  /** `share-3`, `manifest`. */
  sheet: string;
  copy: number;
  printer: string;
  /** As CUPS calls it; null before it has taken it. */
  job: string | null;
  again: Again | null;
  /** `pending`: it is under way, or was interrupted and is not yet read back. */
  outcome: PrintOutcome | 'pending';
  detail: string;
  others: string[];
  ended: number;
};

export type CeremonyState = {
  id: string;
  begunAt: string;
  script: Script;
  /** The script as it was read: what its SHA-256 is of. */
  scriptText: string;
  scriptSha256: string;
  mode: Mode;
  language: Locale;
  out: string;
  copy: string | null;
  /** The latest time that any row carried. */
  latestAt: string;
  tokenFile: { path: string; sha256: string } | null;
  token: string;
  /** The ceremony that began the training token; null for this one, or a token file's token. */
  trainingToken: string | null;
  status: CeremonyStatus;
  participants: Participant[];
  /** Index of the step to do now; the number of steps when all are done. */
  position: number;
  /** Of the current step. */
  answers: Record<string, Answer>;
  confirmed: Role[];
  /** The intent that has no result yet. */
  intent: { prepared: unknown } | null;
  /** How often the effect of the current step was begun before. */
  attempts: number;
  failure: ErrorValue | null;
  records: StepRecord[];
  deviations: { at: string; step: number; person: string; text: string }[];
  paused: { at: string; person: string; reason: string } | null;
  aborted: { at: string; person: string; reason: string } | null;
  /** Everything that was sent to a printer, in its order. */
  prints: Print[];
  /** Every wrong passphrase of a share, by the number on its sheet. */
  wrongPassphrases: { at: string; share: number }[];
  /** What was refused, failed or interrupted, in the words of the catalogue. */
  incidents: { at: string; step: number; text: string }[];
};

export function currentStep(state: CeremonyState): ScriptStep | null {
  return state.script.steps[state.position] ?? null;
}

/** The print of which it is not known yet what became of it; null if there is none. */
export function pendingPrint({ prints }: CeremonyState): Print | null {
  const last = prints.at(-1);
  return last?.outcome === 'pending' ? last : null;
}

/** The state after one more event. Pure: the same events give the same state. */
export function evolve(state: CeremonyState | null, event: RecordedEvent, id: string): CeremonyState {
  const next = after(state, event, id);
  return event.at > next.latestAt ? { ...next, latestAt: event.at } : next;
}

function after(state: CeremonyState | null, event: RecordedEvent, id: string): CeremonyState {
  if (event.kind === 'ceremony.begun') {
    const { previous, trainingToken } = event.body;
    const lost = previous && 'lost' in previous ? previous.lost : null;
    const { script, scriptSha256, mode, language = 'en', out, copy, tokenFile, token } = event.body;
    return {
      id,
      begunAt: event.at,
      script: parseScript(script, 'ledger'),
      scriptText: script,
      scriptSha256,
      mode,
      language,
      out,
      copy,
      latestAt: event.body.after ?? event.at,
      tokenFile,
      token,
      trainingToken: trainingToken ?? null,
      status: 'running',
      participants: [],
      position: 0,
      answers: {},
      confirmed: [],
      intent: null,
      attempts: 0,
      failure: null,
      records: [],
      deviations: [],
      paused: null,
      aborted: null,
      prints: [],
      wrongPassphrases: [],
      incidents:
        lost === null ? [] : [{ at: event.at, step: 1, text: say({ language }, 'incident.lost', { reason: lost }) }],
    };
  }
  if (!state) throw new Error('a ceremony begins with ceremony.begun');
  const { status } = state;
  const held = status === 'paused' && /^(step|print)\./.test(event.kind);
  // No decision leads here: rows in which it stands were not written by one.
  if (held || status === 'completed' || status === 'aborted') throw new Error(`${event.kind} in a ${status} ceremony`);
  switch (event.kind) {
    case 'step.answered': {
      const { ask, answer } = event.body;
      const participants = 'participants' in answer ? answer.participants : state.participants;
      const answered = { ...state, participants, answers: { ...state.answers, [ask]: answer } };
      // What was confirmed before an effect under way was confirmed for it.
      return state.intent ? answered : { ...answered, confirmed: [], failure: null };
    }
    case 'step.confirmed':
      return { ...state, confirmed: [...state.confirmed, event.body.role] };
    case 'step.intent':
      return {
        ...state,
        status: 'interrupted',
        intent: { prepared: event.body.prepared },
        answers: withoutLastTries(state.answers),
        attempts: state.attempts + 1,
        failure: null,
      };
    case 'step.result': {
      const step = currentStep(state);
      if (!step) throw new Error('a result after the last step');
      const { result, facts, acted, confirmed } = event.body;
      return {
        ...state,
        status: 'running',
        position: state.position + 1,
        answers: {},
        confirmed: [],
        intent: null,
        attempts: 0,
        failure: null,
        records: [...state.records, { step, at: event.at, result, facts: facts as Fact[], acted, confirmed }],
      };
    }
    case 'step.reopened':
      return { ...state, confirmed: [] };
    case 'step.refused':
      return {
        ...withIncident(state, event.at, explain(event.body.error, state.language).says),
        ...{ answers: withoutLastTries(state.answers), failure: event.body.error },
      };
    case 'step.failed':
      return {
        ...withIncident(state, event.at, explain(event.body.error, state.language).says),
        ...{ status: 'running', intent: null, confirmed: [], failure: event.body.error },
        wrongPassphrases: [...state.wrongPassphrases, ...wrongPassphraseIn(event.body.error, event.at)],
      };
    case 'step.undone':
      // What is begun again is confirmed again.
      return {
        ...withIncident(state, event.at, say(state, 'incident.interrupted', { detail: event.body.detail })),
        ...{ status: 'running', answers: withoutLastTries(state.answers), intent: null, confirmed: [] },
      };
    case 'step.adopted':
      return state;
    case 'print.intent': {
      const { step, sheet, copy, printer, again } = event.body;
      const print = { at: event.at, step, sheet, copy, printer, again, job: null, detail: '', others: [], ended: 0 };
      const next = { ...state, status: 'interrupted' as const, prints: [...state.prints, pending(print)] };
      return again === null ? next : withIncident(next, event.at, saysAgain(state, sheet, copy, again));
    }
    case 'print.job': {
      const { job } = event.body;
      return { ...state, prints: lastPrint(state, (print) => ({ ...print, job })) };
    }
    case 'print.result': {
      const { outcome, detail, others, ended } = event.body;
      const prints = lastPrint(state, (print) => ({ ...print, outcome, detail, others, ended }));
      const print = prints.at(-1);
      const next: CeremonyState = { ...state, status: state.intent ? 'interrupted' : 'running', prints };
      if (outcome === 'ended' || !print) return next;
      return withIncident(next, event.at, say(state, 'print.incident', { sheet: nameOfCopy(state, print), detail }));
    }
    case 'ceremony.deviation':
      return { ...state, deviations: [...state.deviations, { at: event.at, ...event.body }] };
    case 'ceremony.paused': {
      const { person, reason } = event.body;
      const paused = { at: event.at, person, reason };
      return {
        ...withIncident(state, event.at, say(state, 'incident.paused', { person, reason })),
        status: 'paused',
        paused,
      };
    }
    case 'ceremony.continued':
      return {
        ...withIncident(state, event.at, say(state, 'incident.continued', { person: event.body.person })),
        ...{ status: 'running', paused: null, confirmed: [] },
      };
    case 'ceremony.aborted':
      return {
        ...state,
        status: 'aborted',
        intent: null,
        paused: null,
        aborted: { at: event.at, person: event.body.person, reason: event.body.reason },
      };
    case 'ceremony.completed':
      return { ...state, status: 'completed' };
  }
}

/** Without agreements to a last try (last-try.ts): it has been made, and another one is agreed to anew. */
function withoutLastTries(answers: CeremonyState['answers']): CeremonyState['answers'] {
  return Object.fromEntries(Object.entries(answers).filter(([ask]) => !/^last-try-|-last-try$/.test(ask)));
}

function pending(print: Omit<Print, 'outcome'>): Print {
  return { ...print, outcome: 'pending' };
}

function lastPrint({ prints }: CeremonyState, change: (print: Print) => Print): Print[] {
  const last = prints.at(-1);
  if (last?.outcome !== 'pending') throw new Error('no print is under way');
  return [...prints.slice(0, -1), change(last)];
}

/** As people call a sheet. */
export function nameOfSheet(state: Pick<CeremonyState, 'language'>, sheet: string): string {
  const number = /^share-(\d+)$/.exec(sheet)?.[1];
  return number === undefined ? say(state, 'print.manifestSheet') : say(state, 'print.shareSheet', { number });
}

export function nameOfCopy(
  state: Pick<CeremonyState, 'language'>,
  { sheet, copy }: Pick<Print, 'sheet' | 'copy'>,
): string {
  return say(state, 'print.copy', { sheet: nameOfSheet(state, sheet), copy });
}

function saysAgain(state: CeremonyState, sheet: string, copy: number, again: Again): string {
  const before = copy === 2 ? say(state, 'print.copyOne') : say(state, 'print.copiesTo', { last: copy - 1 });
  return say(state, 'print.again', { sheet: nameOfSheet(state, sheet), copy, before, ...again });
}

function wrongPassphraseIn({ code, params }: ErrorValue, at: string): CeremonyState['wrongPassphrases'] {
  const share = params['x'];
  return code === 'SHARE_PASSPHRASE_WRONG' && typeof share === 'number' ? [{ at, share }] : [];
}

function withIncident(state: CeremonyState, at: string, text: string): CeremonyState {
  return { ...state, incidents: [...state.incidents, { at, step: state.position + 1, text }] };
}
