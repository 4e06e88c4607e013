import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { explain } from '../../contract/explain.ts';
import { wordsOf } from '../../contract/words.ts';
import { type Action, type ActionAsk, type LookContext, type Unasked, nothingToUndo } from '../action.ts';
import { comparedBy } from '../incoming.ts';
import { type Check, inspectMachine } from '../machine.ts';
import { preflightResult } from '../results.ts';
import { say } from '../say.ts';
import type { CeremonyState } from '../state.ts';

/** Bytes of the script's SHA-256 that stand on the paper script as words. */
const SCRIPT_WORDS = 8;

/**
 * Looks at the machine and the token before anything is done with them, and has the script compared with its paper. A
 * no-go stops; a warning is accepted by name, and that acceptance is good for these very warnings only.
 */
export const preflight: Action<Record<string, never>, null, z.infer<typeof preflightResult>> = {
  name: 'preflight',
  parameters: z
    .strictObject({})
    .describe('Looks at the machine. A no-go stops; a warning is accepted by name when live.'),
  result: preflightResult,
  needs: [],
  // Warnings are accepted by people whose names stand.
  after: ['take-roles'],
  look: async (context) => {
    const { state, clock, data } = context;
    const { out, copy } = state;
    const machine = await inspectMachine({
      language: state.language,
      live: state.mode === 'live',
      data,
      out,
      copy,
      now: clock(),
    });
    return [...machine, await tokenCheck(context)];
  },
  asks: ({ state }, _parameters, looked) => {
    const sha256 = Buffer.from(state.scriptSha256, 'hex').subarray(0, SCRIPT_WORDS);
    const script: Unasked<ActionAsk> = {
      id: 'script-words',
      kind: 'words',
      label: say(state, 'preflight.words'),
      words: wordsOf(sha256),
      hex: sha256.toString('hex'),
      roles: comparedBy(state.script),
    };
    const clock: Unasked<ActionAsk> = {
      id: 'clock',
      kind: 'accept',
      label: say(state, 'preflight.clock'),
      by: 'operator',
      tone: 'plain',
    };
    const warnings = warningsOf(looked);
    if (warnings.length === 0) return [script, clock];
    const named = warnings.map((warning) => warning.label).join(', ');
    const label = say(state, 'preflight.accept', { warnings: named });
    return [
      script,
      clock,
      { id: acceptanceOf(state, warnings), kind: 'accept', label, by: 'ceremonyAdministrator', tone: 'warning' },
    ];
  },
  prepare: () => Promise.resolve(null),
  perform: async (context, parameters) => {
    const facts = (await preflight.look?.(context, parameters)) ?? [];
    const failed = facts.flatMap((fact) =>
      fact.kind === 'check' && fact.verdict === 'no-go' ? [`${fact.label} (${fact.detail})`] : [],
    );
    if (failed.length > 0) throw new Refusal('PREFLIGHT_FAILED', { checks: failed.join('; ') });
    const { state } = context;
    const { answers, scriptSha256 } = state;
    const personOf = (ask: string) => {
      const answer = answers[ask];
      return answer && 'person' in answer ? answer.person : null;
    };
    const warnings = warningsOf(facts);
    const acceptedBy = warnings.length === 0 ? null : personOf(acceptanceOf(state, warnings));
    if (warnings.length > 0 && acceptedBy === null) {
      throw new Refusal('ANSWERS_PENDING', { step: 'preflight', asks: say(state, 'preflight.pending') });
    }
    const clockBy = personOf('clock') ?? '';
    const said: Fact[] = [
      ...(acceptedBy === null
        ? []
        : [{ kind: 'row' as const, label: say(state, 'preflight.acceptedBy'), value: acceptedBy }]),
      { kind: 'row', label: say(state, 'preflight.clockBy'), value: clockBy },
      {
        kind: 'words',
        label: say(state, 'preflight.compared'),
        words: wordsOf(Buffer.from(scriptSha256, 'hex').subarray(0, SCRIPT_WORDS)),
        hex: scriptSha256,
      },
    ];
    return {
      result: { warnings: warnings.map(({ label }) => label), acceptedBy, clockBy },
      facts: [...facts, ...said],
    };
  },
  reconcile: nothingToUndo,
};

function warningsOf(facts: Fact[]): Check[] {
  return facts.filter((fact) => fact.kind === 'check').filter(({ verdict }) => verdict === 'warning');
}

/** The ask that accepts these warnings: others have another one. The clock's minute is not part of a warning. */
function acceptanceOf(state: CeremonyState, warnings: Check[]): string {
  const clock = say(state, 'machine.clock');
  const said = warnings.map(({ label, detail }) => (label === clock ? label : `${label}: ${detail}`));
  return `accept-${createHash('sha256').update(said.join('\n')).digest('hex').slice(0, 16)}`;
}

/** What the module says of the ceremony's token without a login (PKCS#11 v2.40, 5.5). */
async function tokenCheck({ state, blank, tokenLocation }: LookContext): Promise<Check> {
  const seen = (verdict: Check['verdict'], detail: string): Check => ({
    kind: 'check',
    label: say(state, 'preflight.token'),
    verdict,
    detail,
  });
  try {
    const location = tokenLocation();
    if (location.kind === 'software') return seen('go', say(state, 'preflight.software', { token: location.token }));
    const { module, parameters } = location;
    const { slots } = await (await blank()).call('probe', { module, parameters });
    const found = slots.flatMap(({ token }) => (token?.label === location.token ? [token] : []));
    if (found.length > 1) {
      return seen('no-go', say(state, 'preflight.twins', { count: found.length, token: location.token }));
    }
    const [token] = found;
    if (!token) {
      const toBeMade = state.script.steps.some(({ action }) => action === 'initialise-token');
      const missing = toBeMade ? 'preflight.toBeMade' : 'preflight.noToken';
      return seen(toBeMade ? 'go' : 'no-go', say(state, missing, { token: location.token }));
    }
    const { user } = token.pin;
    const verdict =
      user === 'locked' ? 'no-go' : user === 'one try left' || user === 'a try has failed' ? 'warning' : 'go';
    const { label, serial, firmware } = token;
    return seen(
      verdict,
      say(state, 'preflight.found', { token: label, serial, firmware, pin: say(state, `pinState.${user}`) }),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return seen('no-go', explain(error.value, state.language).says);
  }
}
