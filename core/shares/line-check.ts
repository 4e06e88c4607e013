/**
 * Two check symbols for one printed line: a shortened Reed-Solomon code over GF(32) with the roots 1 and a, and the
 * line number as a symbol in front that is not printed. docs/formats/share.md, The printed lines.
 */

/** Powers of a = 2 in GF(2)[a]/(a^5 + a^3 + 1); their period is 31. */
const A_PLUS_1 = 0b11;
const POWERS: number[] = [1];
for (let power = 1; power < 31; power++) POWERS.push(timesA(POWERS[power - 1] ?? 0));

function timesA(value: number): number {
  const doubled = value << 1;
  return doubled & 32 ? doubled ^ 0b101001 : doubled;
}

function divide(dividend: number, divisor: number): number {
  if (dividend === 0) return 0;
  return POWERS[(POWERS.indexOf(dividend) - POWERS.indexOf(divisor) + 31) % 31] ?? 0;
}

/** W(1) and W(a). */
function syndromes(word: readonly number[]): { atOne: number; atA: number } {
  return {
    atOne: word.reduce((sum, symbol) => sum ^ symbol, 0),
    atA: word.reduce((sum, symbol) => timesA(sum) ^ symbol, 0),
  };
}

/** The two check symbols of a line's symbols. `lineNumber` counts from 1. */
export function lineCheck(lineNumber: number, symbols: readonly number[]): [number, number] {
  const { atOne, atA } = syndromes([lineNumber, ...symbols, 0, 0]);
  const first = divide(atOne ^ atA, A_PLUS_1);
  return [first, atOne ^ first];
}

/** Whether a line's symbols and its two check symbols agree. */
export function lineHolds(lineNumber: number, symbolsAndCheck: readonly number[]): boolean {
  const { atOne, atA } = syndromes([lineNumber, ...symbolsAndCheck]);
  return atOne === 0 && atA === 0;
}

/**
 * The one change that would make a wrong line right, if there is one: a symbol in its place (from 0, check symbols
 * included), or another line number. A suggestion only: two wrong symbols can look like another one.
 */
export function suggestion(
  lineNumber: number,
  symbolsAndCheck: readonly number[],
): { place: number; symbol: number } | { lineNumber: number } | null {
  const word = [lineNumber, ...symbolsAndCheck];
  const { atOne, atA } = syndromes(word);
  if (atOne === 0 || atA === 0) return null;
  const place = word.length - 1 - POWERS.indexOf(divide(atA, atOne));
  const wrong = word[place];
  if (wrong === undefined) return null;
  return place === 0 ? { lineNumber: lineNumber ^ atOne } : { place: place - 1, symbol: wrong ^ atOne };
}
