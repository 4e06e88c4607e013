/**
 * The 15-symbol BCH checksum of a share's text: the long code of BIP-93 (codex32) with a start value of our own.
 * docs/formats/share.md, The checksum.
 */
export const CHECKSUM_SYMBOLS = 15;

/** The generator below z^15, times 1, 2, 4, 8 and 16 (BIP-93, ms32_long_polymod). */
const GENERATOR = [
  0x3d59d273535ea62d897n,
  0x7a9becb6361c6c51507n,
  0x543f9b7e6c38d8a2a0en,
  0x0c577eaeccf1990d13cn,
  0x1887f74f8dc71b10651n,
];
const LOWER_70_BITS = (1n << 70n) - 1n;

/** The residue of a right text: the word SECRETSHARE32EX (BIP-93, MS32_LONG_CONST). */
export const RIGHT_RESIDUE = 0x43381e570bf4798ab26n;

/** The expansion of "clv", as BIP-93's 0x23181b3 is of "ms". */
export const START = 0x8c6300d96n;

/** The 75-bit residue of symbols (0 to 31) behind a start value. */
export function residueOf(symbols: readonly number[], start: bigint): bigint {
  let residue = start;
  for (const symbol of symbols) {
    const top = Number(residue >> 70n);
    residue = ((residue & LOWER_70_BITS) << 5n) ^ BigInt(symbol);
    GENERATOR.forEach((multiple, bit) => {
      if ((top >> bit) & 1) residue ^= multiple;
    });
  }
  return residue;
}

/** The checksum of a text's data symbols. */
export function checksumOf(data: readonly number[]): number[] {
  const residue = residueOf([...data, ...Array<number>(CHECKSUM_SYMBOLS).fill(0)], START) ^ RIGHT_RESIDUE;
  return Array.from({ length: CHECKSUM_SYMBOLS }, (_, place) =>
    Number((residue >> BigInt(5 * (CHECKSUM_SYMBOLS - 1 - place))) & 31n),
  );
}

/** Whether data symbols and the checksum behind them agree. */
export function checksumHolds(symbols: readonly number[]): boolean {
  return residueOf(symbols, START) === RIGHT_RESIDUE;
}
