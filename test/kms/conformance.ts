import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTEXT_LIMIT, type KmsProvider, PLAINTEXT_BYTES } from '../../core/kms/provider.ts';
import { wrappedKeyId } from '../../core/kms/wrapped-key.ts';
import { wipe } from '../../core/process/guarded.ts';
import { refused } from '../hsm/refused.ts';

/** `open`: the same KEK each time. `openOther`: another one. */
export type KmsGround = { open: () => Promise<KmsProvider>; openOther: () => Promise<KmsProvider>; remove: () => void };

const CONTEXT = { owner: 'billing', environment: 'production', name: 'database', id: '7', version: '3' };

/** What every provider does, whatever holds its KEK. */
export function kmsConformance(what: string, name: KmsProvider['name'], prepare: () => Promise<KmsGround>): void {
  describe(`a KMS provider: ${what}`, () => {
    let ground: KmsGround;
    let kms: KmsProvider;

    beforeAll(async () => {
      ground = await prepare();
      kms = await ground.open();
    });
    afterAll(async () => {
      await kms.close();
      ground.remove();
    });

    test('says what it is', () => {
      expect(kms.name).toBe(name);
      expect(kms.keyId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    });

    test('what was encrypted comes back, and says which KEK opens it', async () => {
      const { least, most } = PLAINTEXT_BYTES;
      for (const length of [least, 32, most]) {
        const plaintext = randomBytes(length);
        const ciphertext = await kms.encrypt(plaintext, CONTEXT);
        expect(wrappedKeyId(ciphertext)).toBe(kms.keyId);
        expect(Buffer.from(ciphertext).includes(plaintext.subarray(0, 16)) && length > 1).toBe(false);
        const opened = await kms.decrypt(ciphertext, CONTEXT);
        expect(Buffer.from(opened).equals(plaintext)).toBe(true);
        expect(opened.constructor).toBe(Uint8Array);
        wipe(opened);
        expect(Buffer.from(await kms.encrypt(plaintext, CONTEXT)).equals(ciphertext)).toBe(false);
      }
    });

    test('an empty plaintext, and one that belongs under a data key, are refused', async () => {
      const { most } = PLAINTEXT_BYTES;
      for (const length of [0, most + 1, 1 << 20]) {
        const params = await refused('INPUT_INVALID', () => kms.encrypt(new Uint8Array(length), CONTEXT));
        expect(params).toEqual({ detail: 'a KEK encrypts 1 to 4096 bytes' });
      }
    });

    test('a context that is empty, or too long, is refused both ways', async () => {
      const ciphertext = await kms.encrypt(Uint8Array.of(1), CONTEXT);
      for (const context of [{}, { owner: 'o'.repeat(CONTEXT_LIMIT) }, { owner: 7 as unknown as string }]) {
        await refused('INPUT_INVALID', () => kms.encrypt(Uint8Array.of(1), context));
        await refused('INPUT_INVALID', () => kms.decrypt(ciphertext, context));
        await refused('INPUT_INVALID', () => kms.generateDataKey(context));
      }
      // The longest that goes: {"owner":"..."}
      const longest = { owner: 'o'.repeat(CONTEXT_LIMIT - 12) };
      const most = new Uint8Array(PLAINTEXT_BYTES.most).fill(7);
      expect(await kms.decrypt(await kms.encrypt(most, longest), longest)).toEqual(most);
    });

    test('the order of a context means nothing, and all that stands in it something', async () => {
      const { plaintext, ciphertext } = await kms.generateDataKey(CONTEXT);
      expect(plaintext).toHaveLength(32);
      const backwards = Object.fromEntries(Object.entries(CONTEXT).reverse());
      expect(Object.keys(backwards)[0]).toBe('version');
      expect(await kms.decrypt(ciphertext, backwards)).toEqual(plaintext);
      const others: Record<string, string>[] = [
        ...Object.keys(CONTEXT).map((entry) => ({ ...CONTEXT, [entry]: 'other' })),
        ...Object.keys(CONTEXT).map((entry) =>
          Object.fromEntries(Object.entries(CONTEXT).filter(([is]) => is !== entry)),
        ),
        { ...CONTEXT, more: '' },
        // The same letters, cut elsewhere.
        { ...CONTEXT, owner: 'billin', environment: 'gproduction' },
      ];
      for (const context of others) {
        expect(await refused('KMS_UNOPENED', () => kms.decrypt(ciphertext, context))).toEqual({});
      }
      wipe(plaintext);
    });

    test('a ciphertext of another KEK is refused, and says of which', async () => {
      const other = await ground.openOther();
      try {
        expect(other.keyId).not.toBe(kms.keyId);
        const { plaintext, ciphertext } = await other.generateDataKey(CONTEXT);
        wipe(plaintext);
        expect(await refused('KMS_KEY_UNKNOWN', () => kms.decrypt(ciphertext, CONTEXT))).toEqual({
          keyId: other.keyId,
        });
        // Under the id of this KEK it does not open either.
        const disguised = Uint8Array.from(ciphertext);
        disguised.set((await kms.encrypt(Uint8Array.of(1), CONTEXT)).subarray(0, 17));
        await refused('KMS_UNOPENED', () => kms.decrypt(disguised, CONTEXT));
      } finally {
        await other.close();
      }
    });

    test('with any byte flipped, cut off or added it does not open', async () => {
      const { plaintext, ciphertext } = await kms.generateDataKey(CONTEXT);
      wipe(plaintext);
      // format 1, key id 16, iv 12, ciphertext 32, tag 16
      expect(ciphertext).toHaveLength(77);
      for (const index of ciphertext.keys()) {
        const altered = Uint8Array.from(ciphertext);
        altered[index] = (altered[index] as number) ^ 1;
        const code = index >= 1 && index <= 16 ? 'KMS_KEY_UNKNOWN' : 'KMS_UNOPENED';
        await refused(code, () => kms.decrypt(altered, CONTEXT));
      }
      for (const altered of [
        new Uint8Array(0),
        ciphertext.subarray(0, 17),
        ciphertext.subarray(0, 45),
        ciphertext.subarray(0, -1),
        Uint8Array.of(...ciphertext, 0),
        Buffer.concat([ciphertext, Buffer.alloc(PLAINTEXT_BYTES.most)]),
      ]) {
        await refused('KMS_UNOPENED', () => kms.decrypt(altered, CONTEXT));
      }
      wipe(await kms.decrypt(ciphertext, CONTEXT));
    });

    test('sixty-four callers at once each get their own', async () => {
      const contexts = Array.from({ length: 64 }, (_, index) => ({ ...CONTEXT, version: String(index) }));
      const keys = await Promise.all(contexts.map((context) => kms.generateDataKey(context)));
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
      expect(new Set(keys.map(({ plaintext }) => hex(plaintext))).size).toBe(64);
      const opened = await Promise.all(
        keys.map(({ ciphertext }, index) => kms.decrypt(ciphertext, contexts[index] as (typeof contexts)[number])),
      );
      expect(opened.map(hex)).toEqual(keys.map(({ plaintext }) => hex(plaintext)));
      wipe(...opened, ...keys.map(({ plaintext }) => plaintext));
    });

    test('one bad ciphertext among others spoils none of them', async () => {
      const good = await kms.encrypt(Buffer.from('good'), CONTEXT);
      const bad = Uint8Array.from(good).fill(0, -1);
      bad[bad.length - 1] = (good.at(-1) as number) ^ 1;
      const settled = await Promise.allSettled([good, bad, good].map((each) => kms.decrypt(each, CONTEXT)));
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    });

    test('another holder of the same KEK opens it; once closed, it does nothing', async () => {
      const { plaintext, ciphertext } = await kms.generateDataKey(CONTEXT);
      const second = await ground.open();
      expect(second.keyId).toBe(kms.keyId);
      expect(await second.decrypt(ciphertext, CONTEXT)).toEqual(plaintext);
      expect(await second.healthCheck()).toEqual({ ok: true, provider: name, keyId: kms.keyId, detail: null });
      await second.close();
      await second.close();
      for (const call of [
        () => second.encrypt(plaintext, CONTEXT),
        () => second.decrypt(ciphertext, CONTEXT),
        () => second.generateDataKey(CONTEXT),
      ]) {
        expect(await refused('KMS_CLOSED', call)).toEqual({ keyId: kms.keyId });
      }
      expect(await second.healthCheck()).toMatchObject({ ok: false, detail: 'KMS_CLOSED' });
      wipe(plaintext);
    });
  });
}
