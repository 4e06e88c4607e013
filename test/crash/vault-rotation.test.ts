import { expect, onTestFinished, test } from 'vitest';
import { SEED, drawn } from './sample.ts';
import { ground, killAt } from './vault-rotation.ts';

const SAMPLE = 2;

test('a holder killed in a rotation of its keys goes on where it was, and nothing that was stored is lost', async () => {
  const made = await ground();
  onTestFinished(made.remove);
  // Keystores, data keys, turns and destruction: two ways through them, and the data keys.
  expect(made.points.length).toBeGreaterThan(40);
  for (let tried = 0; tried < SAMPLE; tried += 1) {
    const at = drawn(`rotation ${tried}`, made.points.length);
    expect(await killAt(made, at), `CRASH_SEED=${SEED}: ${made.points[at - 1] ?? ''}`).toEqual([]);
  }
});
