import { dictionary } from '@zxcvbn-ts/language-common';

/** The EFF's long list: 7,776 words, five dice each. */
export const WORDS: readonly string[] = dictionary['diceware-common'];

const VALUES = 2 ** 16;

/**
 * Words drawn one by one, each as likely as any other: a number of 16 bits counts if it is below the last whole multiple of the list's
 * length, else it is thrown away and drawn again. `fill` draws the numbers.
 */
export function drawWords(
  count: number,
  words: readonly string[] = WORDS,
  fill: (numbers: Uint16Array<ArrayBuffer>) => void = (numbers) => crypto.getRandomValues(numbers),
): string[] {
  const limit = VALUES - (VALUES % words.length);
  const number = new Uint16Array(1);
  const draw = (): string => {
    do fill(number);
    while ((number[0] ?? VALUES) >= limit);
    return words[(number[0] ?? 0) % words.length] ?? '';
  };
  const drawn = Array.from({ length: count }, draw);
  number.fill(0);
  return drawn;
}
