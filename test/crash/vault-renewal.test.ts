import { randomInt } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { ground, killAt } from './vault-renewal.ts';

test('a holder killed in the rotation of a secret goes on, or back, and nobody who reads it is ever turned away', async () => {
  const made = await ground();
  onTestFinished(made.remove);
  // Steps of three rotations, programs, statements to PostgreSQL.
  expect(made.points.length).toBeGreaterThan(40);
  // Another each time; a failure names it.
  const [at, back] = [randomInt(1, made.points.length + 1), randomInt(2) === 1];
  const label = `${made.points[at - 1] ?? ''}${back ? ', back' : ''}`;
  expect(await killAt(made, at, back), label).toMatchObject({ lost: [], repeated: [] });
});
