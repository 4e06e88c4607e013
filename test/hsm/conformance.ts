import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KEY_ALGORITHMS, type KeyAlgorithm, OPERATIONS, type Operation, type Token } from '../../core/hsm/token.ts';
import { backupsConform } from './conformance-backups.ts';
import { type Bench, MESSAGE } from './conformance-bench.ts';
import { keysConform } from './conformance-keys.ts';
import type { Ground } from './grounds/ground.ts';
import { refused } from './refused.ts';
import { committedColumn, columnOf } from './token-table.ts';

/**
 * Every implementation of Token does the same. What a module cannot do it declares, and is checked to refuse: each
 * test below has both ways, and takes the one that the token's own capabilities name.
 */

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

    const bench: Bench = {
      get token() {
        return token;
      },
      fresh,
      either,
      someAlgorithm,
    };
    keysConform(bench);
    backupsConform(bench);
  });
}
