import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pkcs11 from 'pkcs11js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ErrorCode } from '../../core/contract/errors.ts';
import { attempt } from '../../core/hsm/pkcs11/ckr.ts';
import { Pkcs11Token } from '../../core/hsm/pkcs11/pkcs11-token.ts';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { checkReadBack } from '../../core/hsm/read-back.ts';
import { refused } from './refused.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm, pkcs11Tool } from './softhsm.ts';

let softHsm: ReturnType<typeof makeSoftHsm>;
let token: Pkcs11Token;

beforeAll(() => {
  softHsm = makeSoftHsm(['token']);
  token = new Pkcs11Token(SOFTHSM_MODULE, 'token');
  token.login(Buffer.from(USER_PIN), Buffer.from(SECURITY_OFFICER_PIN));
});
afterEach(() => {
  for (const { label } of token.inventory()) token.destroy(label);
});
afterAll(() => {
  token.close();
  softHsm.remove();
});

test('a key that nobody trusts wraps no CA key', async () => {
  token.generateKey({ label: 'ca', algorithm: 'EC-P384', purpose: 'ca' });
  pkcs11Tool('token', '--keygen', '--key-type', 'AES:32', '--label', 'untrusted', '--usage-wrap');
  expect(token.inventory().find((key) => key.label === 'untrusted')?.attributes).toMatchObject({
    wrap: true,
    trusted: false,
  });
  const params = await refused('TOKEN_FAILED', () => token.wrap('untrusted', 'ca'));
  expect(params).toEqual({ operation: 'C_WrapKey', ckr: 'CKR_KEY_NOT_WRAPPABLE' });
});

test('OpenSC sees the same keys, and the same usages', () => {
  token.generateKey({ label: 'ca', algorithm: 'EC-P384', purpose: 'ca' });
  token.importMasterKey('master', randomBytes(32));
  const listed = pkcs11Tool('token', '--list-objects');
  expect(
    listed
      .match(/label: +(\S+)/g)
      ?.map((line) => line.replace(/label: +/, ''))
      .sort(),
  ).toEqual(['ca', 'ca', 'master']);
  const [, master] = /Secret Key Object; AES length 32([^]*?)Usage: +(.*)/.exec(listed) ?? [];
  expect(master).toContain('master');
  expect(/Secret Key Object[^]*?Usage: +(.*)/.exec(listed)?.[1]).toBe('wrap, unwrap');
  expect(/Private Key Object[^]*?Usage: +(.*)/.exec(listed)?.[1]).toBe('sign');
  token.destroy('ca');
  token.destroy('master');
  expect(pkcs11Tool('token', '--list-objects').trim()).toBe('');
});

test('keys of one label are ambiguous, and what a ceremony does not make is called other', async () => {
  for (const _ of [1, 2]) pkcs11Tool('token', '--keygen', '--key-type', 'AES:16', '--label', 'two');
  expect(token.inventory().map((key) => key.algorithm)).toEqual(['other', 'other']);
  await refused('KEY_AMBIGUOUS', () => {
    token.destroy('two');
  });
  await refused('KEY_EXISTS', () => token.generateKey({ label: 'two', algorithm: 'EC-P256', purpose: 'ca' }));
  // By hand, because destroying both is what must not happen by itself.
  for (const _ of [1, 2]) pkcs11Tool('token', '--delete-object', '--type', 'secrkey', '--label', 'two');
  expect(token.inventory()).toEqual([]);
});

test('of data whose writing was interrupted the newest counts, and another application keeps its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-data-'));
  const put = (application: string, value: string) => {
    writeFileSync(join(folder, 'value'), value);
    pkcs11Tool(
      'token',
      ...['--write-object', join(folder, 'value'), '--type', 'data', '--label', 'checkpoint', '--private'],
      ...['--application-label', application],
    );
  };
  const read = () => Buffer.from(token.readData('checkpoint') ?? []).toString();
  put('another', 'of another application');
  expect(token.readData('checkpoint')).toBe(null);
  token.writeData('checkpoint', Buffer.from('first'));
  put('claviger 3', 'third');
  put('claviger 2', 'second');
  expect(read()).toBe('third');
  token.writeData('checkpoint', Buffer.from('fourth'));
  expect(read()).toBe('fourth');
  expect(token.contents().filter((object) => object === 'data checkpoint')).toHaveLength(2);
  rmSync(folder, { recursive: true });
});

test('a mechanism that the token does not offer is named', async () => {
  const here = process.env.SOFTHSM2_CONF;
  const poor = makeSoftHsm(['poor'], 'CKM_EC_KEY_PAIR_GEN,CKM_SHA256_RSA_PKCS');
  const tokenProcess = TokenProcess.start();
  try {
    await tokenProcess.call('open', { location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'poor' } });
    const pin = await tokenProcess.sendSecret(Buffer.from(USER_PIN));
    await tokenProcess.call('login', { pin, securityOfficerPin: null });
    const spec = { label: 'service', algorithm: 'EC-P256', purpose: 'service' } as const;
    await tokenProcess.call('generateKey', spec);
    const sign = { label: 'service', message: 'AAAA', hash: 'SHA-256' } as const;
    const params = await refused('MECHANISM_MISSING', () => tokenProcess.call('sign', sign));
    expect(params).toEqual({ mechanism: 'CKM_ECDSA' });
  } finally {
    await tokenProcess.close();
    poor.remove();
    process.env.SOFTHSM2_CONF = here;
  }
});

test.each<[string, number, ErrorCode, object]>([
  ['CKR_PIN_INCORRECT', pkcs11.CKR_PIN_INCORRECT, 'PIN_WRONG', { pin: 'PIN' }],
  ['CKR_PIN_LOCKED', pkcs11.CKR_PIN_LOCKED, 'PIN_LOCKED', { pin: 'PIN' }],
  ['CKR_MECHANISM_INVALID', pkcs11.CKR_MECHANISM_INVALID, 'MECHANISM_MISSING', { mechanism: 'C_Login' }],
  [
    'CKR_DEVICE_REMOVED',
    pkcs11.CKR_DEVICE_REMOVED,
    'TOKEN_FAILED',
    { operation: 'C_Login', ckr: 'CKR_DEVICE_REMOVED' },
  ],
  ['a vendor code', 0x80000123, 'TOKEN_FAILED', { operation: 'C_Login', ckr: 'CKR 0x80000123' }],
])('%s becomes a coded refusal', async (_, ckr, code, params) => {
  const refuse = () => {
    throw new pkcs11.Pkcs11Error('whatever the module says', ckr, 'C_Login');
  };
  expect(await refused(code, () => attempt({ operation: 'C_Login' }, refuse))).toEqual(params);
});

test('what is read back must be what was asked for', async () => {
  const key = token.generateKey({ label: 'ca', algorithm: 'EC-P256', purpose: 'ca' });
  checkReadBack('ca', { extractable: true, sign: true }, key.attributes);
  expect(
    await refused('TOKEN_LIED', () => {
      checkReadBack('ca', { extractable: false }, key.attributes);
    }),
  ).toEqual({
    label: 'ca',
    attribute: 'extractable',
    actual: 'true',
    expected: 'false',
  });
});
