import { randomBytes, verify } from 'node:crypto';
import pkcs11 from 'pkcs11js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Pkcs11Token } from '../../core/hsm/pkcs11/pkcs11-token.ts';
import { masterKeyTemplate, privateKeyTemplate, publicKeyTemplate } from '../../core/hsm/pkcs11/templates.ts';
import { CKK_YUBICO_AES256_CCM_WRAP, CKM_YUBICO_AES_CCM_WRAP } from '../../core/hsm/pkcs11/yubico.ts';
import type { KeyRecord, Token, Wrapped } from '../../core/hsm/token.ts';
import { compileModule } from './compile-module.ts';
import { prepareSoftware } from './grounds/software.ts';
import { refused } from './refused.ts';
import { SOFTHSM_MODULE, SECURITY_OFFICER_PIN, USER_PIN, makeSoftHsm, pkcs11Tool } from './softhsm.ts';

/** Two tokens of a fake YubiHSM 2 (fake-yubihsm.c): never tried on the device. */

const MESSAGE = Buffer.from('a to-be-signed certificate');
const MASTER_KEY = randomBytes(32);
const CA = { label: 'root-2026', algorithm: 'EC-P384', purpose: 'ca' } as const;

let fake: ReturnType<typeof compileModule>;
let softHsm: ReturnType<typeof makeSoftHsm>;
/** A module is loaded once a process: one token at a time is open. */
let token: Token;

beforeAll(() => {
  fake = compileModule('fake-yubihsm.c');
});
afterAll(() => {
  fake.remove();
});
beforeEach(() => {
  softHsm = makeSoftHsm(['first', 'second']);
  token = opened('first');
});
afterEach(() => {
  token.close();
  softHsm.remove();
});

function opened(label: 'first' | 'second'): Token {
  const one = new Pkcs11Token(fake.path, label);
  one.login(Buffer.from(USER_PIN), null);
  return one;
}

/** Goes over to the other token, which gets the same master key. */
function toTheSecond(): void {
  token.close();
  token = opened('second');
  token.importMasterKey('master', MASTER_KEY);
}

function toTheFirst(): void {
  token.close();
  token = opened('first');
}

const labels = () =>
  token
    .inventory()
    .map(({ label }) => label)
    .sort();

function signs(label: string, original: KeyRecord): boolean {
  const key = { key: Buffer.from(original.publicKey as Uint8Array), format: 'der', type: 'spki' } as const;
  return verify('SHA384', MESSAGE, key, token.sign(label, MESSAGE, 'SHA-384'));
}

/** A CA key that was made on the first token, and its backup. */
function backedUp(spec: { label: string; algorithm: 'EC-P384' | 'RSA-3072'; purpose: 'ca' } = CA): {
  key: KeyRecord;
  wrapped: Wrapped;
} {
  if (!labels().includes('master')) token.importMasterKey('master', MASTER_KEY);
  const key = token.generateKey(spec);
  return { key, wrapped: token.wrap('master', spec.label) };
}

describe('a fake YubiHSM 2', () => {
  test('declares its own wrap, and not the one that is in its list for another purpose', () => {
    expect(token.info()).toMatchObject({ model: 'YubiHSM', needsSecurityOfficer: false });
    const by = 'CKM_YUBICO_AES_CCM_WRAP, YUBIHSM-AES-CCM';
    expect(token.capabilities()).toMatchObject({
      'back up EC-P256': { is: 'native', by },
      'back up EC-P384': { is: 'native', by },
      'back up RSA-4096': { is: 'native', by },
      'back up Ed25519': { is: 'refused', lacks: 'CKA_EC_PARAMS as an object identifier' },
      'back up AES-256': { is: 'refused', lacks: 'CKM_AES_GCM' },
      'keep CA keys to trusted wrapping': { is: 'emulated' },
      'keep data': { is: 'refused', lacks: 'CKO_DATA that is private' },
    });
  });

  test.each(['2.7.1', '2.7.2'])(
    'the master key is one of its wrap keys, and does nothing else (module %s)',
    (version) => {
      process.env['YUBIHSM_SHELL'] = version;
      onTestFinished(() => {
        delete process.env['YUBIHSM_SHELL'];
      });
      const record = token.importMasterKey('master', MASTER_KEY);
      expect(record).toMatchObject({ label: 'master', kind: 'secret', algorithm: 'AES-256' });
      expect(record.id).toMatch(/^[0-9a-f]{4}$/);
      expect(record.attributes).toMatchObject({
        wrap: true,
        unwrap: true,
        encrypt: false,
        decrypt: false,
        local: false,
      });
      expect(record.attributes).toMatchObject({ extractable: false, sensitive: true, private: true, token: true });
      expect(token.inventory()).toEqual([record]);
    },
  );

  test.each(['EC-P384', 'RSA-3072'] as const)(
    'a CA key %s comes back on another one under its own id and label, signs, and is destroyed',
    (algorithm) => {
      const { key, wrapped } = backedUp({ ...CA, algorithm });
      expect(wrapped.mechanism).toBe('YUBIHSM-AES-CCM');
      expect(key.id).toMatch(/^[0-9a-f]{4}$/);
      toTheSecond();
      const copy = token.unwrap('master', wrapped, { label: CA.label, algorithm, id: key.id });
      expect(copy).toMatchObject({ label: CA.label, id: key.id, algorithm, kind: 'private' });
      expect(copy.attributes).toMatchObject({ sign: true, decrypt: false, unwrap: false, local: false });
      // As it was: it can be wrapped again.
      expect(copy.attributes.extractable).toBe(true);
      expect(signs(CA.label, key)).toBe(true);
      token.destroy(CA.label);
      expect(labels()).toEqual(['master']);
      expect(token.contents().filter((object) => object.includes(CA.label))).toEqual([]);
      toTheFirst();
      expect(signs(CA.label, key)).toBe(true);
    },
  );

  test('a destroyed key comes back on the same token', () => {
    const { key, wrapped } = backedUp();
    token.destroy(CA.label);
    expect(token.contents()).toEqual(['secret key master']);
    token.unwrap('master', wrapped, { ...CA, id: key.id });
    expect(signs(CA.label, key)).toBe(true);
  });

  test('what comes back with another label, id or algorithm than was asked for is destroyed again, and nothing else', async () => {
    const { key, wrapped } = backedUp();
    toTheSecond();
    token.generateKey({ label: 'present', algorithm: 'EC-P256', purpose: 'service' });
    const other = key.id === 'aaaa' ? 'bbbb' : 'aaaa';
    for (const asked of [
      { ...CA, label: 'issuing-2026' },
      { ...CA, id: other },
      { ...CA, algorithm: 'EC-P256' },
      { ...CA, algorithm: 'RSA-3072' },
    ] as const) {
      expect(await refused('BACKUP_UNOPENED', () => token.unwrap('master', wrapped, asked))).toEqual({
        label: asked.label,
      });
      expect(labels()).toEqual(['master', 'present']);
    }
    // Without this module's own view of it.
    expect(pkcs11Tool('second', '--list-objects', '--type', 'privkey')).not.toContain(CA.label);
    token.unwrap('master', wrapped, { ...CA, id: key.id });
  });

  test('a clash is refused, by label before the device is asked and by id by the device, and what is there stays', async () => {
    const { key, wrapped } = backedUp();
    expect(await refused('KEY_EXISTS', () => token.unwrap('master', wrapped, CA))).toEqual({ label: CA.label });
    expect(signs(CA.label, key)).toBe(true);
    // Of the object id the device knows: here it belongs to a key of another name.
    const asked = { ...CA, label: 'issuing-2026' };
    expect(await refused('KEY_EXISTS', () => token.unwrap('master', wrapped, asked))).toEqual({ label: asked.label });
    expect(labels()).toEqual(['master', CA.label]);
    expect(signs(CA.label, key)).toBe(true);
  });

  test('a backup that was altered or cut, or made under another key, does not open', async () => {
    const { wrapped } = backedUp();
    const { mechanism, blob } = wrapped;
    toTheSecond();
    token.importMasterKey('foreign', randomBytes(32));
    const altered = (at: number) => blob.map((byte, index) => (index === at ? byte ^ 1 : byte));
    for (const broken of [altered(0), altered(30), altered(blob.length - 1), blob.subarray(1), blob.subarray(0, 31)]) {
      await refused('BACKUP_UNOPENED', () => token.unwrap('master', { mechanism, blob: broken }, CA));
    }
    await refused('BACKUP_UNOPENED', () => token.unwrap('master', { mechanism, blob: new Uint8Array(0) }, CA));
    await refused('BACKUP_UNOPENED', () => token.unwrap('foreign', wrapped, CA));
    expect(labels()).toEqual(['foreign', 'master']);
  });

  test('its backups open on no other kind of token, and those of others not on it', async () => {
    const { wrapped } = backedUp();
    const rfc = { ...wrapped, mechanism: 'RFC5649' as const };
    await refused('MECHANISM_MISSING', () => token.unwrap('master', rfc, { ...CA, label: 'never' }));
    token.close();
    const ground = prepareSoftware();
    const software = ground.open('first');
    software.login(ground.pin, null);
    const plain = new Pkcs11Token(SOFTHSM_MODULE, 'second');
    plain.login(Buffer.from(USER_PIN), Buffer.from(SECURITY_OFFICER_PIN));
    for (const foreign of [software, plain]) {
      foreign.importMasterKey('master', MASTER_KEY);
      const params = await refused('MECHANISM_MISSING', () => foreign.unwrap('master', wrapped, CA));
      expect(params).toEqual({ mechanism: 'YUBIHSM-AES-CCM' });
      foreign.destroy('master');
      foreign.close();
    }
    ground.remove();
    token = opened('first');
  });

  test('only a CA key is wrapped, and none has a label that would be cut', async () => {
    token.importMasterKey('master', MASTER_KEY);
    token.generateKey({ label: 'ledger', algorithm: 'EC-P384', purpose: 'service' });
    expect(await refused('TOKEN_FAILED', () => token.wrap('master', 'ledger'))).toEqual({
      operation: 'C_WrapKey',
      ckr: 'CKR_KEY_UNEXTRACTABLE',
    });
    const long = { ...CA, label: 'x'.repeat(41) };
    await refused('INPUT_INVALID', () => token.generateKey(long));
    expect(labels()).toEqual(['ledger', 'master']);
    const fits = { ...CA, label: 'x'.repeat(40) };
    const { key, wrapped } = backedUp(fits);
    toTheSecond();
    expect(token.unwrap('master', wrapped, { ...fits, id: key.id }).label).toBe(fits.label);
  });

  test('the token would wrap under any of its wrap keys; the token process does not ask it to', async () => {
    token.close();
    // By hand: a wrap key that may itself leave.
    const module = new pkcs11.PKCS11();
    module.load(fake.path);
    module.C_Initialize();
    const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.startsWith('first'));
    const session = module.C_OpenSession(slot as Buffer, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
    module.C_Login(session, pkcs11.CKU_USER, USER_PIN);
    const template = masterKeyTemplate('borrowed', Buffer.from('0101', 'hex'), CKK_YUBICO_AES256_CCM_WRAP, 'user')
      .filter(({ type }) => type !== pkcs11.CKA_TRUSTED)
      .map((one) => (one.type === pkcs11.CKA_EXTRACTABLE ? { ...one, value: true } : one));
    const borrowed = module.C_CreateObject(session, [...template, { type: pkcs11.CKA_VALUE, value: randomBytes(32) }]);
    const id = Buffer.from('0202', 'hex');
    const { privateKey } = module.C_GenerateKeyPair(
      session,
      { mechanism: pkcs11.CKM_EC_KEY_PAIR_GEN },
      publicKeyTemplate(CA.label, id, 'EC-P384'),
      privateKeyTemplate(CA.label, id, 'EC-P384', 'ca').filter(({ type }) => type !== pkcs11.CKA_WRAP_WITH_TRUSTED),
    );
    const ccm = { mechanism: CKM_YUBICO_AES_CCM_WRAP };
    expect(module.C_WrapKey(session, ccm, borrowed, privateKey, Buffer.alloc(4096)).length).toBeGreaterThan(100);
    module.C_Finalize();
    module.close();

    token = opened('first');
    expect(await refused('TOKEN_FAILED', () => token.wrap('borrowed', CA.label))).toEqual({
      operation: 'C_WrapKey',
      ckr: 'CKR_KEY_NOT_WRAPPABLE',
    });
  });
});
