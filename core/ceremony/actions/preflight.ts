import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { wordsOf } from '../../contract/words.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { inspectMachine } from '../machine.ts';

type Result = { noGo: number; warnings: number };

/** Looks at the machine before anything else is done on it. A no-go stops; a warning is accepted by name when live. */
export const preflight: Action<Record<string, never>, null, Result> = {
  name: 'preflight',
  parameters: z
    .strictObject({})
    .describe('Looks at the machine. A no-go stops; a warning is accepted by name when live.'),
  result: z.custom<Result>(),
  needs: [],
  look: async ({ state, clock, data }) => {
    const sha256 = Buffer.from(state.scriptSha256, 'hex');
    const words: Fact = {
      kind: 'words',
      label: 'The script, compared with the paper script',
      words: wordsOf(sha256.subarray(0, 8)),
      hex: state.scriptSha256,
    };
    return [...(await inspectMachine({ live: state.mode === 'live', data, out: state.out, now: clock() })), words];
  },
  asks: ({ state }, _parameters, looked) => {
    const warned = looked.some((fact) => fact.kind === 'check' && fact.verdict === 'warning');
    if (!warned || state.mode === 'training') return [];
    return [{ id: 'accept', kind: 'accept', label: 'Accept the warnings', by: 'ceremonyAdministrator' }];
  },
  prepare: () => Promise.resolve(null),
  perform: async (context, parameters) => {
    const facts = (await preflight.look?.(context, parameters)) ?? [];
    const checks = facts.filter((fact) => fact.kind === 'check');
    const failed = checks.filter(({ verdict }) => verdict === 'no-go').map(({ label }) => label);
    if (failed.length > 0) throw new Refusal('PREFLIGHT_FAILED', { checks: failed.join(', ') });
    const warnings = checks.filter(({ verdict }) => verdict === 'warning').length;
    return { result: { noGo: 0, warnings }, facts };
  },
  reconcile: nothingToUndo,
};
