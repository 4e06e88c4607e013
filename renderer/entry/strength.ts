import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english } from '@zxcvbn-ts/language-en';
import { PASSPHRASE_GUESSES_LOG10 } from '../../core/contract/passphrase.ts';

const estimator = new ZxcvbnFactory({ dictionary: { ...common, ...english }, graphs: adjacencyGraphs });

/**
 * By how many tries (power of ten) somebody guesses a passphrase who knows words, names, dates and keyboards, and what stands on the sheet
 * (`near`). zxcvbn counts a space between two words as if it were any character; so the text without white space is estimated too, and
 * the smaller number counts.
 */
export function guessesLog10(passphrase: string, near: string[] = []): number {
  const texts = new Set([passphrase, passphrase.replace(/\s+/g, '')]);
  return Math.min(...Array.from(texts, (text) => estimator.check(text, near).guessesLog10));
}

export const STRENGTHS = ['atOnce', 'weak', 'short', 'enough', 'very'] as const;
export type Strength = (typeof STRENGTHS)[number];

/** In words. From `enough` on it is taken. */
export function strengthOf(guesses: number): Strength {
  if (guesses < 6) return 'atOnce';
  if (guesses < 9) return 'weak';
  if (guesses < PASSPHRASE_GUESSES_LOG10) return 'short';
  return guesses < 18 ? 'enough' : 'very';
}
