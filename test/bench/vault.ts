import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog, openPages, openRawSqlite, rawGcm } from './bounds.ts';
import { peers } from './peers.ts';
import { type Figure, measure, rateOf, rateOfMedian } from './rounds.ts';
import { type Ground, makeGround } from './vault-ground.ts';

/** A vault with the local provider, at several sizes, beside what a disk, a cipher and SQLite take alone; and the same encryption by others. */

export const SIZES = [1_000, 10_000, 100_000];
export const LARGEST = 1_000_000;
const ROUNDS = 9;
const CALLS = 150;
const CALLERS = 64;
/** At most 1.5 syncs. */
const SYNC_GOAL = 1 / 1.5;
const TOGETHER_GOAL = 2.5;
/** At most 1.2 times as long as in the smallest vault. */
const GROWTH_GOAL = 1 / 1.2;
const MILLISECOND = () => 1000;

const OPERATIONS = [
  { name: 'store', kind: 'write' },
  { name: 'new version', kind: 'write' },
  { name: 'retrieve', kind: 'write' },
  { name: 'list of 100', kind: 'read' },
  { name: 'audit, last 100', kind: 'read' },
  { name: 'health', kind: 'read' },
] as const;
type Name = (typeof OPERATIONS)[number]['name'];

export type VaultFigures = {
  latency: Figure[];
  together: Figure[];
  growth: Figure[];
  beside: Figure[];
  peers: Figure[];
};

export async function benchmarkVault(sizes: number[]): Promise<VaultFigures> {
  const home = mkdtempSync(join(tmpdir(), 'claviger-bench-vault-'));
  const grounds: Ground[] = [];
  try {
    for (const size of sizes) grounds.push(await makeGround(home, size));
    const latency = await latencies(home, grounds);
    const together = [];
    for (const ground of grounds) together.push(...(await groupCommit(ground)));
    const growth = await growths(grounds);
    return { latency, together, growth, beside: await besideRaw(home, grounds), peers: await besidePeers() };
  } finally {
    for (const ground of grounds) await ground.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** One caller, one call after the other: operations a second at the median of a round's calls. */
function single(ground: Ground, name: Name): () => Promise<number> {
  const call = {
    store: ground.store,
    'new version': ground.rotate,
    retrieve: ground.retrieve,
    'list of 100': ground.list,
    'audit, last 100': ground.audit,
    health: ground.health,
  }[name];
  return async () => {
    ground.warm();
    const rate = await rateOfMedian(CALLS, call);
    if (name === 'store') await ground.tidy();
    return rate;
  };
}

async function latencies(home: string, grounds: Ground[]): Promise<Figure[]> {
  const [log, pages] = [openLog(home), openPages(home)];
  const contenders = (kind: 'write' | 'read', goal: number) =>
    OPERATIONS.filter((one) => one.kind === kind).flatMap(({ name }) =>
      grounds.map((ground) => ({ name: named(name, ground.size), run: single(ground, name), goal })),
    );
  const synced = () => rateOfMedian(CALLS, log.append);
  const inPlace = { name: 'a page synced in place', run: () => rateOfMedian(CALLS, pages.write), goal: null };
  const figures = [
    ...(await measure(synced, [inPlace, ...contenders('write', SYNC_GOAL)], ROUNDS)),
    ...(await measure(MILLISECOND, contenders('read', 1), ROUNDS)),
  ];
  log.close();
  pages.close();
  return figures;
}

/** All calls of a round by one caller, and by many at once. */
async function groupCommit(ground: Ground): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of ['store', 'retrieve'] as const) {
    const by = (callers: number, count: number) => async () => {
      ground.warm();
      const rate = await rateOf(count, () => together(callers, count, ground[name]));
      if (name === 'store') await ground.tidy();
      return rate;
    };
    const many = {
      name: named(`${name}, ${CALLERS} callers`, ground.size),
      run: by(CALLERS, CALLS * 8),
      goal: TOGETHER_GOAL,
    };
    figures.push(...(await measure(by(1, CALLS * 2), [many], ROUNDS)));
  }
  return figures;
}

/** So many callers, each with its next call when the last one is answered. */
async function together(callers: number, count: number, call: () => Promise<void>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left > 0) {
        left -= 1;
        await call();
      }
    }),
  );
}

async function growths(grounds: Ground[]): Promise<Figure[]> {
  const [smallest, largest] = [grounds[0], grounds.at(-1)];
  if (!smallest || !largest || smallest === largest) return [];
  const figures: Figure[] = [];
  for (const { name } of OPERATIONS) {
    const grown = {
      name: `${name}: ${largest.size} beside ${smallest.size} secrets`,
      run: single(largest, name),
      goal: GROWTH_GOAL,
    };
    figures.push(...(await measure(single(smallest, name), [grown], ROUNDS)));
  }
  return figures;
}

/** Beside SQLite with two tables and nothing else. */
async function besideRaw(home: string, grounds: Ground[]): Promise<Figure[]> {
  const ground = grounds.at(-1);
  if (!ground) return [];
  const raw = openRawSqlite(home);
  const figures = [];
  for (const [bound, names] of [
    [raw.store, ['store', 'retrieve']],
    [raw.list, ['list of 100', 'audit, last 100']],
  ] as const) {
    const contenders = names.map((name) => ({
      name: named(`${name}, beside better-sqlite3`, ground.size),
      run: single(ground, name),
      goal: null,
    }));
    figures.push(...(await measure(() => rateOfMedian(CALLS, bound), contenders, ROUNDS)));
  }
  raw.close();
  return figures;
}

async function besidePeers(): Promise<Figure[]> {
  const gcm = rawGcm();
  const contenders = (await peers()).map(({ name, roundTrip }) => ({
    name: `1 KiB there and back, ${name}`,
    run: () => rateOfMedian(CALLS, roundTrip),
    goal: null,
  }));
  return measure(() => rateOfMedian(CALLS, gcm), contenders, ROUNDS);
}

function named(what: string, size: number): string {
  return `${what}, ${size} secrets`;
}
