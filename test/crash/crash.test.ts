import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../shipped.ts';
import { type Choice, type Tried, crash } from './crash.ts';
import { SEED, drawn } from './sample.ts';
import { JOBS } from './shipped.ts';

/** One point of every fourth stretch and one of its way back; now and then all of them in one run to the end. */
function sample(): Choice {
  let stretches = drawn('stretch', 4);
  return {
    stretch: () => stretches++ % 4 === 0,
    points: (stretch, points) => [drawn(stretch, points.length)],
    toTheEnd: drawn('to the end', 4) === 1,
  };
}

test('every shipped ceremony is killed by npm run test:crash', () => {
  const shipped = readdirSync(join(REPOSITORY, 'resources/ceremonies')).filter((name) => name.endsWith('.yaml'));
  expect(shipped.filter((name) => !JOBS.some(({ script }) => `${script}.yaml` === name))).toEqual([]);
});

test.concurrent.each(JOBS.filter(({ sampled }) => sampled))(
  'core killed in $script on $token, at points chosen by a seed: nothing lost, nothing repeated',
  { timeout: 600_000 },
  async (job) => {
    const tried: Tried[] = [];
    await crash(job, sample(), (one) => tried.push(one));
    const bad = tried.filter(({ verdict: { lost, repeated } }) => lost.length + repeated.length > 0);
    expect(bad, `CRASH_SEED=${SEED}`).toEqual([]);
    expect(tried.length).toBeGreaterThan(0);
    process.stdout.write(`${job.script} on ${job.token}: a sample of ${tried.length} points, CRASH_SEED=${SEED}\n`);
  },
);
