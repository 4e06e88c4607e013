import type { Participant, Role, Script } from '../contract/script.ts';
import { actionNamed } from './registry.ts';
import { type CeremonyState, evolve } from './state.ts';

/** What a script says of its ceremony before the day. */

/** The files that each step would write, in the script's order; in training, where the most are written. */
export function filesOf(script: Script, text: string): string[][] {
  const state = stateForeseen(script, text);
  return script.steps.map(({ action: name, parameters }) => {
    const action = actionNamed(name);
    return action.files?.(state, action.parameters.parse(parameters)) ?? [];
  });
}

/** The ceremony as it would stand when everybody has taken a role and nothing else is done. */
function stateForeseen(script: Script, text: string): CeremonyState {
  const body = { script: text, scriptSha256: '', mode: 'training' as const, out: '', tokenFile: null, token: '' };
  const begun = evolve(null, { kind: 'ceremony.begun', at: '', body }, '');
  const participants = (Object.entries(script.participants) as [Role, number][]).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, index): Participant => ({ role, name: `${role} ${index + 1}` })),
  );
  return { ...begun, participants };
}
