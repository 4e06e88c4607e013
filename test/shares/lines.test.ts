import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { ALPHABET } from '../../core/shares/alphabet.ts';
import { readTyped, shareLines } from '../../core/shares/lines.ts';
import { expectRefusal, golden, pick, refusalOf, textOfBytes } from './sample-set.ts';

const [sample] = pick(golden.shares, 0);
/** The printed lines without their numbers. */
const printed = shareLines(sample.text).map(({ groups, check }) => `${groups.join(' ')}  ${check}`);

/** The printed lines with one of them changed (`number` from 1). */
function withLine(number: number, change: (line: string) => string): string {
  return printed.map((line, index) => (index + 1 === number ? change(line) : line)).join('\n');
}

/** Replaces the character at a place of the line, spaces not counted. */
function replaced(place: number, character: string): (line: string) => string {
  return (line) => {
    const packed = line.replaceAll(' ', '');
    return packed.slice(0, place) + character + packed.slice(place + 1);
  };
}

test('8 lines of 5 groups of 4, the last one shorter, as in the sample', () => {
  for (const { text, lines } of golden.shares) {
    const made = shareLines(text);
    expect(made.map(({ number, groups, check }) => [number, ...groups, check].join(' '))).toEqual(lines);
    expect(made.map(({ groups }) => groups.map(({ length }) => length))).toEqual([
      ...Array<number[]>(7).fill([4, 4, 4, 4, 4]),
      [4, 4, 4, 3],
    ]);
    expect(made.flatMap(({ groups }) => groups).join('')).toBe(text);
    expect(made.every(({ check }) => check.length === 2)).toBe(true);
  }
});

test.each([
  ['as one string', sample.text],
  ['in small letters', sample.text.toLowerCase()],
  ['wrapped anyhow', sample.text.replace(/.{13}/g, '$& \t\r\n')],
  ['in its lines without check characters', sample.text.replace(/.{20}/g, '$&\n')],
  ['in its lines with check characters', printed.join('\n')],
  ['with Windows line ends and empty lines', `\r\n${printed.join('\r\n\r\n')}\r\n`],
  ['with check characters in one go', printed.join(' ')],
  ['with check characters, wrapped anyhow', printed.join('').replace(/.{40}/g, '$&\n')],
  ['with the printed line numbers', printed.map((line, index) => `${index + 1}  ${line}`).join('\n')],
])('the share is read %s', (_, typed) => {
  expect(readTyped(typed)).toBe(sample.text);
});

test('every single wrong character is refused on its line, with a suggestion that is right', async () => {
  for (const [index, line] of printed.entries()) {
    const packed = line.replaceAll(' ', '');
    for (let place = index === 0 ? 4 : 0; place < packed.length; place++) {
      const right = packed.charAt(place);
      const wrong = ALPHABET.charAt((ALPHABET.indexOf(right) + 1 + ((place * 7) % 31)) % 32);
      const { code, params } = await refusalOf(() => readTyped(withLine(index + 1, replaced(place, wrong))));
      const where =
        place >= packed.length - 2
          ? 'the check characters'
          : `group ${Math.floor(place / 4) + 1}, character ${(place % 4) + 1}`;
      expect(code).toBe('SHARE_DAMAGED');
      expect(params['detail']).toBe(`line ${index + 1} does not check; ${where} may be ${right}`);
    }
  }
});

test('a letter that no share has is named, with what the check characters make of it', async () => {
  const line = printed[6]?.replaceAll(' ', '') ?? '';
  for (const [place, right] of Array.from(line.slice(0, 20)).entries()) {
    await expectRefusal(() => readTyped(withLine(7, replaced(place, 'O'))), 'SHARE_DAMAGED', {
      detail: `line 7, group ${Math.floor(place / 4) + 1}, character ${(place % 4) + 1}: a character that no share has; it may be ${right}`,
    });
  }
});

test('no suggestion where the line has more than one fault', async () => {
  const line = printed[1] ?? '';
  await expectRefusal(() => readTyped(withLine(2, () => replaced(5, 'O')(replaced(2, 'I')(line)))), 'SHARE_DAMAGED', {
    detail: 'line 2, group 1, character 3: a character that no share has',
  });
});

test('swapped lines are refused, and named', async () => {
  for (let first = 0; first < 7; first++) {
    for (let second = first + 1; second < 7; second++) {
      const lines = [...printed];
      [lines[first], lines[second]] = pick(printed, second, first);
      const { code, params } = await refusalOf(() => readTyped(lines.join('\n')));
      expect(code).toBe('SHARE_DAMAGED');
      // Line 1 elsewhere, or another line in its place, shows by its prefix.
      expect(params['detail']).toBe(
        first === 0
          ? 'line 1 does not begin with CLV1'
          : `line ${first + 1} does not check; it looks like line ${second + 1}`,
      );
    }
  }
});

test('a line typed twice, left out, or of the wrong length is named', async () => {
  await expectRefusal(() => readTyped(printed.toSpliced(3, 1, pick(printed, 2)[0]).join('\n')), 'SHARE_DAMAGED', {
    detail: 'line 4 does not check; it looks like line 3',
  });
  await expectRefusal(() => readTyped(printed.toSpliced(3, 1).join('\n')), 'SHARE_DAMAGED', {
    detail: 'line 4 does not check; it looks like line 5',
  });
  await expectRefusal(() => readTyped(withLine(5, (line) => line.slice(1))), 'SHARE_DAMAGED', {
    detail: 'line 5 has 21 characters, not 22',
  });
  await expectRefusal(() => readTyped(withLine(1, replaced(3, 'I'))), 'SHARE_DAMAGED', {
    detail: 'line 1 does not begin with CLV1',
  });
});

test('a line of another share does not pass, though it checks by itself', async () => {
  const [other] = pick(golden.shares, 1);
  const lines = shareLines(other.text).map(({ groups, check }) => groups.join('') + check);
  await expectRefusal(() => readTyped(withLine(6, () => pick(lines, 5)[0])), 'SHARE_DAMAGED', {
    detail: 'each line checks, but the whole does not; compare every line',
  });
});

test('without check characters a wrong character is refused as well', async () => {
  const typed = `${sample.text.slice(0, 100)}${sample.text[100] === 'Q' ? 'P' : 'Q'}${sample.text.slice(101)}`;
  await expectRefusal(() => readTyped(typed), 'SHARE_DAMAGED', { detail: 'the checksum of the text is wrong' });
});

test('what is no share is refused as such', async () => {
  for (const typed of ['', ' \n ', 'hello', JSON.stringify(golden.manifest), 'a\n'.repeat(8), 'Q'.repeat(171)]) {
    await expectRefusal(() => readTyped(typed), 'SHARE_UNKNOWN_FORMAT');
  }
});

test('any share is read back from its own lines', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 81, maxLength: 81 }), (rest) => {
      const bytes = Uint8Array.of(1, 0x35, 7, 0, ...rest);
      bytes[36] = 17;
      const text = textOfBytes(bytes);
      const lines = shareLines(text).map(({ groups, check }) => [...groups, check].join(' '));
      return readTyped(lines.join('\n')) === text && readTyped(text) === text;
    }),
  );
});

test('a person who errs gets the right share or a named fault, never a wrong share', () => {
  const slip = fc.record({
    kind: fc.constantFrom('substitute', 'double', 'omit', 'transpose', 'lookalike', 'split'),
    at: fc.nat({ max: 220 }),
    character: fc.constantFrom(...Array.from(ALPHABET)),
  });
  const lookalikes: Record<string, string> = { '0': 'O', '8': 'B', L: '1', S: '5', '5': 'S', Z: '2', '2': 'Z', U: 'V' };
  fc.assert(
    fc.property(fc.array(slip, { minLength: 1, maxLength: 12 }), (slips) => {
      let typed = printed.join('\n');
      for (const { kind, at, character } of slips) {
        const place = at % typed.length;
        const here = typed.charAt(place);
        const [before, after] = [typed.slice(0, place), typed.slice(place + 1)];
        if (kind === 'substitute') typed = before + character + after;
        else if (kind === 'double') typed = before + here + here + after;
        else if (kind === 'omit') typed = before + after;
        else if (kind === 'transpose') typed = before + after.slice(0, 1) + here + after.slice(1);
        else if (kind === 'lookalike') typed = before + (lookalikes[here] ?? here) + after;
        else typed = `${before}${here}\n${after}`;
      }
      try {
        return readTyped(typed) === sample.text;
      } catch (error) {
        return error instanceof Refusal && ['SHARE_DAMAGED', 'SHARE_UNKNOWN_FORMAT'].includes(error.code);
      }
    }),
    { numRuns: 2000 },
  );
});
