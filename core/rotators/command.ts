import { Refusal } from '../contract/errors.ts';
import type { RotatorSettings } from '../contract/rotation-plan.ts';
import { wipe } from '../process/guarded.ts';
import { findProgram, runProgram } from './program.ts';
import { draw } from './random.ts';
import type { Rotator, RotatorTools } from './rotator.ts';

/** By a program of the operator's: `PROGRAM apply|verify|roll-back SECRET`, the value on standard input. To roll back it gets the present one. */
export function commandRotator(
  settings: Extract<RotatorSettings, { name: 'command' }>,
  { secret, programs, open }: RotatorTools,
): Rotator {
  const { program, value, seconds } = settings;
  const run = async (step: 'apply' | 'verify' | 'roll-back', input: Uint8Array) => {
    const failed = await runProgram(findProgram(programs, program), [step, secret], input, seconds);
    if (failed !== null) throw new Refusal('ROTATOR_FAILED', { rotator: 'command', step, detail: failed });
  };
  return {
    foresee: () => Promise.resolve(findProgram(programs, program)),
    prepare: () => Promise.resolve(draw(value)),
    apply: (next) => run('apply', next),
    verify: (next) => run('verify', next),
    async rollBack() {
      const present = await open('present');
      try {
        await run('roll-back', present ?? new Uint8Array(0));
      } finally {
        wipe(present);
      }
    },
  };
}
