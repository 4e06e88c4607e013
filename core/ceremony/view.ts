import type { CeremonyView, CurrentStep } from '../contract/ceremony.ts';
import { wordsOf } from '../contract/words.ts';
import { isAnswered, personOf } from './decide.ts';
import { actionNamed } from './registry.ts';
import type { Runner } from './runner.ts';
import { shownOf } from './shown.ts';
import { type CeremonyState, currentStep } from './state.ts';

/** What a face shows of a ceremony. Every decision in it (what is given, who is missing, may it go on) is made here. */
export async function viewOf(runner: Runner, version: number): Promise<CeremonyView> {
  const { state } = runner;
  const { script } = state;
  const step = currentStep(state);
  const over = state.status === 'completed' || state.status === 'aborted';
  const following = script.steps[state.position + 1];
  return {
    id: state.id,
    title: script.title,
    organisation: script.organisation,
    purpose: script.purpose,
    mode: state.mode,
    language: state.language,
    scriptLanguage: script.language,
    status: runner.running && state.status === 'interrupted' ? 'running' : state.status,
    scriptSha256: state.scriptSha256,
    scriptWords: wordsOf(Buffer.from(state.scriptSha256, 'hex').subarray(0, 8)),
    token: state.token,
    tokenFile: state.tokenFile?.path ?? null,
    out: state.out,
    copy: state.copy,
    participants: state.participants,
    steps: script.steps.map(({ id, section, title, acting }, index) => ({
      number: index + 1,
      id,
      section,
      title,
      state: index < state.position ? 'done' : index === state.position && !over ? 'current' : 'pending',
      acting,
    })),
    current: step && !over ? await currentOf(runner, step) : null,
    next: following ? { role: following.acting, name: personOf(state, following.acting) } : null,
    records: state.records.map(({ step: done, at, facts }, index) => ({
      step: done.id,
      number: index + 1,
      title: done.title,
      at,
      facts,
    })),
    deviations: state.deviations,
    paused: state.paused,
    pausing: runner.pausing,
    aborted: state.aborted,
    version,
  };
}

async function currentOf(runner: Runner, step: CeremonyState['script']['steps'][number]): Promise<CurrentStep> {
  const { state } = runner;
  const { asks, facts } = await runner.look();
  // An interrupted step is confirmed again when it is begun again; to read back what became of it, nobody needs to.
  const confirming = (state.status === 'interrupted' ? [] : step.confirming).map((role) => ({
    role,
    name: personOf(state, role),
    confirmed: state.confirmed.includes(role),
  }));
  const answered = asks.every(isAnswered);
  return {
    number: state.position + 1,
    id: step.id,
    action: step.action,
    title: step.title,
    instruction: step.instruction,
    readAloud: step.readAloud ?? null,
    acting: { role: step.acting, name: personOf(state, step.acting) },
    confirming,
    shown: shownOf(state, asks, facts),
    confirmable: answered && state.status !== 'paused',
    asks,
    facts,
    primary: step.primary,
    reprintable: isHeld(runner) ? [] : (actionNamed(step.action).reprintable?.(state) ?? []),
    ready: !runner.running && state.status !== 'paused' && answered && confirming.every(({ confirmed }) => confirmed),
    running: runner.running,
    progress: runner.progress,
    failure: state.failure,
  };
}

/** While something is under way or people are away, nothing is printed again. */
function isHeld(runner: Runner): boolean {
  return runner.running || runner.state.status !== 'running';
}
