import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lying, fewestPlacesForQuorum, fewestPlacesToLose, isLost } from '../../core/reports/quorum.ts';

const PLACES = ['a', 'b', 'c', 'd', 'e', 'f'];
const lying = fc.record({ sheet: fc.constantFrom(...PLACES), card: fc.constantFrom(...PLACES) });
const sets = fc.record({
  shares: fc.array(lying, { minLength: 2, maxLength: 8 }),
  count: fc.integer({ min: 1, max: 9 }),
});

/** Every set of places, the small ones first. */
const subsets = Array.from({ length: 2 ** PLACES.length }, (_, bits) =>
  PLACES.filter((_, index) => bits & (1 << index)),
);
const bySize = subsets.toSorted((one, other) => one.length - other.length);

function fewestByTrying(count: number, taken: (places: Set<string>) => number): number | null {
  return bySize.find((places) => taken(new Set(places)) >= count)?.length ?? null;
}

test('the fewest places that take so many shares are what trying every set of places finds', () => {
  fc.assert(
    fc.property(sets, ({ shares, count }) => {
      const lost = (gone: Set<string>) => shares.filter((share) => isLost(share, gone)).length;
      expect(fewestPlacesToLose(shares, count)).toBe(fewestByTrying(count, lost));
    }),
  );
});

test('the fewest places that hold a quorum are what trying every set of places finds, and they hold it', () => {
  fc.assert(
    fc.property(sets, ({ shares, count }) => {
      const whole = (open: Set<string>) => shares.filter(({ sheet, card }) => open.has(sheet) && open.has(card)).length;
      const found = fewestPlacesForQuorum(shares, count);
      expect(found?.length ?? null).toBe(fewestByTrying(count, whole));
      if (found) expect(whole(new Set(found))).toBeGreaterThanOrEqual(count);
    }),
  );
});

test('fifteen shares in thirty places are answered', () => {
  const shares = Array.from({ length: 15 }, (_, index): Lying => ({ sheet: `s${index}`, card: `c${index}` }));
  expect(fewestPlacesToLose(shares, 8)).toBe(8);
  expect(fewestPlacesForQuorum(shares, 8)).toHaveLength(16);
  const together = shares.map(({ card }, index): Lying => ({ sheet: `vault ${index % 3}`, card }));
  expect(fewestPlacesToLose(together, 6)).toBe(2);
});
