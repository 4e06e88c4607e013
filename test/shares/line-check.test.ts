import { expect, test } from 'vitest';
import { lineCheck, lineHolds, suggestion } from '../../core/shares/line-check.ts';

const symbols = Array.from({ length: 20 }, (_, index) => (7 * index + 5) % 32);
const word = [...symbols, ...lineCheck(4, symbols)];
const errors = Array.from({ length: 31 }, (_, index) => index + 1);

function altered(...changes: [place: number, error: number][]): number[] {
  const copy = [...word];
  for (const [place, error] of changes) copy[place] = (copy[place] ?? 0) ^ error;
  return copy;
}

test('a right line holds, and only on its own line', () => {
  const held = Array.from({ length: 8 }, (_, index) => index + 1).filter((number) => lineHolds(number, word));
  expect(held).toEqual([4]);
});

test('every wrong symbol is found, and the suggestion puts it right', () => {
  for (const place of word.keys()) {
    for (const error of errors) {
      const wrong = altered([place, error]);
      expect(lineHolds(4, wrong)).toBe(false);
      expect(suggestion(4, wrong)).toEqual({ place, symbol: word[place] });
    }
  }
});

test('every pair of wrong symbols is found', () => {
  let missed = 0;
  for (const place of word.keys()) {
    for (let other = place + 1; other < word.length; other++) {
      for (const error of errors) {
        for (const second of errors) if (lineHolds(4, altered([place, error], [other, second]))) missed += 1;
      }
    }
  }
  expect(missed).toBe(0);
});

test('a line in another place with one more wrong symbol is still found', () => {
  for (const place of word.keys()) {
    for (const error of errors) expect(lineHolds(5, altered([place, error]))).toBe(false);
  }
});

test('another line number is suggested as such; a right line has no suggestion', () => {
  expect(suggestion(7, word)).toEqual({ lineNumber: 4 });
  expect(suggestion(4, word)).toBeNull();
});
