import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Pkcs11Token } from '../../core/hsm/pkcs11/pkcs11-token.ts';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { BATCH_LIMIT, type TokenCallInput } from '../../core/hsm/process/protocol.ts';
import { refused } from './refused.ts';
import { SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from './softhsm.ts';

/** A token process remembers keys between signatures; another process may change the token meanwhile. */

const MESSAGE = randomBytes(50);
const SIGN = { label: 'ca', message: MESSAGE.toString('base64'), hash: 'SHA-384' } as const;

let remove: () => void;
let here: Pkcs11Token;
let there: TokenProcess;

beforeAll(async () => {
  ({ remove } = makeSoftHsm(['shared']));
  here = new Pkcs11Token(SOFTHSM_MODULE, 'shared');
  here.login(Buffer.from(USER_PIN), null);
  there = TokenProcess.start();
  await there.call('open', { location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'shared' } });
  await there.call('login', { pin: await there.sendSecret(Buffer.from(USER_PIN)), securityOfficerPin: null });
});
beforeEach(() => {
  for (const { label } of here.inventory()) here.destroy(label);
});
afterAll(async () => {
  here.close();
  await there.close();
  remove();
});

function make(algorithm: 'EC-P384' | 'RSA-3072'): (signature: string) => boolean {
  const { publicKey } = here.generateKey({ label: 'ca', algorithm, purpose: 'ca' });
  const key = createPublicKey({ key: Buffer.from(publicKey as Uint8Array), format: 'der', type: 'spki' });
  return (signature) => verify('sha384', MESSAGE, key, Buffer.from(signature, 'base64'));
}

test('a key that was destroyed elsewhere is missing here', async () => {
  const holds = make('EC-P384');
  for (let time = 0; time < 3; time += 1) expect(holds((await there.call('sign', SIGN)).signature)).toBe(true);
  here.destroy('ca');
  expect(await refused('KEY_MISSING', () => there.call('sign', SIGN))).toEqual({ label: 'ca' });
});

test('a key that was replaced elsewhere by one of the same label and another kind is found anew', async () => {
  const old = make('EC-P384');
  expect(old((await there.call('sign', SIGN)).signature)).toBe(true);
  here.destroy('ca');
  const holds = make('RSA-3072');
  const { signature } = await there.call('sign', SIGN);
  expect(holds(signature)).toBe(true);
});

test('a batch answers each call for itself, in its order', async () => {
  const holds = make('EC-P384');
  const missing = { ...SIGN, label: 'none' };
  const calls = [SIGN, missing, SIGN].map((input) => ({ name: 'sign', input }) as const);
  const { outcomes } = await there.call('batch', {
    calls: [...calls, { name: 'wrap', input: { masterKeyLabel: 'none', label: 'ca' } }],
  });
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, false]);
  for (const outcome of outcomes) {
    if (outcome.ok) expect('signature' in outcome.value && holds(outcome.value.signature)).toBe(true);
    else expect(outcome.error).toMatchObject({ code: 'KEY_MISSING', params: { label: 'none' } });
  }
});

test('a batch makes, imports and destroys nothing, and is not endless', async () => {
  const destroy = { calls: [{ name: 'destroy', input: { label: 'ca' } }] } as unknown as TokenCallInput<'batch'>;
  await refused('INPUT_INVALID', () => there.call('batch', destroy));
  const calls = Array.from({ length: BATCH_LIMIT + 1 }, () => ({ name: 'sign', input: SIGN }) as const);
  await refused('INPUT_INVALID', () => there.call('batch', { calls }));
});
