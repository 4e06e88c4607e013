import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { TokenPool } from '../../core/hsm/pool/token-pool.ts';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { BATCH_LIMIT } from '../../core/hsm/process/protocol.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from '../hsm/softhsm.ts';
import { type Figure, measure, rateOf, table } from './rounds.ts';
import { openTightLoop } from './tight-loop.ts';

/** The pool against a tight pkcs11js loop on the same module. */

const LOCATION = { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'bench' } as const;
const ROUNDS = 9;
/** Calls of one round, and callers that make them at the same time. */
const CALLS = { sign: 400, wrap: 10_000 };
const CALLERS = 4 * BATCH_LIMIT;
const GOAL = 0.9;

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

async function makeKeys(): Promise<void> {
  const process = TokenProcess.start();
  const send = (text: string) => process.sendSecret(bytes(text));
  await process.call('open', { location: LOCATION });
  await process.call('login', { pin: await send(USER_PIN), securityOfficerPin: await send(SECURITY_OFFICER_PIN) });
  await process.call('makeMasterKey', {
    ...{ label: 'master', masterKeyId: randomBytes(16).toString('hex'), ceremony: 'bench', epoch: 0, dice: null },
    ...{ threshold: 2, shareCount: 2, scryptLog2N: 10 },
    passphrases: [await send('anvil birch cedar'), await send('dune ember flint')],
  });
  await process.call('generateKey', { label: 'ca', algorithm: 'EC-P384', purpose: 'ca' });
  await process.close();
}

function startPool(processes: number): Promise<TokenPool> {
  const login = () => Promise.resolve({ pin: bytes(USER_PIN), securityOfficerPin: null });
  return TokenPool.start({
    members: [{ name: 'bench', location: LOCATION, processes, login }],
    fallback: null,
    queueLimit: CALLERS,
    // One message at work, the next one there.
    inFlightLimit: 2 * BATCH_LIMIT,
    checkMs: 60_000,
    hungMs: 60_000,
    clock: () => performance.now(),
    every: (intervalMs, work) => {
      const timer = setInterval(work, intervalMs);
      return () => {
        clearInterval(timer);
      };
    },
    record: () => undefined,
  });
}

/** Many callers at once, each with its next call when the last one is answered. */
async function together(count: number, call: () => Promise<unknown>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (left > 0) {
        left -= 1;
        await call();
      }
    }),
  );
}

export async function benchmarkPool(): Promise<{ figures: Figure[]; costs: Cost[] }> {
  const { remove } = makeSoftHsm(['bench']);
  const pools: TokenPool[] = [];
  try {
    await makeKeys();
    const tight = openTightLoop(SOFTHSM_MODULE, 'bench', USER_PIN);
    const sizes = [1, 2];
    for (const processes of sizes) pools.push(await startPool(processes));

    const sign = { label: 'ca', message: randomBytes(200).toString('base64'), hash: 'SHA-384' } as const;
    const wrap = { masterKeyLabel: 'master', label: 'ca' };
    const contenders = (name: string, count: number, call: (pool: TokenPool) => Promise<unknown>) =>
      pools.map((pool, index) => ({
        name: `${name}, ${sizes[index] ?? 0} session${index === 0 ? '' : 's'}`,
        run: () => rateOf(count, () => together(count, () => call(pool))),
        goal: index === 0 ? GOAL : null,
      }));
    const figures = [
      ...(await measure(
        () =>
          rateOf(CALLS.sign, () => {
            tight.sign(CALLS.sign);
          }),
        contenders('P-384 signatures', CALLS.sign, (pool) => pool.call('sign', sign)),
        ROUNDS,
      )),
      ...(await measure(
        () =>
          rateOf(CALLS.wrap, () => {
            tight.wrap(CALLS.wrap);
          }),
        contenders('AES key wraps (RFC 5649)', CALLS.wrap, (pool) => pool.call('wrap', wrap)),
        ROUNDS,
      )),
    ];
    const [pool] = pools;
    if (!pool) throw new Error('no pool');
    const costs = [
      await costOf(pool, 'P-384 signature', 1500, tight.sign, () => pool.call('sign', sign)),
      await costOf(pool, 'AES key wrap (RFC 5649)', 20_000, tight.wrap, () => pool.call('wrap', wrap)),
    ];
    tight.close();
    return { figures, costs };
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
    remove();
  }
}

/** Processor time of one call (microseconds): what it costs, whatever else the machine does meanwhile. */
export type Cost = { name: string; tightLoop: number; tokenProcess: number; caller: number; ratio: number };

async function costOf(
  pool: TokenPool,
  name: string,
  count: number,
  loop: (times: number) => void,
  call: () => Promise<unknown>,
): Promise<Cost> {
  const [worker] = pool.status().processes;
  const own = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const spent = async (time: () => number, work: () => Promise<void> | void) => {
    const before = time();
    await work();
    return (time() - before) / count;
  };
  const tightLoop = await spent(own, () => {
    loop(count);
  });
  let caller = 0;
  const tokenProcess = await spent(
    () => processorTime(worker?.pid ?? 0),
    async () => {
      caller = await spent(own, () => together(count, call));
    },
  );
  return { name, tightLoop, tokenProcess, caller, ratio: tightLoop / tokenProcess };
}

/** User and system time of another process (microseconds): fields 14 and 15 of proc(5) stat, in ticks of 10 ms. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function costTable(costs: Cost[]): string {
  const rows = costs.map(({ name, tightLoop, tokenProcess, caller, ratio }) =>
    [name, ...[tightLoop, tokenProcess, caller].map((cost) => cost.toFixed(1)), ratio.toFixed(2)].join(' | '),
  );
  const head = 'processor time of one call (µs) | tight loop | token process | caller | tight loop / token process';
  return [head, '--- | --: | --: | --: | --:', ...rows].map((row) => `| ${row} |`).join('\n');
}

/** The same as figures: what a token process takes, and its caller, beside the loop. */
export function costFigures(costs: Cost[]): Figure[] {
  return costs.flatMap(({ name, tightLoop, tokenProcess, caller }) =>
    [
      { who: 'token process', spent: tokenProcess },
      { who: 'caller', spent: caller },
    ].map(({ who, spent }) => ({
      ...{
        name: `processor time of a ${name}, ${who}`,
        median: Number(spent.toFixed(1)),
        unit: 'microseconds' as const,
      },
      ...{ bound: Number(tightLoop.toFixed(1)), ratio: Number((tightLoop / spent).toFixed(2)), goal: null, met: null },
    })),
  );
}

export function poolSection(figures: Figure[], costs: Cost[]): string {
  return `${table(figures)}

${costTable(costs)}

- **Processor time** does not depend on what else the machine does; the rates above do. Where the load average is above the
  number of processors, the second table says what the way to another process costs, and the first says little.
- **Tight loop** is the bound: pkcs11js in one process and one session, handles known beforehand, nothing but \`C_SignInit\` and
  \`C_Sign\` of a ready digest, or \`C_WrapKey\`. No label is looked up, no hash made, no DER written, no process crossed.
- **Through the pool** is what core calls: ${CALLERS} callers at once, each call by label, over JSON-RPC to token processes of one
  session each. A call hashes its message and answers DER.
- Pool and loop run in turns, ${ROUNDS} rounds of ${CALLS.sign} signatures or ${CALLS.wrap} wraps; the figures are medians, and the ratio is the median of
  the rounds' ratios, so that other work of the machine weighs on both. It weighs more on the pool, which needs two
  processors for one session: one for the token process, some of another for its caller.
- **Scaling** is one process a session, and this machine has ${availableParallelism()} processors: with two sessions the two token processes and
  their caller share them, beside whatever else runs (the load average above). A token that computes on its own hardware leaves
  them free.
- A wrap takes SoftHSM some 60 microseconds, so that 0.9 leaves 6 for the way to another process and back. A network HSM or a
  smart card takes milliseconds for either, and there the way does not show.

What was mended for these figures, each measured: garbage is collected only after calls that bring secrets into the token
process (the collection cost ten signatures); a key is found and read once for many signatures; what a
token can do is asked once, and no longer before each wrap; calls of one turn travel in one
message of up to ${BATCH_LIMIT} and are done without a promise for each: the first wrap after a message costs twice what the next one does,
for the processor's caches have been used for something else; what a wrap gives is copied once, into Node's pool of small buffers; a
signature's integers are encoded without big integers.
`;
}
