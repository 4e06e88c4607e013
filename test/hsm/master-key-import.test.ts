import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { environmentBelow } from '../../core/process/environment.ts';
import { scanMemory } from './process-memory.ts';
import { SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from './softhsm.ts';

const program = fileURLToPath(new URL('import-process.ts', import.meta.url));
/** Nothing that is freed is given out again soon, and nothing is overwritten. */
const leftAlone = () => ({ ...process.env, GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0' });
const TRIES = 3;

beforeAll(() => makeSoftHsm(['token']).remove);

/** What of a key, and of the mask that it came under, is in the process the moment after it went into the token. */
async function leftBy(env: NodeJS.ProcessEnv): Promise<Set<string>> {
  const [key, mask] = [randomBytes(32), randomBytes(32)];
  const child = spawn(process.execPath, [program, SOFTHSM_MODULE, USER_PIN], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  });
  child.stdin.write(Buffer.concat([mask, key.map((byte, index) => byte ^ (mask[index] ?? 0))]));
  await once(child.stdout, 'data');
  const { found } = scanMemory(child.pid as number, { mask, half: key.subarray(16) });
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  return new Set(found.map(({ needle }) => needle));
}

test('a key that went into a token is in no memory that was freed, as it is where nothing overwrites that', async () => {
  const left = new Set<string>();
  for (let turn = 0; turn < TRIES; turn += 1) {
    expect(await leftBy(environmentBelow())).toEqual(new Set(['mask']));
    for (const one of await leftBy(leftAlone())) left.add(one);
  }
  expect(left).toEqual(new Set(['mask', 'half']));
});
