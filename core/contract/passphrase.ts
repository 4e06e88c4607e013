/**
 * A chosen passphrase is guessed no sooner than by so many tries (power of ten). Whoever has a sheet may guess, one scrypt a try:
 * with N = 2^17 (128 MiB) a graphics card makes about a thousand a second, and needs some thirty years for as many.
 */
export const PASSPHRASE_GUESSES_LOG10 = 12;

/** Words of a passphrase that is drawn: 7 of 7,776 are 90 bits. */
export const PASSPHRASE_WORDS = 7;
