import { expect, onTestFinished, test } from 'vitest';
import { SEED, drawn } from './sample.ts';
import { ground, killAt } from './vault-renewal.ts';

test('a holder killed in the rotation of a secret goes on, or back, and nobody who reads it is ever turned away', async () => {
  const made = await ground();
  onTestFinished(made.remove);
  // Steps of three rotations, programs, statements to PostgreSQL.
  expect(made.points.length).toBeGreaterThan(40);
  const [at, back] = [drawn('renewal', made.points.length), drawn('back', 2) === 1];
  const label = `CRASH_SEED=${SEED}: ${made.points[at - 1] ?? ''}${back ? ', back' : ''}`;
  expect(await killAt(made, at, back), label).toMatchObject({ lost: [], repeated: [] });
});
