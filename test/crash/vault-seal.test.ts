import { expect, onTestFinished, test } from 'vitest';
import { SEED, drawn } from './sample.ts';
import * as onPostgres from './vault-seal-postgres.ts';
import { ground, killAt } from './vault-seal.ts';

test('a holder killed while rows of its ledger go to segments loses and repeats none, and seals them when it is back', async () => {
  const made = await ground();
  onTestFinished(made.remove);
  // A file, its halves, its name, and the commit of its rows, three times.
  expect(made.points.length).toBeGreaterThan(15);
  const at = drawn('seal', made.points.length);
  expect(await killAt(made, at, false), `CRASH_SEED=${SEED}: ${made.points[at - 1] ?? ''}`).toEqual([]);
});

test('the same on PostgreSQL, where another node goes on', async () => {
  const made = await onPostgres.ground();
  onTestFinished(made.remove);
  // The turn, a file and its name, the statements of the transaction, three times.
  expect(made.points.length).toBeGreaterThan(40);
  const at = drawn('seal on PostgreSQL', made.points.length);
  expect(await onPostgres.killAt(made, at, false), `CRASH_SEED=${SEED}: ${made.points[at - 1] ?? ''}`).toEqual([]);
});
