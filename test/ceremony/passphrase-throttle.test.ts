import { expect, test } from 'vitest';
import { refuseTooSoon } from '../../core/ceremony/passphrase-throttle.ts';
import type { CeremonyState } from '../../core/ceremony/state.ts';
import { Refusal } from '../../core/contract/errors.ts';

const BEGIN = Date.parse('2026-11-22T10:00:00Z');

/** Seconds that a passphrase of share 1 has to wait after so many wrong ones, at so many seconds after the last. */
function waits(wrong: number, secondsAfter: number, share = 1): number {
  const wrongPassphrases = Array.from({ length: wrong }, () => ({ at: new Date(BEGIN).toISOString(), share }));
  try {
    refuseTooSoon({ wrongPassphrases } as unknown as CeremonyState, 1, new Date(BEGIN + secondsAfter * 1000));
    return 0;
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toBe('PASSPHRASE_THROTTLED');
    return Number((error as Refusal).params['seconds']);
  }
}

test('three tries cost nothing; then a minute, and twice as long each time, an hour at most', () => {
  expect([0, 1, 2].map((wrong) => waits(wrong, 0))).toEqual([0, 0, 0]);
  expect([3, 4, 5, 8, 9, 40].map((wrong) => waits(wrong, 0))).toEqual([60, 120, 240, 1920, 3600, 3600]);
});

test('the wait passes, another share does not wait, and a clock that went back stops nobody', () => {
  expect([0, 20, 59, 60].map((seconds) => waits(3, seconds))).toEqual([60, 40, 1, 0]);
  expect(waits(9, 0, 2)).toBe(0);
  expect(waits(9, -7200)).toBe(0);
});
