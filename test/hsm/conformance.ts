import { execFileSync } from 'node:child_process';
import { type KeyObject, createDecipheriv, createPrivateKey, createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  KEY_ALGORITHMS,
  type KeyAlgorithm,
  type KeyRecord,
  OPERATIONS,
  type Operation,
  type SignatureHash,
  type Token,
} from '../../core/hsm/token.ts';
import type { Ground } from './grounds/ground.ts';
import { refused } from './refused.ts';
import { committedColumn, columnOf } from './token-table.ts';

/**
 * Every implementation of Token does the same. What a module cannot do it declares, and is checked to refuse: each
 * test below has both ways, and takes the one that the token's own capabilities name.
 */

const MESSAGE = Buffer.from('a to-be-signed certificate');
const HASHES: SignatureHash[] = ['SHA-256', 'SHA-384', 'SHA-512'];
const hashesOf = (algorithm: KeyAlgorithm) => (algorithm === 'Ed25519' ? [null] : HASHES);
/** What node:crypto calls them. */
const KINDS: Record<KeyAlgorithm, string | number | undefined> = {
  'EC-P256': 'prime256v1',
  'EC-P384': 'secp384r1',
  'EC-P521': 'secp521r1',
  'RSA-3072': 3072,
  'RSA-4096': 4096,
  Ed25519: undefined,
};

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
const CAME_BACK = {
  ...NO_USAGE,
  ...KEPT,
  alwaysSensitive: false,
  extractable: false,
  neverExtractable: false,
  local: false,
};

function publicKeyOf(record: KeyRecord): KeyObject {
  return createPublicKey({ key: Buffer.from(record.publicKey as Uint8Array), format: 'der', type: 'spki' });
}

function isVerified(
  record: KeyRecord,
  message: Uint8Array,
  hash: SignatureHash | null,
  signature: Uint8Array,
): boolean {
  return verify(hash?.replace('-', '') ?? null, message, publicKeyOf(record), signature);
}

export function conformance(name: string, prepare: () => Ground | Promise<Ground>): void {
  describe(name, () => {
    let ground: Ground;
    let token: Token;
    const labels: string[] = [];

    /** Does the first if the token can do all of `operations`, else sees that `refusedWork` is refused for want of it. */
    async function either(operations: Operation[], work: () => unknown, refusedWork = work): Promise<void> {
      const capabilities = token.capabilities();
      const lacking = operations.map((operation) => capabilities[operation]).find((known) => known.is === 'refused');
      if (!lacking) {
        await work();
        return;
      }
      const before = token.inventory();
      expect(await refused('MECHANISM_MISSING', refusedWork)).toEqual({ mechanism: lacking.lacks });
      expect(token.inventory()).toEqual(before);
    }

    /** The first algorithm of which the token makes service keys; every one of them makes some. */
    function someAlgorithm(): KeyAlgorithm {
      const capabilities = token.capabilities();
      return KEY_ALGORITHMS.find((algorithm) => capabilities[`sign ${algorithm}`].is !== 'refused') as KeyAlgorithm;
    }

    /** A fresh label; its key is destroyed after the test, if it is still there. */
    function fresh(): string {
      const label = `key-${randomBytes(4).toString('hex')}`;
      labels.push(label);
      return label;
    }

    beforeAll(async () => {
      ground = await prepare();
    });
    afterAll(() => {
      ground.remove();
    });
    beforeEach(() => {
      token = ground.open('first');
      token.login(ground.pin, ground.securityOfficerPin);
    });
    afterEach(() => {
      const held = new Set(token.inventory().map((key) => key.label));
      for (const label of labels.splice(0)) if (held.has(label)) token.destroy(label);
      expect(token.inventory()).toEqual([]);
      token.close();
    });

    test('says what it is', () => {
      expect(token.info()).toMatchObject({
        label: 'first',
        initialised: true,
        needsSecurityOfficer: ground.securityOfficerPin !== null,
        pinState: 'fine',
        protectedAuthenticationPath: false,
      });
      expect(token.info().serial).toMatch(/^[0-9a-f]+$/);
    });

    test('says what it can do, as docs/tokens.md does', () => {
      const capabilities = token.capabilities();
      expect(Object.keys(capabilities).sort()).toEqual([...OPERATIONS].sort());
      expect(committedColumn(name)).toEqual(columnOf(capabilities));
    });

    test('refuses a wrong PIN, and takes the right one after it', async () => {
      for (const wrong of [Buffer.from('000000'), new Uint8Array(0)]) {
        await refused('PIN_WRONG', () => {
          token.login(wrong, null);
        });
      }
      expect(['fine', 'low', 'final-try']).toContain(token.info().pinState);
      await refused('PIN_SOURCE', () => {
        token.login(null, null);
      });
      token.login(ground.pin, ground.securityOfficerPin);
      expect(token.inventory()).toEqual([]);
      expect(token.info().pinState).toBe('fine');
    });

    test('gives random bytes', async () => {
      const one = new Uint8Array(32);
      const other = new Uint8Array(32);
      await either(['random'], () => {
        token.random(one);
        token.random(other);
        expect(Buffer.from(one).equals(other)).toBe(false);
      });
    });

    test.each(KEY_ALGORITHMS)('generates %s and signs with it', async (algorithm) => {
      const label = fresh();
      const spec = { label, algorithm, purpose: 'service' } as const;
      await either(
        [`generate ${algorithm}`, `sign ${algorithm}`],
        async () => {
          const key = token.generateKey(spec);
          expect(token.inventory()).toEqual([key]);
          expect(token.read(label)).toEqual(key);
          expect(key).toMatchObject({ label, algorithm, kind: 'private' });
          expect(key.attributes).toMatchObject({ ...KEPT, sign: true, extractable: false, neverExtractable: true });
          expect(key.id).toMatch(/^[0-9a-f]{32}$/);
          const { asymmetricKeyDetails: details, asymmetricKeyType: type } = publicKeyOf(key);
          expect(details?.namedCurve ?? details?.modulusLength).toBe(KINDS[algorithm]);
          expect(type === 'ed25519').toBe(algorithm === 'Ed25519');
          for (const hash of hashesOf(algorithm)) {
            const signature = token.sign(label, MESSAGE, hash);
            expect(isVerified(key, MESSAGE, hash, signature)).toBe(true);
            expect(isVerified(key, Buffer.from('another'), hash, signature)).toBe(false);
          }
          const wrong = algorithm === 'Ed25519' ? 'SHA-256' : null;
          await refused('INPUT_INVALID', () => token.sign(label, MESSAGE, wrong));
        },
        () => token.generateKey(spec),
      );
    });

    test('ECDSA signatures are DER for every length of r and s', async () => {
      const label = fresh();
      const spec = { label, algorithm: 'EC-P256', purpose: 'service' } as const;
      await either(
        ['generate EC-P256', 'sign EC-P256'],
        () => {
          const key = token.generateKey(spec);
          const lengths = new Set<number>();
          for (let count = 0; count < 60; count += 1) {
            const message = randomBytes(20);
            const signature = token.sign(label, message, 'SHA-256');
            lengths.add(signature.length);
            expect(isVerified(key, message, 'SHA-256', signature)).toBe(true);
          }
          expect(lengths.size).toBeGreaterThan(1);
        },
        () => token.generateKey(spec),
      );
    });

    test('openssl verifies its signature', () => {
      const folder = mkdtempSync(join(tmpdir(), 'claviger-verify-'));
      const label = fresh();
      const key = token.generateKey({ label, algorithm: someAlgorithm(), purpose: 'service' });
      const file = (called: string, content: Uint8Array | string) => {
        writeFileSync(join(folder, called), content);
        return join(folder, called);
      };
      const said = execFileSync('openssl', [
        ...['dgst', '-sha384', '-verify', file('key.pem', publicKeyOf(key).export({ type: 'spki', format: 'pem' }))],
        ...['-signature', file('signature', token.sign(label, MESSAGE, 'SHA-384')), file('message', MESSAGE)],
      ]).toString();
      rmSync(folder, { recursive: true });
      expect(said.trim()).toBe('Verified OK');
    });

    test.each(KEY_ALGORITHMS)(
      'a CA key %s is wrapped with RFC 5649, opens anywhere, and comes back to sign',
      async (algorithm) => {
        const [ca, service, master, back] = [fresh(), fresh(), fresh(), fresh()];
        const spec = { label: ca, algorithm, purpose: 'ca' } as const;
        const needs = [`generate ${algorithm}`, 'keep CA keys to trusted wrapping', `back up ${algorithm}`] as const;
        await either(
          [...needs],
          async () => {
            const key = token.generateKey(spec);
            expect(key.attributes).toEqual({
              ...NO_USAGE,
              ...KEPT,
              alwaysSensitive: true,
              local: true,
              sign: true,
              extractable: true,
              neverExtractable: false,
              wrapWithTrusted: true,
            });
            const masterKey = randomBytes(32);
            token.importMasterKey(master, masterKey);
            const { mechanism, blob } = token.wrap(master, ca);
            expect(mechanism).toBe('RFC5649');
            const opened = createPublicKey(
              createPrivateKey({ key: opens(masterKey, blob), format: 'der', type: 'pkcs8' }),
            );
            expect(opened.export({ type: 'spki', format: 'der' }).equals(key.publicKey as Uint8Array)).toBe(true);

            const copy = token.unwrap(master, { mechanism, blob }, { label: back, algorithm });
            expect(copy).toMatchObject({ label: back, algorithm, kind: 'private' });
            expect(copy.attributes).toEqual({ ...CAME_BACK, sign: true });
            for (const hash of hashesOf(algorithm)) {
              expect(isVerified(key, MESSAGE, hash, token.sign(back, MESSAGE, hash))).toBe(true);
            }
            token.generateKey({ label: service, algorithm, purpose: 'service' });
            const params = await refused('TOKEN_FAILED', () => token.wrap(master, service));
            expect(params).toEqual({ operation: 'C_WrapKey', ckr: 'CKR_KEY_UNEXTRACTABLE' });
          },
          () => token.generateKey(spec),
        );
      },
    );

    test('a data key encrypts and decrypts, and does nothing else', async () => {
      const [label, another] = [fresh(), fresh()];
      const spec = { label, algorithm: 'AES-256', purpose: 'kek' } as const;
      const plain = randomBytes(48);
      const context = Buffer.from('secret 7, version 3');
      await either(
        ['generate AES-256', 'encrypt', 'decrypt', 'back up AES-256', 'keep CA keys to trusted wrapping'],
        async () => {
          const key = token.generateKey(spec);
          expect(key).toMatchObject({ label, algorithm: 'AES-256', kind: 'secret', publicKey: null });
          expect(key.attributes).toMatchObject({
            ...NO_USAGE,
            ...KEPT,
            encrypt: true,
            decrypt: true,
            wrapWithTrusted: true,
          });
          const sealed = token.encrypt(label, plain, context);
          expect(sealed.iv).toHaveLength(12);
          expect(sealed.ciphertext).toHaveLength(plain.length + 16);
          expect(Buffer.from(token.decrypt(label, sealed, context)).equals(plain)).toBe(true);
          expect(Buffer.from(token.encrypt(label, plain, context).iv).equals(sealed.iv)).toBe(false);
          const altered = Uint8Array.from(sealed.ciphertext, (byte, at) => (at === 9 ? byte ^ 1 : byte));
          token.generateKey({ ...spec, label: another });
          for (const [by, box, told] of [
            [label, sealed, Buffer.from('secret 8, version 3')],
            [label, { ...sealed, ciphertext: altered }, context],
            [label, { ...sealed, ciphertext: sealed.ciphertext.subarray(0, -1) }, context],
            [label, { ...sealed, ciphertext: new Uint8Array(3) }, context],
            [label, { ...sealed, iv: new Uint8Array(11) }, context],
            [another, sealed, context],
          ] as const) {
            expect(await refused('CIPHERTEXT_UNOPENED', () => token.decrypt(by, box, told))).toEqual({ label: by });
          }
          await refused('TOKEN_FAILED', () => token.wrap(label, another));
          await refused('KEY_MISSING', () => token.sign(label, MESSAGE, 'SHA-256'));
        },
        () => token.generateKey(spec),
      );
      await either(
        ['encrypt'],
        () => undefined,
        () => token.encrypt(label, plain, context),
      );
      const nothing = { iv: new Uint8Array(12), ciphertext: new Uint8Array(32) };
      await either(
        ['decrypt'],
        () => undefined,
        () => token.decrypt(label, nothing, context),
      );
    });

    test('a data key is backed up, and comes back to decrypt', async () => {
      const [label, master, back] = [fresh(), fresh(), fresh()];
      const spec = { label, algorithm: 'AES-256', purpose: 'kek' } as const;
      const needs = ['generate AES-256', 'keep CA keys to trusted wrapping', 'back up AES-256'] as const;
      await either(
        [...needs],
        () => {
          token.generateKey(spec);
          const sealed = token.encrypt(label, MESSAGE, new Uint8Array(0));
          const masterKey = randomBytes(32);
          token.importMasterKey(master, masterKey);
          const { mechanism, blob } = token.wrap(master, label);
          expect(opens(masterKey, blob)).toHaveLength(32);
          token.destroy(label);
          const copy = token.unwrap(master, { mechanism, blob }, { label: back, algorithm: 'AES-256' });
          expect(copy.attributes).toEqual({ ...CAME_BACK, encrypt: true, decrypt: true });
          expect(Buffer.from(token.decrypt(back, sealed, new Uint8Array(0))).equals(MESSAGE)).toBe(true);
        },
        () => token.generateKey(spec),
      );
    });

    test('a master key wraps and unwraps and does nothing else', async () => {
      const label = fresh();
      const value = randomBytes(32);
      await either(
        ['import master key'],
        async () => {
          const record = token.importMasterKey(label, value);
          expect(record).toMatchObject({ label, kind: 'secret', algorithm: 'AES-256', publicKey: null });
          expect(record.attributes).toEqual({ ...CAME_BACK, trusted: true, wrap: true, unwrap: true });
          expect(token.inventory()).toEqual([record]);
          await refused('KEY_MISSING', () => token.sign(label, MESSAGE, 'SHA-256'));
          await refused('TOKEN_FAILED', () => token.wrap(label, label));
          await refused('TOKEN_FAILED', () => token.encrypt(label, MESSAGE, new Uint8Array(0)));
          await refused('KEY_EXISTS', () => token.importMasterKey(label, value));
        },
        () => token.importMasterKey(label, value),
      );
      await either(
        ['import master key'],
        () => undefined,
        () => token.wrap(label, label),
      );
    });

    test('data is kept under a label, in place of what was there, and on another day', async () => {
      // There is no call that removes data: each run has a label of its own.
      const label = `data-${randomBytes(4).toString('hex')}`;
      const key = fresh();
      const [short, long] = [randomBytes(20), randomBytes(2000)];
      await either(
        ['keep data'],
        async () => {
          expect(token.readData(label)).toBe(null);
          for (const value of [short, long, short]) {
            token.writeData(label, value);
            expect(token.readData(label)).toEqual(new Uint8Array(value));
            expect(token.contents().filter((object) => object === `data ${label}`)).toHaveLength(1);
          }
          expect(token.inventory()).toEqual([]);
          const spec = { label: key, algorithm: someAlgorithm(), purpose: 'service' } as const;
          token.generateKey(spec);
          await refused('KEY_EXISTS', () => {
            token.writeData(key, short);
          });
          await refused('KEY_EXISTS', () => token.generateKey({ ...spec, label }));
          token.close();
          token = ground.open('first');
          token.login(ground.pin, ground.securityOfficerPin);
          expect(token.readData(label)).toEqual(new Uint8Array(short));
        },
        () => {
          token.writeData(label, short);
        },
      );
      await either(
        ['keep data'],
        () => undefined,
        () => token.readData(label),
      );
    });

    test('a label is taken once', async () => {
      const label = fresh();
      const spec = { label, algorithm: someAlgorithm(), purpose: 'service' } as const;
      token.generateKey(spec);
      await refused('KEY_EXISTS', () => token.generateKey(spec));
      expect(token.inventory()).toHaveLength(1);
    });

    test('a backup that was altered, cut, made under another key or of another kind does not open', async () => {
      const [source, master, foreign, back] = [fresh(), fresh(), fresh(), fresh()];
      const capabilities = token.capabilities();
      const wraps: 'EC-P384' | 'AES-256' = capabilities['back up EC-P384'].is !== 'refused' ? 'EC-P384' : 'AES-256';
      const spec =
        wraps === 'EC-P384'
          ? ({ label: source, algorithm: wraps, purpose: 'ca' } as const)
          : ({ label: source, algorithm: wraps, purpose: 'kek' } as const);
      await either(
        [`generate ${wraps}`, 'keep CA keys to trusted wrapping', `back up ${wraps}`],
        async () => {
          token.generateKey(spec);
          token.importMasterKey(master, randomBytes(32));
          token.importMasterKey(foreign, randomBytes(32));
          const { mechanism, blob } = token.wrap(master, source);
          const altered = Uint8Array.from(blob, (byte, at) => (at === 9 ? byte ^ 1 : byte));
          const asked = { label: back, algorithm: wraps } as const;
          for (const broken of [altered, blob.subarray(0, blob.length - 8), blob.subarray(0, 3), new Uint8Array(0)]) {
            await refused('BACKUP_UNOPENED', () => token.unwrap(master, { mechanism, blob: broken }, asked));
          }
          expect(await refused('BACKUP_UNOPENED', () => token.unwrap(foreign, { mechanism, blob }, asked))).toEqual({
            label: back,
          });
          for (const algorithm of ['EC-P256', 'RSA-3072', 'AES-256'] as const) {
            if (algorithm === wraps) continue;
            const code =
              capabilities[`back up ${algorithm}`].is === 'refused' ? 'MECHANISM_MISSING' : 'BACKUP_UNOPENED';
            await refused(code, () => token.unwrap(master, { mechanism, blob }, { label: back, algorithm }));
          }
          const held = token.inventory().map((key) => key.label);
          expect(held.sort()).toEqual([source, master, foreign].sort());
        },
        () =>
          token.unwrap(master, { mechanism: 'RFC5649', blob: new Uint8Array(40) }, { label: back, algorithm: wraps }),
      );
    });

    test('a destroyed key is gone, and cannot be destroyed again', async () => {
      const label = fresh();
      const spec = { label, algorithm: someAlgorithm(), purpose: 'service' } as const;
      token.generateKey(spec);
      token.destroy(label);
      expect(token.inventory()).toEqual([]);
      for (const work of [
        () => {
          token.destroy(label);
        },
        () => token.read(label),
        () => token.sign(label, MESSAGE, 'SHA-256'),
      ]) {
        expect(await refused('KEY_MISSING', work)).toEqual({ label });
      }
      token.generateKey(spec);
    });

    test('what it holds is there on another day, and another token does not have it', async () => {
      const label = fresh();
      const key = token.generateKey({ label, algorithm: someAlgorithm(), purpose: 'service' });
      token.close();
      if (ground.hasSecond) {
        const second = ground.open('second');
        second.login(ground.pin, ground.securityOfficerPin);
        expect(second.inventory()).toEqual([]);
        second.close();
      } else {
        expect(await refused('TOKEN_MISSING', () => ground.open('second'))).toEqual({ label: 'second' });
      }
      token = ground.open('first');
      token.login(ground.pin, ground.securityOfficerPin);
      expect(token.inventory()).toEqual([key]);
    });
  });
}

/** RFC 5649 by OpenSSL. */
function opens(masterKey: Uint8Array, blob: Uint8Array): Buffer {
  const decipher = createDecipheriv('id-aes256-wrap-pad', masterKey, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([decipher.update(blob), decipher.final()]);
}
