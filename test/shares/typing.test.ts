import { expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { readTyped, shareLines } from '../../core/shares/lines.ts';
import { randomOf, type Random } from '../print/wear.ts';
import { textOfBytes } from './sample-set.ts';

/**
 * A person who types a sheet, thousands of times, by seed: whatever goes wrong, the answer is the very share or a refusal
 * that names a line on which something is wrong. It is never another share, and nothing is corrected in silence.
 */
const TRIALS = 20_000;
/** What is taken for something else on paper or on keys. */
const ALIKE: Record<string, string> = {
  ...{ 0: 'OQD', 8: 'B3', 5: 'S', S: '5', 2: 'Z', Z: '2', L: '1I', 6: 'G', G: '6C', V: 'UY', U: 'V' },
  ...{ D: '0O', Q: 'O0', M: 'N', N: 'M', W: 'VV', 7: '1', C: 'G', E: 'F', F: 'E', P: 'R', R: 'P', K: 'X', X: 'K' },
};
const KEYS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-';

type Line = string[];
type Mistake = { name: string; make: (lines: Line[], random: Random) => void };

const below = (random: Random, bound: number) => Math.floor(random() * bound);
const any = <T>(random: Random, items: ArrayLike<T>): T => items[below(random, items.length)] as T;

/** A line that still has characters, and a place in it. */
function spot(lines: Line[], random: Random): { line: Line; place: number } {
  const line = any(
    random,
    lines.filter(({ length }) => length > 1),
  );
  return { line, place: below(random, line.length) };
}

const MISTAKES: Mistake[] = [
  {
    name: 'another key',
    make: (lines, random) => {
      const { line, place } = spot(lines, random);
      line[place] = any(random, KEYS);
    },
  },
  {
    name: 'a character that looks alike',
    make: (lines, random) => {
      const places = lines.flatMap((line) =>
        line.flatMap((character, place) => (ALIKE[character] ? [{ line, place }] : [])),
      );
      const { line, place } = any(random, places);
      line[place] = any(random, ALIKE[line[place] ?? ''] ?? 'O');
    },
  },
  {
    name: 'neighbours change places',
    make: (lines, random) => {
      const { line, place } = spot(lines, random);
      const at = Math.min(place, line.length - 2);
      line.splice(at, 2, line[at + 1] ?? '', line[at] ?? '');
    },
  },
  {
    name: 'a character is left out',
    make: (lines, random) => {
      const { line, place } = spot(lines, random);
      line.splice(place, 1);
    },
  },
  {
    name: 'a character comes twice',
    make: (lines, random) => {
      const { line, place } = spot(lines, random);
      line.splice(place, 0, line[place] ?? '');
    },
  },
  {
    name: 'a group of four comes before its neighbour',
    make: (lines, random) => {
      const line = any(random, lines);
      const at = 4 * below(random, 4);
      const group = line.splice(at, 4);
      line.splice(at + 4, 0, ...group);
    },
  },
  {
    name: 'two lines change places',
    make: (lines, random) => {
      const [one, other] = [below(random, lines.length), below(random, lines.length)];
      [lines[one], lines[other]] = [lines[other] ?? [], lines[one] ?? []];
    },
  },
  { name: 'a line is left out', make: (lines, random) => void lines.splice(below(random, lines.length), 1) },
  {
    name: 'a line comes twice',
    make: (lines, random) => {
      const at = below(random, lines.length);
      lines.splice(at, 0, [...(lines[at] ?? [])]);
    },
  },
];

function sampleText(random: Random): string {
  const bytes = Uint8Array.from({ length: 85 }, () => below(random, 256));
  bytes.set([1, 0x35, 1 + below(random, 255)]);
  bytes[36] = 17;
  return textOfBytes(bytes);
}

/** How a person lays it out: lines in groups, with or without the numbers, small letters, or everything in one go. */
function laidOut(lines: Line[], random: Random): string {
  const manner = below(random, 4);
  const rows = lines.map((line, index) => {
    const groups = line.join('').replace(/.{4}/g, '$& ');
    if (manner === 0) return `${index + 1}  ${groups}`;
    return manner === 1 ? groups.toLowerCase() : line.join('');
  });
  return rows.join(manner === 3 ? ' ' : '\n');
}

test(`${TRIALS} typings with up to five mistakes: the right share, or a line that is named and wrong`, () => {
  const outcomes = { right: 0, named: 0, counted: 0, whole: 0, unknown: 0 };
  const made = new Map(MISTAKES.map(({ name }) => [name, 0]));
  for (let seed = 1; seed <= TRIALS; seed++) {
    const random = randomOf(seed);
    const text = sampleText(random);
    const printed = shareLines(text).map(({ groups, check }) => Array.from(groups.join('') + check));
    const lines = printed.map((line) => [...line]);
    const count = below(random, 6);
    for (let number = 0; number < count; number++) {
      const { name, make } = any(random, MISTAKES);
      make(lines, random);
      made.set(name, (made.get(name) ?? 0) + 1);
    }
    const same = lines.map((line) => line.join('')).join('\n') === printed.map((line) => line.join('')).join('\n');
    const typed = laidOut(lines, random);
    let read: string | null = null;
    try {
      read = readTyped(typed);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(same, `seed ${seed}: ${error.message}`).toBe(false);
      outcomes[kindOf(error, { typed, lines, printed, seed })] += 1;
      continue;
    }
    // Not only no other share: what was typed wrong was not mended either.
    expect(read, `seed ${seed}`).toBe(text);
    expect(same, `seed ${seed} was corrected`).toBe(true);
    outcomes.right += 1;
  }
  expect(Object.values(outcomes).reduce((sum, number) => sum + number)).toBe(TRIALS);
  for (const [name, number] of made) expect(number, name).toBeGreaterThan(TRIALS / 10);
  expect(outcomes.right).toBeGreaterThan(TRIALS / 8);
  expect(outcomes.named).toBeGreaterThan(TRIALS / 2);
  // Where no line can be named: three mistakes on one line that its check takes (1 in 1024), too many lines or too few characters to tell.
  expect(outcomes.whole).toBeLessThan(TRIALS / 100);
  expect(outcomes.counted + outcomes.unknown).toBeLessThan(TRIALS / 15);
});

function kindOf(
  refusal: Refusal,
  { typed, lines, printed, seed }: { typed: string; lines: Line[]; printed: Line[]; seed: number },
): 'named' | 'counted' | 'whole' | 'unknown' {
  // The prefix itself was hit: line 1, whatever is behind it.
  if (refusal.code === 'SHARE_UNKNOWN_FORMAT') {
    expect(lines[0]?.slice(0, 4).join(''), `seed ${seed}`).not.toBe('CLV1');
    return 'unknown';
  }
  expect(refusal.code).toBe('SHARE_DAMAGED');
  const detail = String(refusal.params['detail']);
  // A few characters less, and it happens to be as long as a share without check characters: then it is read as one.
  if (typed.replace(/\s/g, '').length === 155) return 'whole';
  const [, line] = /^line (\d)\b/.exec(detail) ?? [];
  if (line !== undefined) {
    const number = Number(line);
    const wrong = printed.map((line, index) => lines[index]?.join('') !== line.join(''));
    // What is left over is counted to the last line.
    if (lines.length > printed.length) wrong[printed.length - 1] = true;
    // In one go, a character too few shifts what follows, and one line in 1024 checks all the same: then the next is named.
    const named = typed.includes('\n') ? wrong.slice(number - 1, number) : wrong.slice(0, number);
    expect(named, `seed ${seed}: ${detail}`).toContain(true);
    return 'named';
  }
  if (detail.startsWith('each line checks')) return 'whole';
  expect(detail, `seed ${seed}`).toMatch(/^\d+ characters were typed/);
  return 'counted';
}

test('a suggestion is what a person may try, and right whenever one character was wrong', () => {
  const random = randomOf(7);
  for (let trial = 0; trial < 2_000; trial++) {
    const lines = shareLines(sampleText(random)).map(({ groups, check }) => Array.from(groups.join('') + check));
    const number = 2 + below(random, 6);
    const line = lines[number - 1] ?? [];
    const place = below(random, 20);
    const right = line[place] ?? '';
    line[place] = any(random, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.replace(right, ''));
    const where = `group ${Math.floor(place / 4) + 1}, character ${(place % 4) + 1}`;
    let said = '';
    try {
      readTyped(lines.map((typed) => typed.join('')).join('\n'));
    } catch (error) {
      said = error instanceof Refusal ? String(error.params['detail']) : String(error);
    }
    expect(said).toBe(`line ${number} does not check; ${where} may be ${right}`);
  }
});
