import { availableParallelism } from 'node:os';
import { type Tried, crash } from './crash.ts';
import { JOBS, type Job } from './shipped.ts';

/** Kills every shipped ceremony at every point, and says what that cost. `npm run test:crash -- [SCRIPT[/TOKEN] [STEP]]` */

const [wanted, only] = process.argv.slice(2);
const jobs = JOBS.filter(
  ({ script, token }) => wanted === undefined || wanted === script || wanted === `${script}/${token}`,
);
const say = (text: string) => process.stdout.write(`${text}\n`);
const total = { points: 0, lost: 0, repeated: 0 };

async function one(job: Job): Promise<void> {
  const began = Date.now();
  let points = 0;
  await crash(
    job,
    {
      stretch: (stretch) => only === undefined || stretch.endsWith(` ${only}`),
      // One of each stretch goes on to the end of the ceremony: the one in the middle.
      points: (stretch, labels) =>
        stretch.endsWith(' to the end') ? [Math.ceil(labels.length / 2)] : labels.map((_, index) => index + 1),
    },
    ({ name, verdict: { lost, repeated } }: Tried) => {
      points += 1;
      total.points += 1;
      total.lost += lost.length > 0 ? 1 : 0;
      total.repeated += repeated.length > 0 ? 1 : 0;
      for (const what of lost) say(`LOST      ${name}: ${what}`);
      for (const what of repeated) say(`REPEATED  ${name}: ${what}`);
    },
  );
  say(`${job.script} on ${job.token}: ${points} points, ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
}

const queue = [...jobs];
const workers = Array.from({ length: Math.min(availableParallelism(), jobs.length) }, async () => {
  for (let job = queue.shift(); job; job = queue.shift()) await one(job);
});
await Promise.all(workers);
say(`points ${total.points}, lost ${total.lost}, repeated ${total.repeated}`);
if (total.lost + total.repeated > 0 || total.points === 0) process.exitCode = 1;
