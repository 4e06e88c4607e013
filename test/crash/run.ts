import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Tried, crash } from './crash.ts';
import { JOBS, type Job } from './shipped.ts';
import * as renewal from './vault-renewal.ts';
import * as rotation from './vault-rotation.ts';
import * as sealPostgres from './vault-seal-postgres.ts';
import * as seal from './vault-seal.ts';

/**
 * Kills shipped ceremonies at every point, and a holder that rotates its keys or its secrets or seals its ledger, and says what that cost:
 * `npm run test:crash -- [SCRIPT[/TOKEN] | vault-rotation | vault-renewal | vault-seal |
 * vault-seal-postgres]... [--step STEP]`.
 */

const { positionals: named, values } = parseArgs({ allowPositionals: true, options: { step: { type: 'string' } } });
const only = values.step;
/** No ceremonies: the vault's own keys, its secrets, and its ledger. */
const [ROTATION, RENEWAL] = ['vault-rotation', 'vault-renewal'] as const;
const [SEAL, SEAL_POSTGRES] = ['vault-seal', 'vault-seal-postgres'] as const;
const OWN: string[] = [ROTATION, RENEWAL, SEAL, SEAL_POSTGRES];
const wanted = named.filter((name) => !OWN.includes(name));
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
      count(name, { lost, repeated });
    },
  );
  say(`${job.script} on ${job.token}: ${points} points, ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
}

async function keys(): Promise<void> {
  const began = Date.now();
  const made = await rotation.ground();
  for (const [index, label] of made.points.entries()) count(label, { lost: await rotation.killAt(made, index + 1) });
  made.remove();
  say(`${ROTATION}: ${made.points.length} points, ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
}

/** Each point twice: what is found interrupted goes on, or back. */
async function secrets(): Promise<void> {
  const began = Date.now();
  const made = await renewal.ground();
  const went = new Map<string, number>();
  for (const [index, label] of made.points.entries()) {
    for (const back of [false, true]) {
      const found = await renewal.killAt(made, index + 1, back);
      count(`${label}${back ? ', back' : ''}`, found);
      for (const way of found.went) went.set(way, (went.get(way) ?? 0) + 1);
    }
  }
  made.remove();
  for (const [way, times] of went) say(`found ${way}: ${times} times`);
  say(`${RENEWAL}: ${made.points.length * 2} points, ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
}

/** Each point twice: the second time whoever goes on from there is killed as well. */
async function ledger<G extends { points: string[]; remove: () => void }>(
  what: string,
  { ground, killAt }: { ground: () => Promise<G>; killAt: (made: G, at: number, twice: boolean) => Promise<string[]> },
): Promise<void> {
  const began = Date.now();
  const made = await ground();
  for (const [index, label] of made.points.entries()) {
    for (const twice of [false, true]) {
      count(`${label}${twice ? ', twice' : ''}`, { lost: await killAt(made, index + 1, twice) });
    }
  }
  made.remove();
  say(`${what}: ${made.points.length * 2} points, ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
}

function count(label: string, { lost, repeated = [] }: { lost: string[]; repeated?: string[] }): void {
  total.points += 1;
  total.lost += lost.length > 0 ? 1 : 0;
  total.repeated += repeated.length > 0 ? 1 : 0;
  for (const what of lost) say(`LOST      ${label}: ${what}`);
  for (const what of repeated) say(`REPEATED  ${label}: ${what}`);
}

if (named.length === 0 || named.includes(ROTATION)) await keys();
if (named.length === 0 || named.includes(RENEWAL)) await secrets();
if (named.length === 0 || named.includes(SEAL)) await ledger(SEAL, seal);
if (named.length === 0 || named.includes(SEAL_POSTGRES)) await ledger(SEAL_POSTGRES, sealPostgres);

const queue = [...jobs];
const workers = Array.from({ length: Math.min(availableParallelism(), jobs.length) }, async () => {
  for (let job = queue.shift(); job; job = queue.shift()) await one(job);
});
await Promise.all(workers);
say(`points ${total.points}, lost ${total.lost}, repeated ${total.repeated}`);
if (total.lost + total.repeated > 0 || total.points === 0) process.exitCode = 1;
