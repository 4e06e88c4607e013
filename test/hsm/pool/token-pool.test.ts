import { type KeyObject, createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../core/contract/errors.ts';
import { type PoolEvent, type PoolMember, type PoolOptions, TokenPool } from '../../../core/hsm/pool/token-pool.ts';
import { TokenProcess } from '../../../core/hsm/process/client.ts';
import { refused } from '../refused.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from '../softhsm.ts';

const MESSAGE = randomBytes(64);
const SIGN = { label: 'ca', message: MESSAGE.toString('base64'), hash: 'SHA-384' } as const;
const GENERATE = { label: 'once', algorithm: 'EC-P256', purpose: 'service' } as const;

let folder: string;
let removeSoftHsm: () => void;
let publicKey: KeyObject;
let pools: TokenPool[];
let events: PoolEvent[];
let waiting: { wanted: (event: PoolEvent) => boolean; resolve: () => void }[];
/** What the pool's timer would do now, and its clock. */
let tick: () => void;
let now: number;

beforeEach(async () => {
  ({ folder, remove: removeSoftHsm } = makeSoftHsm(['main']));
  [pools, events, waiting, now] = [[], [], [], 0];
  publicKey = await makeKey({ kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'main' }, USER_PIN, SECURITY_OFFICER_PIN);
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  removeSoftHsm();
});

/** A CA key on a token; and a master key where the security officer is there to import one. */
async function makeKey(location: PoolMember['location'], pin: string, officer: string | null): Promise<KeyObject> {
  const process = TokenProcess.start();
  const send = (secret: string) => process.sendSecret(Buffer.from(secret));
  await process.call('open', { location });
  await process.call('login', { pin: await send(pin), securityOfficerPin: officer && (await send(officer)) });
  if (officer !== null) {
    await process.call('makeMasterKey', {
      ...{ label: 'master', masterKeyId: randomBytes(16).toString('hex'), ceremony: 'test', epoch: 0, dice: null },
      ...{ threshold: 2, shareCount: 2, scryptLog2N: 10 },
      passphrases: [await send('anvil birch cedar'), await send('dune ember flint')],
    });
  }
  const key = await process.call('generateKey', { label: 'ca', algorithm: 'EC-P384', purpose: 'ca' });
  await process.close();
  return createPublicKey({ key: Buffer.from(key.publicKey as string, 'base64'), format: 'der', type: 'spki' });
}

function member(processes: number, more: Partial<PoolMember> = {}): PoolMember {
  return {
    name: 'main',
    location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'main' },
    processes,
    login: () => Promise.resolve({ pin: new Uint8Array(Buffer.from(USER_PIN)), securityOfficerPin: null }),
    ...more,
  };
}

async function start(members: PoolMember[], more: Partial<PoolOptions> = {}): Promise<TokenPool> {
  const pool = await TokenPool.start({
    members,
    fallback: null,
    queueLimit: 100,
    inFlightLimit: 4,
    checkMs: 1000,
    hungMs: 60_000,
    clock: () => now,
    every: (_, work) => {
      tick = work;
      return () => {
        tick = () => undefined;
      };
    },
    record: (event) => {
      events.push(event);
      for (const one of waiting.splice(0)) {
        if (one.wanted(event)) one.resolve();
        else waiting.push(one);
      }
    },
    ...more,
  });
  pools.push(pool);
  return pool;
}

/** Resolves when the pool records the next event of a kind. */
function next(kind: PoolEvent['kind']): Promise<void> {
  return new Promise((resolve) => waiting.push({ wanted: (event) => event.kind === kind, resolve }));
}

function kill(pool: TokenPool, index: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  process.kill(pool.status().processes[index]?.pid as number, signal);
}

function holds(signature: string): boolean {
  return verify('sha384', MESSAGE, publicKey, Buffer.from(signature, 'base64'));
}

const states = (pool: TokenPool) => pool.status().processes.map(({ state }) => state);
const served = (pool: TokenPool) => pool.status().processes.map((process) => process.served);
const kinds = () => events.map(({ kind }) => kind);

describe('balance and backpressure', () => {
  test('calls go to the least busy process, and every signature holds', async () => {
    const pool = await start([member(2)]);
    const answers = await Promise.all(Array.from({ length: 60 }, () => pool.call('sign', SIGN)));
    expect(answers.every(({ signature }) => holds(signature))).toBe(true);
    expect(new Set(answers.map(({ signature }) => signature)).size).toBe(60);
    const [one = 0, other = 0] = served(pool);
    expect(one + other).toBe(60);
    // Four went to each before the first answer.
    expect(Math.min(one, other)).toBeGreaterThanOrEqual(4);
    expect(pool.status().queued).toBe(0);
  });

  test('while one process is busy with a long call, the other serves', async () => {
    const pool = await start([member(2)], { inFlightLimit: 1 });
    kill(pool, 0, 'SIGSTOP');
    const slow = pool.call('sign', SIGN);
    for (let call = 0; call < 5; call += 1) expect(holds((await pool.call('sign', SIGN)).signature)).toBe(true);
    expect(served(pool)).toEqual([0, 5]);
    kill(pool, 0, 'SIGCONT');
    expect(holds((await slow).signature)).toBe(true);
    expect(served(pool)).toEqual([1, 5]);
  });

  test('a full queue refuses, and takes calls again when it has room', async () => {
    const pool = await start([member(1)], { inFlightLimit: 1, queueLimit: 2 });
    const taken = [pool.call('sign', SIGN), pool.call('sign', SIGN), pool.call('sign', SIGN)];
    expect(pool.status()).toMatchObject({ queued: 2, processes: [{ inFlight: 1 }] });
    expect(await refused('POOL_BUSY', () => pool.call('sign', SIGN))).toEqual({ limit: 2 });
    await Promise.all(taken);
    expect(holds((await pool.call('sign', SIGN)).signature)).toBe(true);
  });

  test('a call can name its token, and a refusal of the token is the refusal of the call', async () => {
    const pool = await start([member(1)]);
    expect((await pool.call('inventory', {}, 'main')).keys.map(({ label }) => label).sort()).toEqual(['ca', 'master']);
    expect((await pool.call('wrap', { masterKeyLabel: 'master', label: 'ca' }, 'main')).mechanism).toBe('RFC5649');
    await refused('TOKEN_GONE', () => pool.call('inventory', {}, 'another'));
    expect(await refused('KEY_MISSING', () => pool.call('sign', { ...SIGN, label: 'none' }))).toEqual({
      label: 'none',
    });
    expect(states(pool)).toEqual(['up']);
  });
});

describe('a token process that is pulled', () => {
  test('in the middle of a run: every call is answered by another, and it comes back with its PIN asked again', async () => {
    let logins = 0;
    const { login } = member(2);
    const pool = await start([
      member(2, {
        login: () => {
          logins += 1;
          return login();
        },
      }),
    ]);
    expect(logins).toBe(2);
    const back = next('up');
    const run = Array.from({ length: 80 }, () => pool.call('sign', SIGN));
    await run[10];
    kill(pool, 0);
    const answers = await Promise.all(run);
    expect(answers.every(({ signature }) => holds(signature))).toBe(true);
    await back;
    expect(kinds()).toEqual(expect.arrayContaining(['failover', 'down']));
    expect(events.find(({ kind }) => kind === 'down')).toMatchObject({ member: 'main', detail: 'SIGKILL' });
    expect(logins).toBe(3);
    expect(states(pool)).toEqual(['up', 'up']);
    // The one that came back works.
    const before = served(pool)[0] as number;
    await Promise.all(Array.from({ length: 8 }, () => pool.call('sign', SIGN)));
    expect(served(pool)[0]).toBeGreaterThan(before);
  });

  test('what makes a key is never repeated, and what had not been sent is', async () => {
    const pool = await start([member(1)], { inFlightLimit: 1 });
    const making = pool.call('generateKey', GENERATE);
    const queued = pool.call('generateKey', { ...GENERATE, label: 'later' });
    const destroying = pool.call('destroy', { label: 'ca' });
    kill(pool, 0);
    expect(await refused('TOKEN_GONE', () => making)).toEqual({ detail: 'SIGKILL' });
    expect((await queued).label).toBe('later');
    expect(await destroying).toEqual({ destroyed: true });
    const labels = (await pool.call('inventory', {})).keys.map(({ label }) => label).sort();
    expect(labels).toEqual(['later', 'master']);
    expect(kinds()).not.toContain('failover');
  });

  test('a call that ends every process it is given to is not given to more than three', async () => {
    const pool = await start([member(1)], { inFlightLimit: 1 });
    const fate = refused('TOKEN_GONE', () => pool.call('sign', SIGN));
    kill(pool, 0);
    for (let time = 0; time < 2; time += 1) {
      await next('up');
      kill(pool, 0);
    }
    await fate;
    expect(kinds().filter((kind) => kind === 'failover')).toHaveLength(2);
    await next('up');
    expect(holds((await pool.call('sign', SIGN)).signature)).toBe(true);
  });

  test('one that hangs is ended by the health check, and its calls go on elsewhere', async () => {
    const pool = await start([member(2)]);
    kill(pool, 0, 'SIGSTOP');
    const run = Array.from({ length: 6 }, () => pool.call('sign', SIGN));
    await run[1];
    now = 60_000;
    tick();
    expect(states(pool)).toEqual(['up', 'up']);
    now = 60_001;
    const down = next('down');
    tick();
    await down;
    expect((await Promise.all(run)).every(({ signature }) => holds(signature))).toBe(true);
  });

  test('an idle one that hangs is found too', async () => {
    const pool = await start([member(1)]);
    kill(pool, 0, 'SIGSTOP');
    tick();
    now = 60_001;
    const back = next('up');
    tick();
    await back;
    expect(holds((await pool.call('sign', SIGN)).signature)).toBe(true);
  });

  test('a token that is away refuses calls at once, is tried at every check, and comes back', async () => {
    let isAway = false;
    const { login } = member(1);
    const away = () => (isAway ? Promise.reject(new Refusal('TOKEN_MISSING', { label: 'main' })) : login());
    const pool = await start([member(1, { login: away })]);
    isAway = true;
    const gone = next('down');
    kill(pool, 0);
    await gone;
    // Waits while the restart is tried, and no longer.
    expect(await refused('TOKEN_GONE', () => pool.call('sign', SIGN))).toEqual({ detail: 'TOKEN_MISSING' });
    expect(states(pool)).toEqual(['down']);
    const still = next('down');
    tick();
    await still;
    isAway = false;
    const back = next('up');
    tick();
    await back;
    expect(holds((await pool.call('sign', SIGN)).signature)).toBe(true);
  });

  test('a wrong PIN is tried once for all processes of a token, and never again unasked', async () => {
    let typed = USER_PIN;
    let logins = 0;
    const login = () => {
      logins += 1;
      return Promise.resolve({ pin: new Uint8Array(Buffer.from(typed)), securityOfficerPin: null });
    };
    typed = '000000';
    const refusal = await refused('PIN_WRONG', () => start([member(3, { login })]));
    expect(refusal).toEqual({ pin: 'PIN' });
    expect(logins).toBe(1);

    typed = USER_PIN;
    const pool = await start([member(2, { login })]);
    typed = '000000';
    const noticed = next('refused');
    kill(pool, 0);
    await noticed;
    expect(logins).toBe(4);
    tick();
    expect(states(pool)).toEqual(['refused', 'up']);
    typed = USER_PIN;
    await pool.revive('main');
    expect(logins).toBe(5);
    expect(states(pool)).toEqual(['up', 'up']);
  });
});

describe('software in place of a token', () => {
  let software: string;
  let softwareKey: KeyObject;
  const PIN = 'a training PIN';
  const fallback = () => ({
    member: {
      name: 'software',
      location: { kind: 'software', folder: software, token: 'software' } as const,
      processes: 1,
      login: () => Promise.resolve({ pin: new Uint8Array(Buffer.from(PIN)), securityOfficerPin: null }),
    },
    calls: ['sign' as const],
  });
  const away = member(1, { name: 'away', location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'nowhere' } });

  beforeEach(async () => {
    software = mkdtempSync(join(tmpdir(), 'claviger-pool-'));
    softwareKey = await makeKey({ kind: 'software', folder: software, token: 'software' }, PIN, null);
  });
  afterEach(() => {
    rmSync(software, { recursive: true });
  });

  test('without a policy there is none', async () => {
    expect(await refused('TOKEN_MISSING', () => start([away]))).toEqual({ label: 'nowhere' });
  });

  test('only the calls that policy names, each recorded, and only while no token is there', async () => {
    const pool = await start([away], { fallback: fallback() });
    const answers = await Promise.all([pool.call('sign', SIGN), pool.call('sign', SIGN), pool.call('sign', SIGN)]);
    for (const { signature } of answers) {
      expect(verify('sha384', MESSAGE, softwareKey, Buffer.from(signature, 'base64'))).toBe(true);
    }
    expect(events.filter(({ kind }) => kind === 'fallback')).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'fallback', member: 'software', call: 'sign' })),
    );
    await refused('TOKEN_GONE', () => pool.call('inventory', {}));
    await refused('TOKEN_GONE', () => pool.call('sign', SIGN, 'away'));
    expect(folder).not.toBe(software);
  });

  test('a token that is there is used, and nothing falls back', async () => {
    const pool = await start([member(1)], { fallback: fallback() });
    expect(holds((await pool.call('sign', SIGN)).signature)).toBe(true);
    expect(kinds()).not.toContain('fallback');
    expect(states(pool)).toEqual(['up', 'down']);
  });

  test('what cannot be recorded does not happen', async () => {
    let asked = 0;
    const pool = await start([away], {
      fallback: fallback(),
      record: (event) => {
        if (event.kind !== 'fallback') return;
        asked += 1;
        throw new Refusal('OUTPUT_FULL', { path: 'ledger' });
      },
    });
    for (let time = 1; time <= 2; time += 1) {
      expect(await refused('OUTPUT_FULL', () => pool.call('sign', SIGN))).toEqual({ path: 'ledger' });
      expect(asked).toBe(time);
    }
    expect(served(pool)).toEqual([0, 0]);
    expect(pool.status().processes[1]).toMatchObject({ member: 'software', inFlight: 0 });
  });
});

test('a closed pool refuses what waits and what comes', async () => {
  const pool = await start([member(1)], { inFlightLimit: 1 });
  const inFlight = refused('TOKEN_GONE', () => pool.call('generateKey', GENERATE));
  const waits = refused('TOKEN_GONE', () => pool.call('sign', SIGN));
  kill(pool, 0);
  await pool.close();
  await inFlight;
  expect(await waits).toEqual({ detail: 'the pool is closed' });
  expect(await refused('TOKEN_GONE', () => pool.call('sign', SIGN))).toEqual({ detail: 'the pool is closed' });
  expect(states(pool)).toEqual(['closed']);
});
