import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { KEY_ALGORITHMS } from '../../core/hsm/token.ts';
import { type Bench, hashesOf, MESSAGE, NO_USAGE, KEPT, CAME_BACK, isVerified, opens } from './conformance-bench.ts';
import { refused } from './refused.ts';

/** The master key, and what is wrapped under it and comes back. */
export function backupsConform(on: Bench): void {
  const { either, fresh } = on;

  test.each(KEY_ALGORITHMS)(
    'a CA key %s is wrapped with RFC 5649, opens anywhere, and comes back to sign',
    async (algorithm) => {
      const [ca, service, master, back] = [fresh(), fresh(), fresh(), fresh()];
      const spec = { label: ca, algorithm, purpose: 'ca' } as const;
      const needs = [`generate ${algorithm}`, 'keep CA keys to trusted wrapping', `back up ${algorithm}`] as const;
      await either(
        [...needs],
        async () => {
          const key = on.token.generateKey(spec);
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
          on.token.importMasterKey(master, masterKey);
          const { mechanism, blob } = on.token.wrap(master, ca);
          expect(mechanism).toBe('RFC5649');
          const opened = createPublicKey(
            createPrivateKey({ key: opens(masterKey, blob), format: 'der', type: 'pkcs8' }),
          );
          expect(opened.export({ type: 'spki', format: 'der' }).equals(key.publicKey as Uint8Array)).toBe(true);

          const copy = on.token.unwrap(master, { mechanism, blob }, { label: back, algorithm });
          expect(copy).toMatchObject({ label: back, algorithm, kind: 'private' });
          expect(copy.attributes).toEqual({ ...CAME_BACK, sign: true });
          for (const hash of hashesOf(algorithm)) {
            expect(isVerified(key, MESSAGE, hash, on.token.sign(back, MESSAGE, hash))).toBe(true);
          }
          on.token.generateKey({ label: service, algorithm, purpose: 'service' });
          const params = await refused('TOKEN_FAILED', () => on.token.wrap(master, service));
          expect(params).toEqual({ operation: 'C_WrapKey', ckr: 'CKR_KEY_UNEXTRACTABLE' });
        },
        () => on.token.generateKey(spec),
      );
    },
  );

  test.each(KEY_ALGORITHMS)(
    'the backup of a CA key %s is proven beside the original, and nothing of it stays',
    async (algorithm) => {
      const [ca, master] = [fresh(), fresh()];
      const spec = { label: ca, algorithm, purpose: 'ca' } as const;
      await either(
        [`generate ${algorithm}`, 'keep CA keys to trusted wrapping', `back up ${algorithm}`],
        async () => {
          const key = on.token.generateKey(spec);
          on.token.importMasterKey(master, randomBytes(32));
          const wrapped = on.token.wrap(master, ca);
          const before = on.token.contents();
          const [hash = null] = hashesOf(algorithm);
          const challenge = { message: MESSAGE, hash };
          const signature = on.token.proveBackup(master, wrapped, { label: ca, algorithm }, challenge);
          expect(isVerified(key, MESSAGE, hash, signature)).toBe(true);
          const altered = { ...wrapped, blob: wrapped.blob.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) };
          const broken = () => on.token.proveBackup(master, altered, { label: ca, algorithm }, challenge);
          expect(await refused('BACKUP_UNOPENED', broken)).toEqual({ label: ca });
          expect(on.token.contents()).toEqual(before);
        },
        () => on.token.generateKey(spec),
      );
    },
  );

  test('the backup of a data key is proven beside the original, and another key’s is not', async () => {
    const [label, other, master] = [fresh(), fresh(), fresh()];
    const spec = { label, algorithm: 'AES-256', purpose: 'kek' } as const;
    await either(
      ['generate AES-256', 'keep CA keys to trusted wrapping', 'back up AES-256'],
      async () => {
        on.token.generateKey(spec);
        on.token.generateKey({ ...spec, label: other });
        on.token.importMasterKey(master, randomBytes(32));
        const additionalData = new Uint8Array([1]);
        const challenge = { encrypted: on.token.encrypt(label, MESSAGE, additionalData), additionalData };
        const before = on.token.contents();
        const asked = { label, algorithm: 'AES-256' } as const;
        const opened = on.token.proveBackup(master, on.token.wrap(master, label), asked, challenge);
        expect(Buffer.from(opened).equals(MESSAGE)).toBe(true);
        const foreign = on.token.wrap(master, other);
        await refused('CIPHERTEXT_UNOPENED', () => on.token.proveBackup(master, foreign, asked, challenge));
        expect(on.token.contents()).toEqual(before);
      },
      () => on.token.generateKey(spec),
    );
  });

  test.each(['EC-P384', 'AES-256'] as const)(
    'a lost %s key comes back as it was, and is wrapped again',
    async (algorithm) => {
      const [lost, master, back] = [fresh(), fresh(), fresh()];
      const spec =
        algorithm === 'EC-P384'
          ? ({ label: lost, algorithm, purpose: 'ca' } as const)
          : ({ label: lost, algorithm, purpose: 'kek' } as const);
      await either(
        [`generate ${algorithm}`, 'keep CA keys to trusted wrapping', `back up ${algorithm}`],
        () => {
          on.token.generateKey(spec);
          const masterKey = randomBytes(32);
          on.token.importMasterKey(master, masterKey);
          const wrapped = on.token.wrap(master, lost);
          on.token.destroy(lost);
          const key = on.token.unwrap(master, wrapped, { label: back, algorithm, as: 'original' });
          const usage = algorithm === 'EC-P384' ? { sign: true } : { encrypt: true, decrypt: true };
          expect(key.attributes).toEqual({ ...CAME_BACK, ...usage, extractable: true, wrapWithTrusted: true });
          expect(opens(masterKey, on.token.wrap(master, back).blob).equals(opens(masterKey, wrapped.blob))).toBe(true);
        },
        () => on.token.generateKey(spec),
      );
    },
  );

  test('a data key is backed up, and comes back to decrypt', async () => {
    const [label, master, back] = [fresh(), fresh(), fresh()];
    const spec = { label, algorithm: 'AES-256', purpose: 'kek' } as const;
    const needs = ['generate AES-256', 'keep CA keys to trusted wrapping', 'back up AES-256'] as const;
    await either(
      [...needs],
      () => {
        on.token.generateKey(spec);
        const sealed = on.token.encrypt(label, MESSAGE, new Uint8Array(0));
        const masterKey = randomBytes(32);
        on.token.importMasterKey(master, masterKey);
        const { mechanism, blob } = on.token.wrap(master, label);
        expect(opens(masterKey, blob)).toHaveLength(32);
        on.token.destroy(label);
        const copy = on.token.unwrap(master, { mechanism, blob }, { label: back, algorithm: 'AES-256' });
        expect(copy.attributes).toEqual({ ...CAME_BACK, encrypt: true, decrypt: true });
        expect(Buffer.from(on.token.decrypt(back, sealed, new Uint8Array(0))).equals(MESSAGE)).toBe(true);
      },
      () => on.token.generateKey(spec),
    );
  });

  test('a master key wraps and unwraps and does nothing else', async () => {
    const label = fresh();
    const value = randomBytes(32);
    await either(
      ['import master key'],
      async () => {
        const record = on.token.importMasterKey(label, value, 'in the clear');
        expect(record).toMatchObject({ label, kind: 'secret', algorithm: 'AES-256', publicKey: null });
        expect(record.attributes).toEqual({ ...CAME_BACK, trusted: true, wrap: true, unwrap: true });
        expect(on.token.inventory()).toEqual([record]);
        await refused('KEY_MISSING', () => on.token.sign(label, MESSAGE, 'SHA-256'));
        await refused('TOKEN_FAILED', () => on.token.wrap(label, label));
        await refused('TOKEN_FAILED', () => on.token.encrypt(label, MESSAGE, new Uint8Array(0)));
        await refused('KEY_EXISTS', () => on.token.importMasterKey(label, value));
      },
      () => on.token.importMasterKey(label, value),
    );
    await either(
      ['import master key'],
      () => undefined,
      () => on.token.wrap(label, label),
    );
  });

  test('a master key comes in under a transport key, which is gone after it, and wraps', async () => {
    const [master, kek] = [fresh(), fresh()];
    const value = randomBytes(32);
    await either(
      ['import by transport key'],
      async () => {
        const record = on.token.importMasterKey(master, value, 'by transport key');
        expect(record.attributes).toEqual({ ...CAME_BACK, trusted: true, wrap: true, unwrap: true });
        const left = on.token.contents().filter((object) => !object.startsWith('data '));
        expect(left).toEqual([`secret key ${master}`]);
        await either(
          ['generate AES-256', 'keep CA keys to trusted wrapping', 'back up AES-256'],
          () => {
            on.token.generateKey({ label: kek, algorithm: 'AES-256', purpose: 'kek' });
            expect(opens(value, on.token.wrap(master, kek).blob)).toHaveLength(32);
          },
          () => on.token.generateKey({ label: kek, algorithm: 'AES-256', purpose: 'kek' }),
        );
      },
      () => on.token.importMasterKey(master, value, 'by transport key'),
    );
  });

  test('a backup that was altered, cut, made under another key or of another kind does not open', async () => {
    const [source, master, foreign, back] = [fresh(), fresh(), fresh(), fresh()];
    const capabilities = on.token.capabilities();
    const wraps: 'EC-P384' | 'AES-256' = capabilities['back up EC-P384'].is !== 'refused' ? 'EC-P384' : 'AES-256';
    const spec =
      wraps === 'EC-P384'
        ? ({ label: source, algorithm: wraps, purpose: 'ca' } as const)
        : ({ label: source, algorithm: wraps, purpose: 'kek' } as const);
    await either(
      [`generate ${wraps}`, 'keep CA keys to trusted wrapping', `back up ${wraps}`],
      async () => {
        on.token.generateKey(spec);
        on.token.importMasterKey(master, randomBytes(32));
        on.token.importMasterKey(foreign, randomBytes(32));
        const { mechanism, blob } = on.token.wrap(master, source);
        const altered = Uint8Array.from(blob, (byte, at) => (at === 9 ? byte ^ 1 : byte));
        const asked = { label: back, algorithm: wraps } as const;
        for (const broken of [altered, blob.subarray(0, blob.length - 8), blob.subarray(0, 3), new Uint8Array(0)]) {
          await refused('BACKUP_UNOPENED', () => on.token.unwrap(master, { mechanism, blob: broken }, asked));
        }
        expect(await refused('BACKUP_UNOPENED', () => on.token.unwrap(foreign, { mechanism, blob }, asked))).toEqual({
          label: back,
        });
        for (const algorithm of ['EC-P256', 'RSA-3072', 'AES-256'] as const) {
          if (algorithm === wraps) continue;
          const code = capabilities[`back up ${algorithm}`].is === 'refused' ? 'MECHANISM_MISSING' : 'BACKUP_UNOPENED';
          await refused(code, () => on.token.unwrap(master, { mechanism, blob }, { label: back, algorithm }));
        }
        const held = on.token.inventory().map((key) => key.label);
        expect(held.sort()).toEqual([source, master, foreign].sort());
      },
      () =>
        on.token.unwrap(master, { mechanism: 'RFC5649', blob: new Uint8Array(40) }, { label: back, algorithm: wraps }),
    );
  });
}
