import { randomFillSync } from 'node:crypto';
import type { Drawn } from '../contract/rotation-plan.ts';
import { guarded, wipe } from '../process/guarded.ts';
import type { Rotator } from './rotator.ts';

/** A new value, each of its letters as likely as any other, in guarded memory. The caller wipes it. */
export function draw(drawn: Drawn): Uint8Array {
  if ('bytes' in drawn) return randomFillSync(guarded(drawn.bytes));
  const { length, alphabet } = drawn;
  const value = guarded(length);
  const pool = guarded(256);
  // Above it some letters would come more often.
  const limit = 256 - (256 % alphabet.length);
  for (let filled = 0; filled < length;) {
    for (const byte of randomFillSync(pool)) {
      if (byte < limit && filled < length) value[filled++] = alphabet.charCodeAt(byte % alphabet.length);
    }
  }
  wipe(pool);
  return value;
}

const nothing = () => Promise.resolve();

/** Of what people put where it is used: it makes no value of its own. */
export function handRotator(): Rotator {
  return {
    foresee: () => Promise.resolve(null),
    prepare: () => Promise.reject(new Error('by hand nothing is drawn')),
    ...{ apply: nothing, verify: nothing, rollBack: nothing },
  };
}

/** Of what the vault alone knows, or programs that read it anew. */
export function randomRotator(value: Drawn): Rotator {
  return {
    foresee: () => Promise.resolve(null),
    prepare: () => Promise.resolve(draw(value)),
    ...{ apply: nothing, verify: nothing, rollBack: nothing },
  };
}
