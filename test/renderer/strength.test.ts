import { expect, test } from 'vitest';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Answers } from '../../core/cli/answers.ts';
import { PASSPHRASE_GUESSES_LOG10, PASSPHRASE_WORDS } from '../../core/contract/passphrase.ts';
import { WORDS, drawWords } from '../../renderer/entry/diceware.ts';
import { guessesLog10, strengthOf } from '../../renderer/entry/strength.ts';
import { REPOSITORY } from '../shipped.ts';

const FLOOR = PASSPHRASE_GUESSES_LOG10;

test.each([
  'passwordpasswordpassword',
  'aaaaaaaaaaaaaaaaaaaaaaaa',
  'abcdefghijklmnopqrstuvwxyz',
  'one two three four five six',
  'a b c d e f g h i j k l m',
  'qwertyuiop asdfghjkl zxcvbnm',
  'Summer2026!Summer2026!',
  '21 November 2026 21 November 2026',
])('%s is below the floor', (weak) => {
  expect(guessesLog10(weak)).toBeLessThan(FLOOR);
  expect(['atOnce', 'weak', 'short']).toContain(strengthOf(guessesLog10(weak)));
});

test('white space between common words adds nothing', () => {
  const spaced = guessesLog10('correct horse battery staple');
  expect(spaced).toBeLessThanOrEqual(guessesLog10('correcthorsebatterystaple'));
});

test('what stands on the sheet is tried first', () => {
  const name = 'Thiruvananthapuram';
  expect(guessesLog10(`${name} ${name}`, [name])).toBeLessThan(guessesLog10(`${name} ${name}`));
});

test('seven drawn words pass, whichever they are: the commonest of the list, the shortest, and some drawn', () => {
  const shortest = [...WORDS].sort((a, b) => a.length - b.length).slice(0, PASSPHRASE_WORDS);
  for (const words of [WORDS.slice(0, PASSPHRASE_WORDS), shortest, drawWords(PASSPHRASE_WORDS)]) {
    expect(guessesLog10(words.join(' ')), words.join(' ')).toBeGreaterThan(FLOOR);
  }
});

test('the words change where the floor is', () => {
  expect(strengthOf(FLOOR - 0.01)).toBe('short');
  expect(strengthOf(FLOOR)).toBe('enough');
});

test('the sample passphrases that training is walked with pass', () => {
  const folder = join(REPOSITORY, 'resources/ceremonies/answers');
  const all = readdirSync(folder).flatMap((name) => {
    return (parse(readFileSync(join(folder, name), 'utf8')) as Answers).passphrases ?? [];
  });
  expect(all.length).toBeGreaterThan(20);
  for (const one of all) expect(guessesLog10(one), one).toBeGreaterThan(FLOOR);
});
