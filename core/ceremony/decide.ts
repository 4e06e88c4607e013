import type { Ask, Fact } from '../contract/ceremony.ts';
import type { Answer } from '../contract/commands.ts';
import { because } from '../contract/because.ts';
import { type ErrorParams, type ErrorValue, Refusal } from '../contract/errors.ts';
import type { Role } from '../contract/roles.ts';
import type { Participant, Script, ScriptStep } from '../contract/script.ts';
import type { Again, CeremonyEvent, PrintOutcome } from './event.ts';
import { refuseUnfitCustody } from './custody-answer.ts';
import { foldedName } from './names.ts';
import { RECOVERIES } from './recoveries.ts';
import { copiesOf } from './prints.ts';
import { type CeremonyState, currentStep, pendingPrint } from './state.ts';

/** Whoever holds a share, or takes one here. */
const CUSTODIANS: readonly Role[] = ['custodian', 'newCustodian'];

/** What people and effects ask of a ceremony. `given` are the asks of the current step as the runner sees them. */
export type Command =
  | { kind: 'answer'; step: string; ask: string; answer: Answer; asks: Ask[] }
  /** `shown`: what the person looked at; `showing`: what there is to look at now. */
  | { kind: 'confirm'; step: string; role: Role; shown: string; showing: string; asks: Ask[] }
  | { kind: 'reopen'; step: string }
  | { kind: 'refuse'; step: string; error: ErrorValue }
  | { kind: 'intend'; step: string; prepared: unknown; asks: Ask[] }
  | { kind: 'finish'; step: string; result: unknown; facts: Fact[] }
  | { kind: 'fail'; step: string; error: ErrorValue }
  | { kind: 'undo'; step: string; detail: string }
  | { kind: 'adopt'; step: string; detail: string; result: unknown; facts: Fact[] }
  /** A sheet is about to go to a printer. `again`: it did before. */
  | { kind: 'print'; step: string; sheet: string; printer: string; again: Again | null }
  | { kind: 'queue'; step: string; job: string }
  | { kind: 'printed'; step: string; outcome: PrintOutcome; detail: string; others: string[]; ended: number }
  | { kind: 'deviate'; person: string; text: string }
  | { kind: 'pause'; person: string; reason: string }
  | { kind: 'continue'; person: string }
  | { kind: 'abort'; person: string; reason: string };

/** The events that a command causes, or a refusal. Pure: it looks at nothing but the state. */
export function decide(state: CeremonyState, command: Command): CeremonyEvent[] {
  if (state.status === 'completed' || state.status === 'aborted') {
    throw new Refusal('CEREMONY_OVER', { status: state.status });
  }
  if (command.kind === 'abort') {
    return [
      {
        kind: 'ceremony.aborted',
        body: {
          person: speaker(state, command.person),
          reason: command.reason,
          unreconciled: state.intent ? (currentStep(state)?.id ?? null) : null,
        },
      },
    ];
  }
  if (command.kind === 'deviate') {
    const person = speaker(state, command.person);
    return [{ kind: 'ceremony.deviation', body: { step: state.position + 1, person, text: command.text } }];
  }
  if (command.kind === 'continue') {
    if (state.status !== 'paused') throw new Refusal('CEREMONY_NOT_PAUSED');
    return [{ kind: 'ceremony.continued', body: { person: speaker(state, command.person) } }];
  }
  if (state.status === 'paused') throw new Refusal('CEREMONY_PAUSED');
  const printing = pendingPrint(state) !== null;
  if (command.kind === 'pause') {
    // What became of an effect is read back before anybody leaves the room.
    if (state.intent || printing) throw new Refusal('STEP_INTERRUPTED', { step: currentStep(state)?.id ?? '' });
    return [{ kind: 'ceremony.paused', body: { person: speaker(state, command.person), reason: command.reason } }];
  }

  const step = currentStep(state);
  if (step?.id !== command.step) throw new Refusal('STEP_NOT_CURRENT', { step: command.step });
  const closesIntent =
    command.kind === 'finish' || command.kind === 'fail' || command.kind === 'undo' || command.kind === 'adopt';
  const ofPrint = command.kind === 'print' || command.kind === 'queue' || command.kind === 'printed';
  if ((state.intent || printing) && !closesIntent && !ofPrint && !isAcceptance(command)) {
    throw new Refusal('STEP_INTERRUPTED', { step: step.id });
  }
  if (!state.intent && closesIntent) throw new Error(`step ${step.id} has no intent`);
  if (printing ? closesIntent || command.kind === 'print' : command.kind === 'queue' || command.kind === 'printed') {
    throw new Error(`step ${step.id}: a print is ${printing ? 'under way' : 'not under way'}`);
  }

  switch (command.kind) {
    case 'answer': {
      const ask = command.asks.find(({ id }) => id === command.ask);
      if (!ask) throw new Refusal('ASK_UNKNOWN', { step: step.id, ask: command.ask });
      refuseUnfit(state, step, ask, command.answer);
      const { answer } = command;
      const recorded =
        'person' in answer && ask.kind === 'accept' ? { person: acceptor(state, ask, answer.person) } : answer;
      return [{ kind: 'step.answered', body: { step: step.id, ask: ask.id, answer: recorded } }];
    }
    case 'confirm': {
      if (!step.confirming.includes(command.role)) {
        throw new Refusal('ASK_UNKNOWN', { step: step.id, ask: command.role });
      }
      refusePending(step, command.asks);
      if (command.shown !== command.showing) throw new Refusal('SHOWN_DIFFERENT', { step: step.id });
      if (state.confirmed.includes(command.role)) return [];
      const person = holder(state.participants, command.role);
      if (person === null) throw new Refusal('PARTICIPANTS_MISSING', { role: command.role, needed: 1, present: 0 });
      const { role, shown } = command;
      return [{ kind: 'step.confirmed', body: { step: step.id, role, person, shown } }];
    }
    case 'intend': {
      refusePending(step, command.asks);
      const silent = step.confirming.find((role) => !state.confirmed.includes(role));
      if (silent) throw new Refusal('CONFIRMATION_MISSING', { role: silent, step: step.id });
      refuseBelowThreshold(state, step);
      const { prepared } = command;
      return [{ kind: 'step.intent', body: { step: step.id, action: step.action, prepared } }];
    }
    case 'reopen':
      return state.confirmed.length > 0 ? [{ kind: 'step.reopened', body: { step: step.id } }] : [];
    case 'refuse':
      return [{ kind: 'step.refused', body: { step: step.id, error: command.error } }];
    case 'finish':
      return finished(state, step, command.result, command.facts);
    case 'fail':
      return [{ kind: 'step.failed', body: { step: step.id, error: command.error } }];
    case 'undo':
      return [{ kind: 'step.undone', body: { step: step.id, detail: command.detail } }];
    case 'print': {
      const { sheet, printer } = command;
      const copy = copiesOf(state, sheet) + 1;
      if (copy > 1 && command.again === null) throw new Error(`${sheet} is printed again and nobody says why`);
      const again = command.again && witnessed(state, command.again);
      return [{ kind: 'print.intent', body: { step: step.id, sheet, copy, printer, again } }];
    }
    case 'queue':
      return [{ kind: 'print.job', body: { step: step.id, job: command.job } }];
    case 'printed': {
      const { outcome, detail, others, ended } = command;
      return [{ kind: 'print.result', body: { step: step.id, outcome, detail, others, ended } }];
    }
    case 'adopt':
      return [
        { kind: 'step.adopted', body: { step: step.id, detail: command.detail } },
        ...finished(state, step, command.result, command.facts),
      ];
  }
}

/** The way back to the token of an interrupted step can ask for somebody's word: that the clock is known to be wrong, a last try. */
function isAcceptance(command: Command): boolean {
  return command.kind === 'answer' && command.asks.some(({ id, kind }) => id === command.ask && kind === 'accept');
}

/** Nobody confirms, and nothing is done, before everything is given. ANSWERS_PENDING. */
export function refusePending(step: ScriptStep, asks: Ask[]): void {
  const pending = asks.filter((ask) => !isAnswered(ask));
  if (pending.length === 0) return;
  throw new Refusal('ANSWERS_PENDING', { step: step.id, asks: pending.map(({ label }) => label).join(', ') });
}

/** A recovery begins when as many custodians have come as the policy's threshold says. */
function refuseBelowThreshold({ script, participants }: CeremonyState, step: ScriptStep): void {
  if (!RECOVERIES.includes(step.action)) return;
  const needed = script.policy.threshold;
  const present = participants.filter(({ role }) => CUSTODIANS.includes(role)).length;
  if (present < needed) throw new Refusal('PARTICIPANTS_MISSING', { role: 'custodian', needed, present });
}

/** Given, or a question that may stay open. */
export function isAnswered(ask: Ask): boolean {
  return ask.given || (ask.kind === 'text' && ask.optional);
}

function finished(state: CeremonyState, step: ScriptStep, result: unknown, facts: Fact[]): CeremonyEvent[] {
  const named = (role: Role) => ({ role, name: personOf(state, role) });
  const events: CeremonyEvent[] = [
    {
      kind: 'step.result',
      body: { step: step.id, result, facts, acted: named(step.acting), confirmed: step.confirming.map(named) },
    },
  ];
  if (state.position + 1 === state.script.steps.length) events.push({ kind: 'ceremony.completed', body: {} });
  return events;
}

/** The person of a role, for the roles that one person holds; custodians act as a body and have no single name. */
export function personOf(state: CeremonyState, role: Role): string | null {
  return holder(state.participants, role);
}

/**
 * The participant of this name, as it was given when roles were taken: nobody else speaks in a ceremony. Before that, whoever says
 * so. PERSON_UNKNOWN.
 */
export function speaker({ participants }: CeremonyState, person: string): string {
  if (participants.length === 0) return person;
  const found = participants.find(({ name }) => foldedName(name) === foldedName(person));
  if (!found) throw new Refusal('PERSON_UNKNOWN', { person });
  return found.name;
}

/** Two people who are here: one who asks, and another who saw the copy before destroyed. PERSON_UNKNOWN, DUAL_CONTROL. */
function witnessed(state: CeremonyState, { reason, person, seenBy }: Again): Again {
  const [asks, saw] = [speaker(state, person), speaker(state, seenBy)];
  if (foldedName(asks) === foldedName(saw)) throw new Refusal('DUAL_CONTROL', { person: saw });
  return { reason, person: asks, seenBy: saw };
}

/** Who accepts, as they were named: the one who is asked, or one who has the role. Before roles are taken, whoever says so. */
function acceptor(state: CeremonyState, { by, label }: Extract<Ask, { kind: 'accept' }>, person: string): string {
  const { participants } = state;
  const asked =
    typeof by === 'object' ? [by.name] : participants.filter(({ role }) => role === by).map(({ name }) => name);
  const found = asked.find((name) => foldedName(name) === foldedName(person));
  if (found !== undefined) return found;
  const said = speaker(state, person);
  if (participants.length === 0 && asked.length === 0) return said;
  throw new Refusal('INPUT_INVALID', because('answer.acceptor', { label, people: asked.join(' / ') }));
}

function holder(participants: Participant[], role: Role): string | null {
  const holders = participants.filter((participant) => participant.role === role);
  return holders.length === 1 ? (holders[0]?.name ?? null) : null;
}

function refuseUnfit(state: CeremonyState, step: ScriptStep, ask: Ask, answer: Answer): void {
  const { label } = ask;
  const misfit = (params: ErrorParams) => new Refusal('INPUT_INVALID', params);
  switch (ask.kind) {
    case 'people':
      if (!('participants' in answer)) throw misfit(because('answer.names', { label }));
      refuseParticipants(state.script, answer.participants);
      return;
    case 'text':
      if (!('text' in answer)) throw misfit(because('answer.text', { label }));
      if (!ask.optional && answer.text.trim() === '') throw misfit(because('answer.text', { label }));
      return;
    case 'choice': {
      const option = ask.options.find(({ value }) => 'text' in answer && value === answer.text);
      const options = ask.options.map(({ value }) => value).join(', ');
      if (!option) throw misfit(because('answer.choice', { label, options }));
      return;
    }
    case 'accept': {
      if (!('person' in answer)) throw misfit(because('answer.name', { label }));
      acceptor(state, ask, answer.person);
      return;
    }
    case 'words': {
      if (!('ticks' in answer)) throw misfit(because('answer.ticks', { label }));
      const all = answer.ticks.length === ask.words.length && answer.ticks.every(([first, second]) => first && second);
      if (!all) throw new Refusal('WORDS_DIFFER');
      return;
    }
    case 'custody': {
      if (!('rows' in answer)) throw misfit(because('answer.rows', { label }));
      refuseUnfitCustody(ask, answer.rows, state.participants);
      return;
    }
    case 'share':
    case 'secret':
      // Never an answer that would be recorded: secrets come through the secret channel, and the text of a share,
      // though encrypted, is to be on paper only.
      throw new Refusal('ASK_UNKNOWN', { step: step.id, ask: ask.id });
  }
}

/** Who brings a sheet of the old share set may take one of the new: both are one custodian's part. */
function isCustodianOfBoth(one: Role, other: Role): boolean {
  return one !== other && CUSTODIANS.includes(one) && CUSTODIANS.includes(other);
}

/** Enough people for every role, and nobody twice (dual control). */
export function refuseParticipants(script: Script, participants: Participant[]): void {
  for (const [role, needed] of Object.entries(script.participants) as [Role, number][]) {
    const present = participants.filter((participant) => participant.role === role).length;
    if (present !== needed) throw new Refusal('PARTICIPANTS_MISSING', { role, needed, present });
  }
  const uncalled = participants.find(({ role }) => script.participants[role] === undefined);
  if (uncalled) throw new Refusal('PARTICIPANTS_MISSING', { role: uncalled.role, needed: 0, present: 1 });
  const seen: Participant[] = [];
  for (const { role, name } of participants) {
    const folded = foldedName(name);
    if (folded === '') throw new Refusal('INPUT_INVALID', because('answer.aName'));
    const another = seen.find((held) => held.name === folded && !isCustodianOfBoth(held.role, role));
    if (another) throw new Refusal('DUAL_CONTROL', { person: name });
    seen.push({ role, name: folded });
  }
}
