import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rotationPlanSchema } from '../../core/contract/rotation-plan.ts';
import { draw } from '../../core/rotators/random.ts';
import { bytes, textOf } from '../vault/sample-vault.ts';

const LETTERS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index));

test('what is drawn has the length and the letters that were asked for, each of them, and is another one each time', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...LETTERS), { minLength: 10, maxLength: 94 }), (letters) => {
      const drawn = { length: 1024, alphabet: letters.join('') };
      const [one, other] = [textOf(draw(drawn)), textOf(draw(drawn))];
      expect(one).toHaveLength(1024);
      expect(one).toMatch(/^[\x21-\x7e]+$/);
      expect(one).not.toBe(other);
      // Of 94 letters one that can come is missing in both in about 3 of 10^8 tries.
      expect(new Set(bytes(one + other))).toEqual(new Set(bytes(letters.join(''))));
    }),
    { numRuns: 30 },
  );
  expect(draw({ bytes: 32 })).toHaveLength(32);
  expect(draw({ bytes: 32 })).not.toEqual(draw({ bytes: 32 }));
});

test('a plan that would draw what can be guessed, or connect without TLS, is none', () => {
  const fits = (rotator: object, after: unknown = null) => rotationPlanSchema.safeParse({ rotator, after }).success;
  const random = (value: object) => fits({ name: 'random', value });
  expect(random({ bytes: 16 })).toBe(true);
  expect(random({ length: 12 })).toBe(true);
  for (const value of [{ bytes: 15 }, { length: 11 }, { length: 12, alphabet: 'abc' }])
    expect(random(value)).toBe(false);
  expect(random({ length: 12, alphabet: 'abcdefghijj' })).toBe(false);
  expect(fits({ name: 'command', program: '../sh', value: { bytes: 16 } })).toBe(false);
  const postgres = { name: 'postgres', roles: ['a', 'b'], administrator: 'ops/production/db' };
  expect(fits({ ...postgres, host: '/run/postgresql' })).toBe(true);
  expect(fits({ ...postgres, host: 'db.example' })).toBe(false);
  expect(fits({ ...postgres, host: 'db.example', ca: 'PEM' })).toBe(true);
  expect(fits({ ...postgres, host: '/run/postgresql', roles: ['a', 'a'] })).toBe(false);
  expect(fits({ name: 'random', value: { bytes: 16 } }, { webhook: 'file:///etc/passwd' })).toBe(false);
});
