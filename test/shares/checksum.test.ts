import fc from 'fast-check';
import { expect, test } from 'vitest';
import { charactersOf, symbolsOf } from '../../core/shares/alphabet.ts';
import { RIGHT_RESIDUE, START, checksumHolds, checksumOf, residueOf } from '../../core/shares/checksum.ts';

const BIP_93_LONG =
  'MS100C8VSM32ZXFGUHPCHTLUPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZYGSFJD6AN074RXVCEMLH8WU3TK925ACDEFGHJKLMNPQRSTUVWXY06FHPV80UNDVARHRAK';

/** The human-readable part behind a 1, expanded as in BIP-173: what BIP-93 starts its residue with. */
function startOf(humanReadable: string): bigint {
  const codes = Array.from(humanReadable, (letter) => letter.charCodeAt(0));
  const values = [1, ...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  return values.reduce((start, value) => (start << 5n) | BigInt(value), 0n);
}

test('generator and constant are those of BIP-93: its long vector holds', () => {
  expect(startOf('ms')).toBe(0x23181b3n);
  expect(residueOf(symbolsOf(BIP_93_LONG.slice(3)), startOf('ms'))).toBe(RIGHT_RESIDUE);
  const word = Array.from({ length: 15 }, (_, place) => Number((RIGHT_RESIDUE >> BigInt(5 * (14 - place))) & 31n));
  expect(charactersOf(word)).toBe('SECRETSHARE32EX');
});

test('the start value is that of "clv", so the BIP-93 vector is no share', () => {
  expect(START).toBe(startOf('clv'));
  expect(checksumHolds(symbolsOf(BIP_93_LONG.slice(3)))).toBe(false);
});

test('the code-length bound is 1023: no shorter power of z is 1 modulo the generator', () => {
  const powers: number[] = [];
  for (let power = 1; power <= 1023; power++) {
    if (residueOf([1, ...Array<number>(power).fill(0)], 0n) === 1n) powers.push(power);
  }
  expect(powers).toEqual([1023]);
});

test('the generator has eight consecutive powers of an element of order 1023 as roots: distance 9', () => {
  // GF(1024) as pairs over GF(32): z^2 = z + c with the first c for which no root exists in GF(32).
  const small = (one: number, other: number): number => {
    let result = 0;
    for (let bit = 4; bit >= 0; bit--) {
      result <<= 1;
      if (result & 32) result ^= 0b101001;
      if ((other >> bit) & 1) result ^= one;
    }
    return result;
  };
  const range = Array.from({ length: 32 }, (_, value) => value);
  const c = range.find((candidate) => candidate > 0 && range.every((t) => (small(t, t) ^ t ^ candidate) !== 0)) ?? 0;
  type Pair = readonly [number, number];
  const times = ([a0, a1]: Pair, [b0, b1]: Pair): Pair => {
    const high = small(a1, b1);
    return [small(a0, b0) ^ small(high, c), small(a0, b1) ^ small(a1, b0) ^ high];
  };
  const below = residueOf([1, ...Array<number>(15).fill(0)], 0n);
  const generator = [1, ...Array.from({ length: 15 }, (_, place) => Number((below >> BigInt(5 * (14 - place))) & 31n))];
  const isRoot = (element: Pair): boolean => {
    const value = generator.reduce<Pair>(
      (sum, coefficient) => {
        const [low, high] = times(sum, element);
        return [low ^ coefficient, high];
      },
      [0, 0],
    );
    return value[0] === 0 && value[1] === 0;
  };
  const runs = range
    .flatMap((low) => range.map((high): Pair => [low, high]))
    .map((element) => {
      const powers: Pair[] = [[1, 0]];
      for (let power = 1; power < 1023; power++) powers.push(times(powers[power - 1] ?? [0, 0], element));
      // An element of smaller order, or zero, repeats itself.
      if (new Set(powers.map(String)).size < 1023) return null;
      return [1020, 1021, 1022, 0, 1, 2, 3, 4].every((power) => isRoot(powers[power] ?? [0, 0]));
    });
  expect(runs).toContain(true);
});

test('up to eight wrong symbols anywhere are found', () => {
  const data = Array.from({ length: 136 }, (_, index) => (index * 11) % 32);
  const right = [...data, ...checksumOf(data)];
  expect(checksumHolds(right)).toBe(true);
  const places = fc.uniqueArray(
    fc.record({ place: fc.nat({ max: right.length - 1 }), error: fc.integer({ min: 1, max: 31 }) }),
    { minLength: 1, maxLength: 8, selector: ({ place }) => place },
  );
  fc.assert(
    fc.property(places, (errors) => {
      const wrong = [...right];
      for (const { place, error } of errors) wrong[place] = (wrong[place] ?? 0) ^ error;
      return !checksumHolds(wrong);
    }),
  );
});
