import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Category, DEFAULT_POLICY, type SecretIdentity } from '../../core/contract/vault.ts';
import { Refusal } from '../../core/contract/errors.ts';
import type { KmsProvider } from '../../core/kms/provider.ts';
import { wipe } from '../../core/process/guarded.ts';
import { sampleVault } from '../vault/sample-vault.ts';
import { tokenKms } from '../vault/token-kms.ts';
import { type Figure, measure, rateOf, table } from './rounds.ts';

/** What a hit spares, with a KEK in a token and in a keystore; and whether who may not read can tell a hit from a miss by the clock. */

const ROUNDS = 9;
const CALLS = 100;
const PAIRS = 3000;
const LIMIT = 1_000_000;
/** Of Welch's t, beyond which two series are taken to differ (Reparaz, Balasch, Verbauwhede: dude, is my code constant time?). */
const DIFFERENT = 4.5;

export type CacheFigures = { spared: Figure[]; refused: { microseconds: [number, number]; t: number; pairs: number } };

export async function benchmarkCache(): Promise<CacheFigures> {
  const token = await tokenKms();
  try {
    const [inToken, inKeystore] = [await ground('a token', token.kms), await ground('a keystore')];
    const spared = [...(await inToken.spared()), ...(await inKeystore.spared())];
    const refused = await inKeystore.refused();
    await inToken.close();
    await inKeystore.close();
    return { spared, refused };
  } finally {
    await token.close();
  }
}

async function ground(where: string, kms?: KmsProvider) {
  const home = mkdtempSync(join(tmpdir(), 'claviger-bench-cache-'));
  const { vault, caller, somebody, close } = await sampleVault(home, kms ? { kms } : {});
  const { categories } = DEFAULT_POLICY;
  const plain: Omit<Category, 'cache'> = {
    ...{
      protection: 'envelope',
      access: 'granted',
      audit: 'all',
      rotationDays: null,
      purpose: false,
      keepVersions: 10,
      plan: null,
      graceMinutes: null,
      overdue: 'alert',
    },
  };
  await vault.policies.change(await caller('ada'), 2, {
    ...DEFAULT_POLICY,
    categories: { ...categories, kept: { ...plain, cache: 'encrypted' }, opened: { ...plain, cache: 'none' } },
    rate: { perSecret: LIMIT, perPrincipal: LIMIT },
    lockout: { failures: LIMIT, minutes: 15 },
    alerts: { ...DEFAULT_POLICY.alerts, failures: LIMIT, hourly: LIMIT, newPrincipal: false },
  });
  const service = await somebody('billing', ['READ', 'WRITE']);
  const stranger = await somebody('stranger', []);
  const at = (name: string): SecretIdentity => ({ owner: 'billing', environment: 'production', name });
  for (const name of ['kept', 'opened']) {
    await vault.secrets.put(service, { identity: at(name), category: name }, new Uint8Array(1024).fill(7));
  }
  const read = async (name: string) => {
    wipe((await vault.secrets.get(service, { identity: at(name) })).value);
  };
  const reads = (name: string) => () =>
    rateOf(CALLS, async () => {
      for (let call = 0; call < CALLS; call += 1) await read(name);
    });

  /** Microseconds until a stranger is refused. */
  async function refusedIn(): Promise<number> {
    const began = performance.now();
    const said = await vault.secrets.get(stranger, { identity: at('kept') }).catch((error: unknown) => error);
    const took = (performance.now() - began) * 1000;
    if (!(said instanceof Refusal)) throw new Error('a stranger was not refused');
    return took;
  }

  return {
    spared: () =>
      measure(
        reads('opened'),
        [{ name: `read from the cache, KEK in ${where}`, run: reads('kept'), goal: null }],
        ROUNDS,
      ),
    refused: async () => {
      const series: [number[], number[]] = [[], []];
      for (let pair = 0; pair < 2 * PAIRS; pair += 1) {
        // Which comes first is as often the one as the other, and both do the same before.
        const cached = (pair + Math.floor(pair / 2)) % 2;
        await read('kept');
        if (!cached) vault.cache.clear();
        series[cached]?.push(await refusedIn());
      }
      return { ...compared(...series), pairs: PAIRS };
    },
    close: async () => {
      await vault.close();
      await close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Medians, and Welch's t of what lies below the ninth decile of both: above it is what else the machine does. */
function compared(missed: number[], cached: number[]): { microseconds: [number, number]; t: number } {
  const all = [...missed, ...cached].toSorted((one, other) => one - other);
  const most = all[Math.floor(all.length * 0.9)] ?? Infinity;
  const [one, other] = [missed, cached].map((values) => momentsOf(values.filter((value) => value <= most)));
  if (!one || !other) throw new Error('two series');
  const t = (one.mean - other.mean) / Math.sqrt(one.variance / one.count + other.variance / other.count);
  const median = (values: number[]) => Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN);
  return { microseconds: [median(missed), median(cached)], t: Number(t.toFixed(2)) };
}

function momentsOf(values: number[]): { mean: number; variance: number; count: number } {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, variance, count };
}

export function cacheSection({ spared, refused: { microseconds, t, pairs } }: CacheFigures): string {
  return `${table(spared)}

One caller reads one secret of 1 KiB, one call after the other, each with its durable row. The bound is the same read of a class that is never cached, where the KEK opens the data key each time: a ratio above 1 is what a hit spares.

A caller who may not read was refused ${pairs} times while the value was cached (median ${microseconds[1]} µs) and ${pairs} times while it was not (median ${microseconds[0]} µs), in turns. Welch's t of the lower nine tenths is ${t}: ${
    Math.abs(t) < DIFFERENT
      ? `below ${DIFFERENT}, so that the clock tells no difference`
      : `beyond ${DIFFERENT}, so that something else differed in this run`
  }. That it cannot differ by the cache is shown by a test: a refused caller never comes as far (test/vault/cache.test.ts).
`;
}
