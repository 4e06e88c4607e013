import { type KeyObject, createPublicKey, randomBytes, verify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Refusal } from '../../../core/contract/errors.ts';
import { type PoolEvent, TokenPool } from '../../../core/hsm/pool/token-pool.ts';
import { type TpmGround, prepareTpm } from '../grounds/tpm.ts';

/** The pool on a TPM made of software (swtpm), whose module says CKR_GENERAL_ERROR for ever once its TPM was gone. */

const MESSAGE = randomBytes(64);
const SIGN = { label: 'service', message: MESSAGE.toString('base64'), hash: 'SHA-256' } as const;
const CALLS = 40;

let ground: TpmGround;
let publicKey: KeyObject;
let pool: TokenPool;
let events: PoolEvent[];
let waiting: { kind: PoolEvent['kind']; resolve: () => void }[];
let tick: () => void;

beforeAll(async () => {
  ground = await prepareTpm();
  const token = ground.open('first');
  token.login(ground.pin, null);
  const key = token.generateKey({ label: 'service', algorithm: 'EC-P256', purpose: 'service' });
  publicKey = createPublicKey({ key: Buffer.from(key.publicKey ?? []), format: 'der', type: 'spki' });
  token.close();
});
afterAll(() => {
  ground.remove();
});
beforeEach(async () => {
  [events, waiting] = [[], []];
  const login = () => Promise.resolve({ pin: new Uint8Array(ground.pin), securityOfficerPin: null });
  pool = await TokenPool.start({
    members: [{ name: 'tpm', location: ground.location, processes: 2, login }],
    ...{ fallback: null, queueLimit: CALLS, inFlightLimit: 4, checkMs: 1000, hungMs: 60_000, clock: () => 0 },
    every: (_, work) => {
      tick = work;
      return () => undefined;
    },
    record: (event) => {
      events.push(event);
      const [told, others] = [waiting, waiting].map((all, index) =>
        all.filter(({ kind }) => (kind === event.kind) === (index === 0)),
      );
      waiting = others ?? [];
      for (const { resolve } of told ?? []) resolve();
    },
  });
});
afterEach(async () => {
  await pool.close();
});

function next(kind: PoolEvent['kind']): Promise<void> {
  return new Promise((resolve) => waiting.push({ kind, resolve }));
}

const holds = (signature: string) => verify('SHA256', MESSAGE, publicKey, Buffer.from(signature, 'base64'));

test('a process that ends in the middle of a run: every signature is delivered, and holds', async () => {
  const run = Array.from({ length: CALLS }, () => pool.call('sign', SIGN));
  const back = next('up');
  await run[3];
  process.kill(pool.status().processes[0]?.pid ?? 0, 'SIGKILL');
  const signatures = (await Promise.all(run)).map(({ signature }) => signature);
  expect(signatures.filter(holds)).toHaveLength(CALLS);
  expect(new Set(signatures).size).toBe(CALLS);
  expect(events.map(({ kind }) => kind)).toContain('failover');
  await back;
});

test('the TPM is pulled in the middle of a run, and comes back: what was not signed is a coded refusal', async () => {
  const run = Array.from({ length: CALLS }, () =>
    pool.call('sign', SIGN).then(
      ({ signature }) => (holds(signature) ? 'signed' : 'wrong'),
      (error: unknown) => (error instanceof Refusal ? error.code : 'no refusal'),
    ),
  );
  await run[3];
  await ground.pull();
  const outcomes = await Promise.all(run);
  const signed = outcomes.filter((outcome) => outcome === 'signed').length;
  expect(signed).toBeGreaterThanOrEqual(4);
  expect(signed).toBeLessThan(CALLS);
  expect(new Set(outcomes)).toEqual(new Set(['signed', 'TOKEN_GONE']));

  ground.plugIn();
  const back = next('up');
  tick();
  await back;
  expect(holds((await pool.call('sign', SIGN)).signature)).toBe(true);
});
