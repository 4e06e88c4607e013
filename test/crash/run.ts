import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Tried, crash } from './crash.ts';
import { JOBS, type Job } from './shipped.ts';
import { ground, killAt } from './vault-rotation.ts';

/** Kills shipped ceremonies at every point, and a holder that rotates its keys, and says what that cost: `npm run test:crash -- [SCRIPT[/TOKEN] | vault-rotation]... [--step STEP]`. */

const { positionals: named, values } = parseArgs({ allowPositionals: true, options: { step: { type: 'string' } } });
const only = values.step;
/** Not a ceremony: the vault's own keys. */
const ROTATION = 'vault-rotation';
const wanted = named.filter((name) => name !== ROTATION);
const isWanted = (name: string) => named.length === 0 || wanted.includes(name);
const jobs = JOBS.filter(({ script, token }) => isWanted(script) || isWanted(`${script}/${token}`));
const say = (text: string) => process.stdout.write(`${text}\n`);
const total = { points: 0, lost: 0, repeated: 0 };

async function one(job: Job): Promise<void> {
  const began = Date.now();
  let points = 0;
  await crash(
    job,
    {
      stretch: (stretch) => only === undefined || stretch.endsWith(` ${only}`),
      points: (_, labels) => labels.map((_label, index) => index + 1),
      toTheEnd: only === undefined,
    },
    ({ name, verdict: { lost, repeated } }: Tried) => {
      points += 1;
      if (points % 50 === 0) say(`${job.script} on ${job.token}: ${points} points so far, the last: ${name}`);
      total.points += 1;
      total.lost += lost.length > 0 ? 1 : 0;
      total.repeated += repeated.length > 0 ? 1 : 0;
      for (const what of lost) say(`LOST      ${name}: ${what}`);
      for (const what of repeated) say(`REPEATED  ${name}: ${what}`);
    },
  );
  say(`${job.script} on ${job.token}: ${points} points, ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
}

async function rotation(): Promise<void> {
  const began = Date.now();
  const made = await ground();
  for (const [index, label] of made.points.entries()) {
    const lost = await killAt(made, index + 1);
    total.points += 1;
    total.lost += lost.length > 0 ? 1 : 0;
    for (const what of lost) say(`LOST      ${label}: ${what}`);
  }
  made.remove();
  say(`${ROTATION}: ${made.points.length} points, ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
}

if (named.length === 0 || named.includes(ROTATION)) await rotation();

const queue = [...jobs];
const workers = Array.from({ length: Math.min(availableParallelism(), jobs.length) }, async () => {
  for (let job = queue.shift(); job; job = queue.shift()) await one(job);
});
await Promise.all(workers);
say(`points ${total.points}, lost ${total.lost}, repeated ${total.repeated}`);
if (total.lost + total.repeated > 0 || total.points === 0) process.exitCode = 1;
