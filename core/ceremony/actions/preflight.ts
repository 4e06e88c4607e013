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
    const machine = await inspectMachine({ live: state.mode === 'live', data, out, copy, now: clock() });
    return [...machine, await tokenCheck(context)];
  },
  asks: ({ state }, _parameters, looked) => {
    const sha256 = Buffer.from(state.scriptSha256, 'hex').subarray(0, SCRIPT_WORDS);
    const script: Unasked<ActionAsk> = {
      id: 'script-words',
      kind: 'words',
      label: 'The script: compare the words with the paper script',
      words: wordsOf(sha256),
      hex: sha256.toString('hex'),
      roles: comparedBy(state.script),
    };
    const clock: Unasked<ActionAsk> = {
      id: 'clock',
      kind: 'accept',
      label: 'The clock shows the time of the room, in UTC',
      by: 'operator',
      tone: 'plain',
    };
    const warnings = warningsOf(looked);
    if (warnings.length === 0) return [script, clock];
    const label = `Accept the warnings: ${warnings.map((warning) => warning.label).join(', ')}`;
    return [
      script,
      clock,
      { id: acceptanceOf(warnings), kind: 'accept', label, by: 'ceremonyAdministrator', tone: 'warning' },
    ];
  },
  prepare: () => Promise.resolve(null),
  perform: async (context, parameters) => {
    const facts = (await preflight.look?.(context, parameters)) ?? [];
    const failed = facts.flatMap((fact) =>
      fact.kind === 'check' && fact.verdict === 'no-go' ? [`${fact.label} (${fact.detail})`] : [],
    );
    if (failed.length > 0) throw new Refusal('PREFLIGHT_FAILED', { checks: failed.join('; ') });
    const { answers, scriptSha256 } = context.state;
    const personOf = (ask: string) => {
      const answer = answers[ask];
      return answer && 'person' in answer ? answer.person : null;
    };
    const warnings = warningsOf(facts);
    const acceptedBy = warnings.length === 0 ? null : personOf(acceptanceOf(warnings));
    if (warnings.length > 0 && acceptedBy === null) {
      throw new Refusal('ANSWERS_PENDING', { step: 'preflight', asks: 'Accept the warnings' });
    }
    const clockBy = personOf('clock') ?? '';
    const said: Fact[] = [
      ...(acceptedBy === null ? [] : [{ kind: 'row' as const, label: 'Warnings accepted by', value: acceptedBy }]),
      { kind: 'row', label: 'Clock compared by', value: clockBy },
      {
        kind: 'words',
        label: 'The script, compared with the paper script',
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
function acceptanceOf(warnings: Check[]): string {
  const said = warnings.map(({ label, detail }) => (label === 'Clock' ? label : `${label}: ${detail}`));
  return `accept-${createHash('sha256').update(said.join('\n')).digest('hex').slice(0, 16)}`;
}

/** What the module says of the ceremony's token without a login (PKCS#11 v2.40, 5.5). */
async function tokenCheck({ state, blank, tokenLocation }: LookContext): Promise<Check> {
  const say = (verdict: Check['verdict'], detail: string): Check => ({
    kind: 'check',
    label: 'Token',
    verdict,
    detail,
  });
  try {
    const location = tokenLocation();
    if (location.kind === 'software') return say('go', `software token ${location.token}`);
    const { module, parameters } = location;
    const { slots } = await (await blank()).call('probe', { module, parameters });
    const found = slots.flatMap(({ token }) => (token?.label === location.token ? [token] : []));
    if (found.length > 1) return say('no-go', `${found.length} tokens are called ${location.token}`);
    const [token] = found;
    if (!token) {
      const toBeMade = state.script.steps.some(({ action }) => action === 'initialise-token');
      return say(toBeMade ? 'go' : 'no-go', `${location.token} is in no slot${toBeMade ? ' yet' : ''}`);
    }
    const { user } = token.pin;
    const verdict =
      user === 'locked' ? 'no-go' : user === 'one try left' || user === 'a try has failed' ? 'warning' : 'go';
    return say(verdict, `${token.label}, serial ${token.serial}, firmware ${token.firmware}; PIN: ${user}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return say('no-go', explain(error.value).says);
  }
}
