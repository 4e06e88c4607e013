import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KEY_ALGORITHMS } from '../../core/hsm/token.ts';
import { type Bench, hashesOf, KINDS, MESSAGE, NO_USAGE, KEPT, publicKeyOf, isVerified } from './conformance-bench.ts';
import { refused } from './refused.ts';

/** Keys that are made and used: signatures, and encryption. */
export function keysConform(on: Bench): void {
  const { either, fresh, someAlgorithm } = on;

  test.each(KEY_ALGORITHMS)('generates %s and signs with it', async (algorithm) => {
    const label = fresh();
    const spec = { label, algorithm, purpose: 'service' } as const;
    await either(
      [`generate ${algorithm}`, `sign ${algorithm}`],
      async () => {
        const key = on.token.generateKey(spec);
        expect(on.token.inventory()).toEqual([key]);
        expect(on.token.read(label)).toEqual(key);
        expect(key).toMatchObject({ label, algorithm, kind: 'private' });
        expect(key.attributes).toMatchObject({ ...KEPT, sign: true, extractable: false, neverExtractable: true });
        expect(key.id).toMatch(/^[0-9a-f]{32}$/);
        const { asymmetricKeyDetails: details, asymmetricKeyType: type } = publicKeyOf(key);
        expect(details?.namedCurve ?? details?.modulusLength).toBe(KINDS[algorithm]);
        expect(type === 'ed25519').toBe(algorithm === 'Ed25519');
        for (const hash of hashesOf(algorithm)) {
          const signature = on.token.sign(label, MESSAGE, hash);
          expect(isVerified(key, MESSAGE, hash, signature)).toBe(true);
          expect(isVerified(key, Buffer.from('another'), hash, signature)).toBe(false);
        }
        const wrong = algorithm === 'Ed25519' ? 'SHA-256' : null;
        await refused('INPUT_INVALID', () => on.token.sign(label, MESSAGE, wrong));
      },
      () => on.token.generateKey(spec),
    );
  });

  test('ECDSA signatures are DER for every length of r and s', async () => {
    const label = fresh();
    const spec = { label, algorithm: 'EC-P256', purpose: 'service' } as const;
    await either(
      ['generate EC-P256', 'sign EC-P256'],
      () => {
        const key = on.token.generateKey(spec);
        const lengths = new Set<number>();
        for (let count = 0; count < 60; count += 1) {
          const message = randomBytes(20);
          const signature = on.token.sign(label, message, 'SHA-256');
          lengths.add(signature.length);
          expect(isVerified(key, message, 'SHA-256', signature)).toBe(true);
        }
        expect(lengths.size).toBeGreaterThan(1);
      },
      () => on.token.generateKey(spec),
    );
  });

  test('openssl verifies its signature', () => {
    const folder = mkdtempSync(join(tmpdir(), 'claviger-verify-'));
    const label = fresh();
    const key = on.token.generateKey({ label, algorithm: someAlgorithm(), purpose: 'service' });
    const file = (called: string, content: Uint8Array | string) => {
      writeFileSync(join(folder, called), content);
      return join(folder, called);
    };
    const said = execFileSync('openssl', [
      ...['dgst', '-sha384', '-verify', file('key.pem', publicKeyOf(key).export({ type: 'spki', format: 'pem' }))],
      ...['-signature', file('signature', on.token.sign(label, MESSAGE, 'SHA-384')), file('message', MESSAGE)],
    ]).toString();
    rmSync(folder, { recursive: true });
    expect(said.trim()).toBe('Verified OK');
  });

  test('a data key encrypts and decrypts, and does nothing else', async () => {
    const [label, another] = [fresh(), fresh()];
    const spec = { label, algorithm: 'AES-256', purpose: 'kek' } as const;
    const plain = randomBytes(48);
    const context = Buffer.from('secret 7, version 3');
    await either(
      ['generate AES-256', 'encrypt', 'decrypt', 'back up AES-256', 'keep CA keys to trusted wrapping'],
      async () => {
        const key = on.token.generateKey(spec);
        expect(key).toMatchObject({ label, algorithm: 'AES-256', kind: 'secret', publicKey: null });
        expect(key.attributes).toMatchObject({
          ...NO_USAGE,
          ...KEPT,
          encrypt: true,
          decrypt: true,
          wrapWithTrusted: true,
        });
        const sealed = on.token.encrypt(label, plain, context);
        expect(sealed.iv).toHaveLength(12);
        expect(sealed.ciphertext).toHaveLength(plain.length + 16);
        expect(Buffer.from(on.token.decrypt(label, sealed, context)).equals(plain)).toBe(true);
        expect(Buffer.from(on.token.encrypt(label, plain, context).iv).equals(sealed.iv)).toBe(false);
        const altered = Uint8Array.from(sealed.ciphertext, (byte, at) => (at === 9 ? byte ^ 1 : byte));
        on.token.generateKey({ ...spec, label: another });
        for (const [by, box, told] of [
          [label, sealed, Buffer.from('secret 8, version 3')],
          [label, { ...sealed, ciphertext: altered }, context],
          [label, { ...sealed, ciphertext: sealed.ciphertext.subarray(0, -1) }, context],
          [label, { ...sealed, ciphertext: new Uint8Array(3) }, context],
          [label, { ...sealed, iv: new Uint8Array(11) }, context],
          [another, sealed, context],
        ] as const) {
          expect(await refused('CIPHERTEXT_UNOPENED', () => on.token.decrypt(by, box, told))).toEqual({ label: by });
        }
        await refused('TOKEN_FAILED', () => on.token.wrap(label, another));
        await refused('KEY_MISSING', () => on.token.sign(label, MESSAGE, 'SHA-256'));
      },
      () => on.token.generateKey(spec),
    );
    await either(
      ['encrypt'],
      () => undefined,
      () => on.token.encrypt(label, plain, context),
    );
    const nothing = { iv: new Uint8Array(12), ciphertext: new Uint8Array(32) };
    await either(
      ['decrypt'],
      () => undefined,
      () => on.token.decrypt(label, nothing, context),
    );
  });
}
