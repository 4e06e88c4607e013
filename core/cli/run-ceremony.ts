import type { Ask, CeremonyView, CurrentStep, Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { ROLE_NAMES } from '../contract/roles.ts';
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
    const said = new Set<string>();
    sayFacts(step.facts, said);
    if (step.readAloud !== null) say(`  Read aloud: ${step.readAloud}`);
    try {
      await giveAnswers(core, view, responder, again, said);
      again = false;
      view = valueOf(await core.call('ceremony.perform', { ceremony: view.id, step: step.id }));
    } catch (error) {
      if (!(error instanceof Refusal) || !(await responder.again(error.value))) throw error;
      again = true;
      view = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
      continue;
    }
    sayFacts(view.records.at(-1)?.facts ?? [], said);
  }
  return view;
}

/** Gives the current step everything that it waits for: answers, secrets, confirmations. `said`: the facts that were shown. */
export async function giveAnswers(
  core: Core,
  view: CeremonyView,
  responder: Responder,
  again = false,
  said = new Set<string>(),
): Promise<void> {
  const step = view.current;
  if (!step) return;
  const place = { ceremony: view.id, step: step.id };
  const asked = new Set<string>();
  const isOpen = (ask: Ask) =>
    // After a refusal a written answer may be what was wrong: it is asked again.
    !asked.has(ask.id) && (!ask.given || (again && (ask.kind === 'text' || ask.kind === 'choice')));
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
  const shown = current?.shown ?? '';
  const confirming = (current?.confirming ?? []).filter(({ confirmed }) => !confirmed);
  // Who confirms has seen what answers made of the facts: the confirmation is good for these alone.
  if (confirming.length > 0) sayFacts(current?.facts ?? [], said);
  for (const { role, name } of confirming) {
    if (!(await responder.confirm(`${ROLE_NAMES[role]} ${name ?? ''} confirms`))) {
      throw new Refusal('CONFIRMATION_MISSING', { role: ROLE_NAMES[role], step: step.id });
    }
    valueOf(await core.call('ceremony.confirm', { ...place, role, shown }));
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

/** Those that were not said of this step before. */
function sayFacts(facts: Fact[], said: Set<string>): void {
  for (const line of facts.map(lineOf)) {
    if (!said.has(line)) say(`  ${line}`);
    said.add(line);
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
