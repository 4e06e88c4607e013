import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { PASSPHRASE_WORDS } from '../../core/contract/passphrase.ts';
import { WORDS, drawWords } from '../../renderer/entry/diceware.ts';

/** A source that gives these numbers, one after the other. */
function sourceOf(numbers: number[]) {
  let at = 0;
  return {
    fill: (into: Uint16Array) => {
      const next = numbers[at++];
      if (next === undefined) throw new Error('the source is empty');
      into[0] = next;
    },
    drawn: () => at,
  };
}

test('the list is the EFF’s: five dice, 7,776 words, none twice, all in small letters', () => {
  expect(WORDS).toHaveLength(6 ** 5);
  expect(new Set(WORDS).size).toBe(WORDS.length);
  expect([WORDS[0], WORDS.at(-1)]).toEqual(['abacus', 'zoom']);
  for (const word of WORDS) expect(word).toMatch(/^[a-z-]{3,9}$/);
});

test('every number of 16 bits gives a word or is thrown away: each word eight times, 3,328 numbers never', () => {
  const counts = new Map(WORDS.map((word) => [word, 0]));
  let thrownAway = 0;
  for (let number = 0; number < 2 ** 16; number++) {
    const source = sourceOf([number, 0]);
    const [word = ''] = drawWords(1, WORDS, source.fill);
    if (source.drawn() === 2) thrownAway += 1;
    else counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  expect([...new Set(counts.values())]).toEqual([8]);
  expect(thrownAway).toBe(2 ** 16 - 8 * WORDS.length);
});

test('numbers that would favour the first words are drawn again, as often as it takes', () => {
  const source = sourceOf([62_208, 65_535, 62_207, 0]);
  expect(drawWords(2, WORDS, source.fill)).toEqual(['zoom', 'abacus']);
  expect(source.drawn()).toBe(4);
});

test('from the browser’s own source, a passphrase of its number of words', () => {
  const words = drawWords(PASSPHRASE_WORDS);
  expect(words).toHaveLength(7);
  for (const word of words) expect(WORDS).toContain(word);
  const other = drawWords(PASSPHRASE_WORDS, WORDS, (numbers) => {
    numbers.set(new Uint16Array(randomBytes(2).buffer, 0, 1));
  });
  expect(other).not.toEqual(words);
});
