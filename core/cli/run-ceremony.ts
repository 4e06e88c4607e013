import type { Ask, CeremonyView, CurrentStep, Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { ROLE_NAMES } from '../contract/script.ts';
import { wipe } from '../process/guarded.ts';
import { valueOf } from '../process/rpc.ts';
import type { CoreProcess } from '../service/client.ts';
import { say } from './report.ts';
import type { Responder, SecretAsk } from './responder.ts';

/** What answering takes of a core process. */
export type Core = Pick<CoreProcess, 'call' | 'sendSecret'>;

/** Walks a ceremony from where it is to its end, with whoever answers. Throws the refusal that ended it. */
export async function runCeremony(core: Core, begun: CeremonyView, responder: Responder): Promise<CeremonyView> {
  let view = begun;
  say(`${view.title}, ${view.organisation}`);
  say(`${view.mode.toUpperCase()} on ${view.token}. Script ${view.scriptWords.join(' ')}`);
  let again = false;
  while ((view.status === 'running' || view.status === 'interrupted') && view.current) {
    const step = view.current;
    if (view.status === 'interrupted') {
      say(`\nStep ${step.number}, ${step.title}, was interrupted. Reading back what really happened.`);
      await giveAnswers(core, view, responder);
      view = valueOf(await core.call('ceremony.resume', { ceremony: view.id }));
      continue;
    }
    say(`\n${step.number} of ${view.steps.length}  ${step.title}`);
    say(`  ${step.instruction}`);
    for (const fact of step.facts) say(`  ${lineOf(fact)}`);
    if (step.readAloud !== null) say(`  Read aloud: ${step.readAloud}`);
    try {
      await giveAnswers(core, view, responder, again);
      again = false;
      view = valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: step.id }));
    } catch (error) {
      if (!(error instanceof Refusal) || !(await responder.again(error.value))) throw error;
      again = true;
      view = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
      continue;
    }
    // A step that showed facts beforehand records the same ones.
    if (step.facts.length > 0) continue;
    for (const fact of view.records.at(-1)?.facts ?? []) say(`  ${lineOf(fact)}`);
  }
  return view;
}

/** Gives the current step everything that it waits for: answers, secrets, confirmations. */
export async function giveAnswers(core: Core, view: CeremonyView, responder: Responder, again = false): Promise<void> {
  const step = view.current;
  if (!step) return;
  const place = { ceremony: view.id, step: step.id };
  const asked = new Set<string>();
  const isOpen = (ask: Ask) =>
    // After a refusal a written answer may be what was wrong: it is asked again.
    !asked.has(ask.id) && (!ask.given || (again && ask.kind === 'text'));
  let current: CurrentStep | null = step;
  // An answer can bring another question: the path of a file, the words of its hash.
  for (let ask = step.asks.find(isOpen); ask; ask = current?.asks.find(isOpen)) {
    asked.add(ask.id);
    if (ask.kind === 'secret') await provide(core, place, ask, responder);
    else {
      const answer = await responder.answer(ask);
      if (answer) valueOf(await core.call('ceremony.answer', { ...place, ask: ask.id, answer }));
    }
    // Names are known only now, if this was the step that took them.
    ({ current } = valueOf(await core.call('ceremony.view', { ceremony: view.id })));
  }
  for (const { role, name, confirmed } of current?.confirming ?? []) {
    if (confirmed) continue;
    if (!(await responder.confirm(`${ROLE_NAMES[role]} ${name ?? ''} confirms`))) {
      throw new Refusal('CONFIRMATION_MISSING', { role: ROLE_NAMES[role], step: step.id });
    }
    valueOf(await core.call('ceremony.confirm', { ...place, role }));
  }
}

async function provide(
  core: Core,
  place: { ceremony: string; step: string },
  ask: SecretAsk,
  responder: Responder,
): Promise<void> {
  const secret = await responder.secret(ask);
  try {
    const ticket = await core.sendSecret(secret);
    valueOf(await core.call('ceremony.provide', { ...place, ask: ask.id, ticket }));
  } finally {
    wipe(secret);
  }
}

/** A fact on one line. */
export function lineOf(fact: Fact): string {
  switch (fact.kind) {
    case 'row':
      return `${fact.label}: ${fact.value}`;
    case 'check':
      return `${fact.verdict.padEnd(8)}${fact.label}: ${fact.detail}`;
    case 'words':
      return `${fact.label}: ${fact.words.join(' ')}`;
    case 'file':
      return `${fact.path}  ${fact.sha256}`;
  }
}
