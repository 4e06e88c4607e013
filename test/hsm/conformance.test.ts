import { execFileSync } from 'node:child_process';
import { createDecipheriv, createPrivateKey, createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Pkcs11Token } from '../../core/hsm/pkcs11/pkcs11-token.ts';
import { SoftwareToken } from '../../core/hsm/software/software-token.ts';
import type { KeyAlgorithm, KeyRecord, Token } from '../../core/hsm/token.ts';
import { refused } from './refused.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from './softhsm.ts';

/** Every implementation of Token does the same. */

type Ground = { open: (label: string) => Token; securityOfficerPin: Uint8Array | null; remove: () => void };

/** The least that the software token reads: the PIN's key in a moment. */
const LOW_COST = { memoryKiB: 7168, passes: 5, parallelism: 1 };

const IMPLEMENTATIONS: { name: string; prepare: () => Ground }[] = [
  {
    name: 'software token',
    prepare: () => {
      const folder = mkdtempSync(join(tmpdir(), 'claviger-software-'));
      return {
        open: (label) => new SoftwareToken(join(folder, label), label, LOW_COST),
        securityOfficerPin: null,
        remove: () => {
          rmSync(folder, { recursive: true });
        },
      };
    },
  },
  {
    name: 'SoftHSM 2 through PKCS#11',
    prepare: () => {
      const { remove } = makeSoftHsm(['first', 'second']);
      return {
        open: (label) => new Pkcs11Token(SOFTHSM_MODULE, label),
        securityOfficerPin: Buffer.from(SECURITY_OFFICER_PIN),
        remove,
      };
    },
  },
];

const PIN = Buffer.from(USER_PIN);
const MESSAGE = Buffer.from('a to-be-signed certificate');
const ALGORITHMS: KeyAlgorithm[] = ['EC-P256', 'EC-P384', 'RSA-3072', 'RSA-4096'];

const NO_USAGE = {
  trusted: false,
  wrapWithTrusted: false,
  sign: false,
  encrypt: false,
  decrypt: false,
  derive: false,
  wrap: false,
  unwrap: false,
};
const KEPT = { token: true, private: true, sensitive: true };

function publicKeyOf(record: KeyRecord) {
  return createPublicKey({ key: Buffer.from(record.publicKey as Uint8Array), format: 'der', type: 'spki' });
}

describe.each(IMPLEMENTATIONS)('$name', ({ prepare }) => {
  let ground: Ground;
  let token: Token;
  const labels: string[] = [];

  /** A fresh label; its key is destroyed after the test, if it is still there. */
  function fresh(): string {
    const label = `key-${randomBytes(4).toString('hex')}`;
    labels.push(label);
    return label;
  }

  beforeAll(() => {
    ground = prepare();
  });
  afterAll(() => {
    ground.remove();
  });
  beforeEach(() => {
    token = ground.open('first');
    token.login(PIN, ground.securityOfficerPin);
  });
  afterEach(() => {
    const held = new Set(token.inventory().map((key) => key.label));
    for (const label of labels.splice(0)) if (held.has(label)) token.destroy(label);
    expect(token.inventory()).toEqual([]);
    token.close();
  });

  test('says what it is', () => {
    const info = token.info();
    expect(info.label).toBe('first');
    expect(info.serial).toMatch(/^[0-9a-f]{16}$/);
    expect(info.initialised).toBe(true);
    expect(info.needsSecurityOfficer).toBe(ground.securityOfficerPin !== null);
  });

  test('refuses a wrong PIN, and takes the right one after it', async () => {
    await refused('PIN_WRONG', () => {
      token.login(Buffer.from('000000'), null);
    });
    await refused('PIN_WRONG', () => {
      token.login(new Uint8Array(0), null);
    });
    token.login(PIN, ground.securityOfficerPin);
    expect(token.inventory()).toEqual([]);
  });

  test('gives random bytes', () => {
    const one = new Uint8Array(32);
    const other = new Uint8Array(32);
    token.random(one);
    token.random(other);
    expect(Buffer.from(one).equals(other)).toBe(false);
    expect(one.some((byte) => byte !== 0)).toBe(true);
  });

  test.each(ALGORITHMS)(
    'generates %s and signs with it',
    (algorithm) => {
      const label = fresh();
      const key = token.generateKey({ label, algorithm, purpose: 'ca' });
      expect(token.inventory()).toEqual([key]);
      expect(key).toMatchObject({ label, algorithm, kind: 'private' });
      expect(key.id).toMatch(/^[0-9a-f]{32}$/);
      const details = publicKeyOf(key).asymmetricKeyDetails;
      expect(details?.namedCurve ?? details?.modulusLength).toBe(
        { 'EC-P256': 'prime256v1', 'EC-P384': 'secp384r1', 'RSA-3072': 3072, 'RSA-4096': 4096 }[algorithm],
      );
      for (const hash of ['SHA-256', 'SHA-384'] as const) {
        const signature = token.sign(label, MESSAGE, hash);
        expect(verify(hash.replace('-', ''), MESSAGE, publicKeyOf(key), signature)).toBe(true);
        expect(verify(hash.replace('-', ''), Buffer.from('another'), publicKeyOf(key), signature)).toBe(false);
      }
    },
    120_000,
  );

  test('signatures are DER for every length of r and s', () => {
    const label = fresh();
    const key = token.generateKey({ label, algorithm: 'EC-P256', purpose: 'service' });
    const lengths = new Set<number>();
    for (let count = 0; count < 60; count += 1) {
      const message = randomBytes(20);
      const signature = token.sign(label, message, 'SHA-256');
      lengths.add(signature.length);
      expect(verify('SHA256', message, publicKeyOf(key), signature)).toBe(true);
    }
    expect(lengths.size).toBeGreaterThan(1);
  });

  test('openssl verifies its signature', () => {
    const folder = mkdtempSync(join(tmpdir(), 'claviger-verify-'));
    const label = fresh();
    const key = token.generateKey({ label, algorithm: 'EC-P384', purpose: 'ca' });
    const file = (name: string, content: Uint8Array | string) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const said = execFileSync('openssl', [
      ...['dgst', '-sha384', '-verify', file('key.pem', publicKeyOf(key).export({ type: 'spki', format: 'pem' }))],
      ...['-signature', file('signature', token.sign(label, MESSAGE, 'SHA-384')), file('message', MESSAGE)],
    ]).toString();
    rmSync(folder, { recursive: true });
    expect(said.trim()).toBe('Verified OK');
  });

  test('a CA key leaves only under a trusted key, a service key never', async () => {
    const [ca, service, master] = [fresh(), fresh(), fresh()];
    const generated = { ...NO_USAGE, ...KEPT, alwaysSensitive: true, local: true, sign: true };
    expect(token.generateKey({ label: ca, algorithm: 'EC-P256', purpose: 'ca' }).attributes).toEqual({
      ...generated,
      extractable: true,
      neverExtractable: false,
      wrapWithTrusted: true,
    });
    expect(token.generateKey({ label: service, algorithm: 'EC-P256', purpose: 'service' }).attributes).toEqual({
      ...generated,
      extractable: false,
      neverExtractable: true,
    });
    token.importMasterKey(master, randomBytes(32));
    expect(token.wrap(master, ca).blob.length).toBeGreaterThan(64);
    const params = await refused('TOKEN_FAILED', () => token.wrap(master, service));
    expect(params).toEqual({ operation: 'C_WrapKey', ckr: 'CKR_KEY_UNEXTRACTABLE' });
  });

  test('a master key wraps and unwraps and does nothing else', async () => {
    const label = fresh();
    const record = token.importMasterKey(label, randomBytes(32));
    expect(record).toMatchObject({ label, kind: 'secret', algorithm: 'AES-256', publicKey: null });
    expect(record.attributes).toEqual({
      ...NO_USAGE,
      ...KEPT,
      alwaysSensitive: false,
      extractable: false,
      neverExtractable: false,
      local: false,
      trusted: true,
      wrap: true,
      unwrap: true,
    });
    expect(token.inventory()).toEqual([record]);
    await refused('KEY_MISSING', () => token.sign(label, MESSAGE, 'SHA-256'));
    await refused('KEY_MISSING', () => token.wrap(label, label));
  });

  test('a label is taken once', async () => {
    const label = fresh();
    token.generateKey({ label, algorithm: 'EC-P256', purpose: 'service' });
    await refused('KEY_EXISTS', () => token.generateKey({ label, algorithm: 'EC-P256', purpose: 'ca' }));
    await refused('KEY_EXISTS', () => token.importMasterKey(label, randomBytes(32)));
    expect(token.inventory()).toHaveLength(1);
  });

  test.each(ALGORITHMS)(
    'a wrapped %s opens with RFC 5649 anywhere, and comes back to sign',
    (algorithm) => {
      const [ca, master, back] = [fresh(), fresh(), fresh()];
      const masterKey = randomBytes(32);
      const key = token.generateKey({ label: ca, algorithm, purpose: 'ca' });
      token.importMasterKey(master, masterKey);
      const { mechanism, blob } = token.wrap(master, ca);
      expect(mechanism).toBe('RFC5649');

      const decipher = createDecipheriv('id-aes256-wrap-pad', masterKey, Buffer.from('a65959a6', 'hex'));
      const pkcs8 = Buffer.concat([decipher.update(blob), decipher.final()]);
      const opened = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
      expect(opened.export({ type: 'spki', format: 'der' }).equals(key.publicKey as Uint8Array)).toBe(true);

      const copy = token.unwrap(master, blob, { label: back, algorithm });
      expect(copy).toMatchObject({ label: back, algorithm, kind: 'private' });
      expect(copy.attributes).toEqual({
        ...NO_USAGE,
        ...KEPT,
        alwaysSensitive: false,
        extractable: false,
        neverExtractable: false,
        local: false,
        sign: true,
      });
      const signature = token.sign(back, MESSAGE, 'SHA-384');
      expect(verify('SHA384', MESSAGE, publicKeyOf(key), signature)).toBe(true);
    },
    120_000,
  );

  test('a backup that was altered, cut, made under another key or of another kind does not open', async () => {
    const [ca, master, foreign, back] = [fresh(), fresh(), fresh(), fresh()];
    token.generateKey({ label: ca, algorithm: 'EC-P384', purpose: 'ca' });
    token.importMasterKey(master, randomBytes(32));
    token.importMasterKey(foreign, randomBytes(32));
    const { blob } = token.wrap(master, ca);
    const altered = Uint8Array.from(blob, (byte, at) => (at === 9 ? byte ^ 1 : byte));
    const spec = { label: back, algorithm: 'EC-P384' } as const;
    for (const broken of [altered, blob.subarray(0, 48), blob.subarray(0, 3), new Uint8Array(0)]) {
      await refused('BACKUP_UNOPENED', () => token.unwrap(master, broken, spec));
    }
    expect(await refused('BACKUP_UNOPENED', () => token.unwrap(foreign, blob, spec))).toEqual({ label: back });
    for (const algorithm of ['EC-P256', 'RSA-3072'] as const) {
      await refused('BACKUP_UNOPENED', () => token.unwrap(master, blob, { label: back, algorithm }));
    }
    expect(
      token
        .inventory()
        .map((key) => key.label)
        .sort(),
    ).toEqual([ca, master, foreign].sort());
  });

  test('a destroyed key is gone, and cannot be destroyed again', async () => {
    const label = fresh();
    token.generateKey({ label, algorithm: 'EC-P256', purpose: 'ca' });
    token.destroy(label);
    expect(token.inventory()).toEqual([]);
    await refused('KEY_MISSING', () => {
      token.destroy(label);
    });
    await refused('KEY_MISSING', () => token.sign(label, MESSAGE, 'SHA-256'));
    token.generateKey({ label, algorithm: 'EC-P256', purpose: 'ca' });
  });

  test('what it holds is there on another day, and the other token does not have it', () => {
    const label = fresh();
    const key = token.generateKey({ label, algorithm: 'EC-P384', purpose: 'ca' });
    token.close();
    token = ground.open('second');
    token.login(PIN, ground.securityOfficerPin);
    expect(token.inventory()).toEqual([]);
    token.close();
    token = ground.open('first');
    token.login(PIN, ground.securityOfficerPin);
    expect(token.inventory()).toEqual([key]);
  });
});

test('a backup made by either token opens in the other', () => {
  const [software, softHsm] = IMPLEMENTATIONS.map(({ prepare }) => prepare()) as [Ground, Ground];
  const masterKey = randomBytes(32);
  for (const [from, to] of [
    [software, softHsm],
    [softHsm, software],
  ] as const) {
    const source = from.open('first');
    source.login(PIN, from.securityOfficerPin);
    const target = to.open('second');
    target.login(PIN, to.securityOfficerPin);
    for (const held of [source, target]) held.importMasterKey('master', masterKey);
    for (const algorithm of ['EC-P384', 'RSA-3072'] as const) {
      const key = source.generateKey({ label: algorithm, algorithm, purpose: 'ca' });
      target.unwrap('master', source.wrap('master', algorithm).blob, { label: algorithm, algorithm });
      const signature = target.sign(algorithm, MESSAGE, 'SHA-256');
      expect(verify('SHA256', MESSAGE, publicKeyOf(key), signature)).toBe(true);
    }
    source.close();
    target.close();
  }
  software.remove();
  softHsm.remove();
});
