import { roleName } from '../contract/messages/role-names.ts';
import type { Role } from '../contract/roles.ts';
import type { Participant, Script } from '../contract/script.ts';
import type { Mode } from '../contract/ceremony.ts';
import type { PaperScript } from '../print/paper-script.ts';
import { actionNamed } from './registry.ts';
import { type CeremonyState, evolve } from './state.ts';

/** What a script says of its ceremony before the day. */

/** The files that each step would write, in the script's order. */
export function filesOf(script: Script, text: string, mode: Mode): string[][] {
  const state = stateForeseen(script, text, mode);
  return script.steps.map(({ action: name, parameters }) => {
    const action = actionNamed(name);
    return action.files?.(state, action.parameters.parse(parameters)) ?? [];
  });
}

/** The paper script of a checked script. Of files, those of a live ceremony: training may write more. */
export function paperScriptOf(
  script: Script,
  text: string,
  { sha256, paper, language }: Pick<PaperScript, 'sha256' | 'paper' | 'language'>,
): PaperScript {
  const written = script.steps.map(({ action: name, parameters }, index) => {
    const action = actionNamed(name);
    return { step: index + 1, ...action.paper?.(action.parameters.parse(parameters), { language }) };
  });
  return {
    script,
    sha256,
    writes: filesOf(script, text, 'live'),
    incoming: written.flatMap(({ step, incoming = [] }) => incoming.map((file) => ({ step, ...file }))),
    shares: written.some(({ shares }) => shares === true),
    cards: written.some(({ cards }) => cards === true),
    sealed: written.flatMap(({ step, sealed = [] }) =>
      sealed.map(({ what, holder }) => ({ step, what, holder: holder === null ? '' : roleName({ language }, holder) })),
    ),
    ...{ paper, language },
  };
}

/** The ceremony as it would stand when everybody has taken a role and nothing else is done. */
function stateForeseen(script: Script, text: string, mode: Mode): CeremonyState {
  const body = {
    script: text,
    scriptSha256: '',
    mode,
    out: '',
    copy: null,
    previous: null,
    after: null,
    tokenFile: null,
    token: '',
  };
  const begun = evolve(null, { kind: 'ceremony.begun', at: '', body }, '');
  const participants = (Object.entries(script.participants) as [Role, number][]).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, index): Participant => ({ role, name: `${role} ${index + 1}` })),
  );
  return { ...begun, participants };
}
