/** The characters of bech32 (BIP-173) in upper case: the position is the value, 5 bits. docs/formats/share.md, Primitives. */
export const ALPHABET = 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L';

/** ASCII small letters as capitals. No other letter changes: 'ſ' is not an S here. */
export function capitals(text: string): string {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** The value of each character, 0 to 31; -1 where it is not in the alphabet. */
export function symbolsOf(text: string): number[] {
  return Array.from(text, (character) => ALPHABET.indexOf(character));
}

/** The characters of values 0 to 31. */
export function charactersOf(symbols: readonly number[]): string {
  return symbols.map((symbol) => ALPHABET.charAt(symbol)).join('');
}

/** Bytes as 5-bit symbols, the highest bits first. The length is a multiple of 5 bytes, so nothing is padded. */
export function symbolsOfBytes(bytes: Uint8Array): number[] {
  return regroup(bytes, 8, 5);
}

/** The opposite of `symbolsOfBytes`. */
export function bytesOfSymbols(symbols: readonly number[]): Uint8Array {
  return Uint8Array.from(regroup(symbols, 5, 8));
}

function regroup(values: Iterable<number>, from: number, to: number): number[] {
  const groups: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = (held << from) | value;
    bits += from;
    while (bits >= to) {
      bits -= to;
      groups.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  if (bits !== 0) throw new RangeError('the bits do not fill the last group');
  return groups;
}
