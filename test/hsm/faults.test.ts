import { createDecipheriv, createPrivateKey, createPublicKey, randomBytes, verify } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorParams } from '../../core/contract/errors.ts';
import { Pkcs11Token } from '../../core/hsm/pkcs11/pkcs11-token.ts';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import type { Token } from '../../core/hsm/token.ts';
import { type Fault, compileFaultyModule, setFault } from './faulty-module.ts';
import { refused } from './refused.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from './softhsm.ts';

/** What goes wrong with real modules, made to go wrong: each a coded error, and who asked lives. */

const PIN = Buffer.from(USER_PIN);
const OFFICER = Buffer.from(SECURITY_OFFICER_PIN);
const CA = { label: 'ca', algorithm: 'EC-P384', purpose: 'ca' } as const;
const SERVICE = { label: 'service', algorithm: 'EC-P384', purpose: 'service' } as const;

let softHsm: ReturnType<typeof makeSoftHsm>;
let faulty: ReturnType<typeof compileFaultyModule>;
let token: Token | null = null;
const processes: TokenProcess[] = [];

beforeAll(() => {
  softHsm = makeSoftHsm(['token']);
  faulty = compileFaultyModule();
});
afterEach(async () => {
  setFault(null);
  await Promise.all(processes.splice(0).map((running) => running.close()));
  if (!token) return;
  for (const { label } of token.inventory()) token.destroy(label);
  token.close();
  token = null;
});
afterAll(() => {
  softHsm.remove();
  faulty.remove();
});

function open(): Token {
  token = new Pkcs11Token(faulty.path, 'token');
  token.login(PIN, OFFICER);
  return token;
}

async function startProcess(): Promise<TokenProcess> {
  const running = TokenProcess.start();
  processes.push(running);
  await running.call('open', { location: { kind: 'pkcs11', module: faulty.path, token: 'token' } });
  const pin = await running.sendSecret(PIN);
  await running.call('login', { pin, securityOfficerPin: null });
  return running;
}

describe('a token that lies is found out, and keeps no key', () => {
  test.each<[Fault, ErrorParams]>([
    ['lies about extractable', { label: 'service', attribute: 'extractable', actual: 'true', expected: 'false' }],
    ['lies about decrypt', { label: 'service', attribute: 'decrypt', actual: 'true', expected: 'false' }],
    [
      'lies about the public key',
      { label: 'service', attribute: 'public key', actual: 'malformed', expected: 'EC-P384' },
    ],
    ['lies about the label', { label: 'service', attribute: 'label', actual: 'Xervice', expected: 'service' }],
  ])('%s', async (fault, params) => {
    const held = open();
    setFault(fault);
    expect(await refused('TOKEN_LIED', () => held.generateKey(SERVICE))).toEqual(params);
    setFault(null);
    expect(held.inventory()).toEqual([]);
  });

  test('drops an attribute', async () => {
    const held = open();
    setFault('drops an attribute');
    const params = await refused('TOKEN_LIED', () => held.generateKey(CA));
    expect(params).toEqual({ label: 'ca', attribute: 'wrapWithTrusted', actual: 'false', expected: 'true' });
    setFault(null);
    expect(held.inventory()).toEqual([]);
  });

  test('keeps what is destroyed', async () => {
    const held = open();
    held.generateKey(SERVICE);
    setFault('keeps what is destroyed');
    const params = await refused('TOKEN_LIED', () => {
      held.destroy('service');
    });
    expect(params).toMatchObject({ attribute: 'presence', expected: 'destroyed' });
  });

  test('about a master key and about what is unwrapped', async () => {
    const held = open();
    setFault('lies about decrypt');
    await refused('TOKEN_LIED', () => held.importMasterKey('master', randomBytes(32)));
    setFault(null);
    expect(held.inventory()).toEqual([]);
    held.generateKey(CA);
    held.importMasterKey('master', randomBytes(32));
    const wrapped = held.wrap('master', 'ca');
    setFault('lies about extractable');
    await refused('TOKEN_LIED', () => held.unwrap('master', wrapped, { label: 'back', algorithm: 'EC-P384' }));
    setFault(null);
    expect(
      held
        .inventory()
        .map((key) => key.label)
        .sort(),
    ).toEqual(['ca', 'master']);
  });
});

test('a token that takes no key in the clear gets the master key under a transport key of its own', () => {
  const held = open();
  setFault('no key in the clear');
  const value = randomBytes(32);
  const record = held.importMasterKey('master', value);
  expect(record.attributes).toMatchObject({
    trusted: true,
    wrap: true,
    unwrap: true,
    decrypt: false,
    extractable: false,
  });
  const key = held.generateKey(CA);
  const { blob } = held.wrap('master', 'ca');
  const decipher = createDecipheriv('id-aes256-wrap-pad', value, Buffer.from('a65959a6', 'hex'));
  const pkcs8 = Buffer.concat([decipher.update(blob), decipher.final()]);
  const opened = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  expect(opened.export({ type: 'spki', format: 'der' }).equals(key.publicKey as Uint8Array)).toBe(true);
  // Nothing of the transport key is left.
  expect(
    held
      .inventory()
      .map(({ label }) => label)
      .sort(),
  ).toEqual(['ca', 'master']);
});

test('a full token', async () => {
  const held = open();
  setFault('full');
  const params = await refused('TOKEN_FAILED', () => held.generateKey(SERVICE));
  expect(params).toEqual({ operation: 'C_GenerateKeyPair', ckr: 'CKR_DEVICE_MEMORY' });
  setFault(null);
  expect(held.inventory()).toEqual([]);
});

test.each<[Fault, string]>([
  ['session lost', 'CKR_SESSION_HANDLE_INVALID'],
  ['device removed', 'CKR_DEVICE_REMOVED'],
])('%s in the middle of a signature: coded, and a new login goes on', async (fault, ckr) => {
  setFault(fault);
  const running = await startProcess();
  const { publicKey } = await running.call('generateKey', SERVICE);
  const sign = { label: 'service', message: 'AAAA', hash: 'SHA-384' } as const;
  const params = await refused('TOKEN_FAILED', () => running.call('sign', sign));
  expect(params).toEqual({ operation: 'C_Sign', ckr });
  await refused('TOKEN_FAILED', () => running.call('sign', sign));
  const pin = await running.sendSecret(PIN);
  await running.call('login', { pin, securityOfficerPin: null });
  const { signature } = await running.call('sign', sign);
  const key = { key: Buffer.from(publicKey ?? '', 'base64'), format: 'der', type: 'spki' } as const;
  expect(verify('SHA384', Buffer.alloc(3), key, Buffer.from(signature, 'base64'))).toBe(true);
  await running.call('destroy', { label: 'service' });
});

test('a library that crashes takes its process with it, and nobody else', async () => {
  setFault('crash on load');
  await expect(startProcess()).rejects.toMatchObject({ code: 'TOKEN_GONE', params: { detail: 'SIGABRT' } });
  setFault('crash in C_Sign');
  const running = await startProcess();
  await running.call('generateKey', SERVICE);
  const sign = { label: 'service', message: 'AAAA', hash: 'SHA-384' } as const;
  expect(await refused('TOKEN_GONE', () => running.call('sign', sign))).toEqual({ detail: 'SIGABRT' });
  setFault(null);
  const again = await startProcess();
  expect((await again.call('inventory', {})).keys.map(({ label }) => label)).toEqual(['service']);
  await again.call('destroy', { label: 'service' });
});

test.each<[Fault | null, string]>([
  [null, 'fine'],
  ['PIN low', 'low'],
  ['PIN final try', 'final-try'],
  ['PIN locked', 'locked'],
])('%s is told before the next try', (fault, state) => {
  setFault(fault);
  const held = new Pkcs11Token(faulty.path, 'token');
  expect(held.info()).toMatchObject({ pinState: state, securityOfficerPinState: state });
  held.close();
});

test('a locked PIN, of the user and of the security officer', async () => {
  const held = new Pkcs11Token(faulty.path, 'token');
  setFault('PIN locked');
  const login = (officer: Uint8Array | null) =>
    refused('PIN_LOCKED', () => {
      held.login(PIN, officer);
    });
  expect(await login(null)).toEqual({ pin: 'PIN' });
  expect(await login(OFFICER)).toEqual({ pin: 'officer' });
  held.close();
});

test('PINs that are typed at the token itself', async () => {
  Object.assign(process.env, { TYPED_PIN: USER_PIN, TYPED_SO_PIN: SECURITY_OFFICER_PIN });
  setFault('PIN pad');
  token = new Pkcs11Token(faulty.path, 'token');
  expect(token.info().protectedAuthenticationPath).toBe(true);
  token.login(null, null);
  expect(token.importMasterKey('master', randomBytes(32)).attributes.trusted).toBe(true);
  const running = TokenProcess.start();
  processes.push(running);
  await running.call('open', { location: { kind: 'pkcs11', module: faulty.path, token: 'token' } });
  const info = await running.call('login', { pin: null, securityOfficerPin: null });
  expect(info.protectedAuthenticationPath).toBe(true);
  expect((await running.call('inventory', {})).keys.map(({ label }) => label)).toEqual(['master']);
});

test('a token that is not initialised, and one without a user PIN', async () => {
  const here = process.env['SOFTHSM2_CONF'];
  const empty = makeSoftHsm([]);
  expect(await refused('TOKEN_MISSING', () => new Pkcs11Token(SOFTHSM_MODULE, 'young'))).toEqual({ label: 'young' });
  execFileSync('pkcs11-tool', [
    ...['--module', SOFTHSM_MODULE, '--slot-index', '0', '--init-token', '--label', 'young'],
    ...['--so-pin', SECURITY_OFFICER_PIN],
  ]);
  const young = new Pkcs11Token(SOFTHSM_MODULE, 'young');
  const params = await refused('TOKEN_FAILED', () => {
    young.login(PIN, null);
  });
  expect(params).toEqual({ operation: 'C_Login', ckr: 'CKR_USER_PIN_NOT_INITIALIZED' });
  young.close();
  empty.remove();
  process.env['SOFTHSM2_CONF'] = here;
});
