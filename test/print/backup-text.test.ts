import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import {
  backupLines,
  CHUNK_BYTES,
  decodeBackup,
  decodeParts,
  encodeBackup,
  encodeParts,
  readBackupLines,
} from '../../core/print/backup-text.ts';
import { sampleBytes } from './samples.ts';

const DOCUMENT = readFileSync(new URL('../../docs/formats/backup.md', import.meta.url), 'utf8');
const ALPHABET = 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L';

function damage(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'BACKUP_DAMAGED') return String(error.params.detail);
    throw error;
  }
  throw new Error('it was accepted');
}

const blobs = fc.uint8Array({ minLength: 1, maxLength: 3000 });

describe('round trip', () => {
  test('any bytes come back, whatever the order of the codes and however often each was read', () => {
    fc.assert(
      fc.property(blobs, fc.infiniteStream(fc.nat()), (blob, picks) => {
        const texts = encodeBackup(blob);
        const order = picks[Symbol.iterator]();
        const shuffled = [...texts, ...texts]
          .map((text) => ({ text, key: Number(order.next().value) }))
          .sort((one, other) => one.key - other.key)
          .map(({ text }) => text);
        expect(Buffer.from(decodeBackup(shuffled)).equals(blob)).toBe(true);
      }),
    );
  });

  test('the chunks are even and at most 300 bytes, so that one code holds any EC key', () => {
    expect(encodeBackup(sampleBytes('a', CHUNK_BYTES))).toHaveLength(1);
    const lengths = encodeBackup(sampleBytes('b', CHUNK_BYTES + 1)).map(({ length }) => length);
    expect(lengths).toHaveLength(2);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(2);
    expect(Math.max(...encodeBackup(sampleBytes('c', 9600)).map(({ length }) => length))).toBeLessThanOrEqual(508);
    expect(damage(() => encodeBackup(new Uint8Array(9601)))).toContain('9601');
    expect(damage(() => encodeBackup(new Uint8Array()))).toContain('0 bytes');
  });
});

describe('damage', () => {
  test('any one character changed, anywhere, is refused', () => {
    fc.assert(
      fc.property(blobs, fc.nat(), fc.nat(), fc.nat(), (blob, which, where, what) => {
        const texts = encodeBackup(blob);
        const text = texts[which % texts.length] ?? '';
        const place = where % text.length;
        const character = ALPHABET.charAt(what % 32);
        fc.pre(text[place] !== character);
        texts[which % texts.length] = text.slice(0, place) + character + text.slice(place + 1);
        damage(() => decodeBackup(texts));
      }),
      { numRuns: 500 },
    );
  });

  test('a code cut short or lengthened is refused', () => {
    const [text = ''] = encodeBackup(sampleBytes('blob', 200));
    for (let length = 0; length < text.length; length++) damage(() => decodeBackup([text.slice(0, length)]));
    for (const more of ['Q', 'QQ', 'QQQQQQQQ', ' ', '\n']) damage(() => decodeBackup([text + more]));
  });

  test('missing, mixed, foreign and absent codes are named', () => {
    const texts = encodeBackup(sampleBytes('one', 1000));
    const others = encodeBackup(sampleBytes('two', 1000));
    expect(damage(() => decodeBackup(texts.filter((_, index) => index !== 2)))).toBe('code 3 of 4 is missing');
    expect(damage(() => decodeBackup([...texts.slice(0, 3), others[3] ?? '']))).toContain('different backups');
    expect(damage(() => decodeBackup([]))).toContain('no code');
    expect(damage(() => decodeBackup([...texts, 'CLV1QQQQ']))).toContain('does not begin with CLVB1');
    expect(damage(() => decodeBackup(encodeParts('CLVM1', sampleBytes('one', 20))))).toContain('CLVB1');
    expect(damage(() => decodeBackup([(texts[0] ?? '').toLowerCase()]))).toContain('CLVB1');
  });
});

describe('typed lines', () => {
  const [text = ''] = encodeBackup(sampleBytes('blob', 200));
  const typed = backupLines(text).map(({ groups, check }) => `${groups.join(' ')} ${check}`);

  test('come back as the text, in small letters and with any white space', () => {
    expect(readBackupLines(typed)).toBe(text);
    expect(readBackupLines(typed.map((line) => ` ${line.toLowerCase().replace(/ /g, '  ')}\t`))).toBe(text);
  });

  test('name the line of any one or two wrong characters', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), fc.nat(), (which, one, other, first, second) => {
        const lines = typed.map((line) => line.replace(/ /g, ''));
        const at = which % lines.length;
        const characters = Array.from(lines[at] ?? '');
        characters[one % characters.length] = ALPHABET.charAt(first % 32);
        characters[other % characters.length] = ALPHABET.charAt(second % 32);
        fc.pre(characters.join('') !== lines[at]);
        lines[at] = characters.join('');
        expect(damage(() => readBackupLines(lines))).toBe(`line ${at + 1} does not check`);
      }),
      { numRuns: 500 },
    );
  });

  test('two lines in each other’s place, a missing line and a letter O are found', () => {
    const [first = '', second = '', third = ''] = typed;
    expect(damage(() => readBackupLines([first, third, second, ...typed.slice(3)]))).toBe('line 2 does not check');
    expect(damage(() => readBackupLines([first, ...typed.slice(2)]))).toBe('line 2 does not check');
    const withO = typed.map((line) => line.replace('0', 'O'));
    expect(damage(() => readBackupLines(withO))).toMatch(/^line \d+ does not check$/);
    damage(() => decodeBackup([readBackupLines(typed.slice(0, -1))]));
  });
});

describe('docs/formats/backup.md', () => {
  const blocks = Array.from(DOCUMENT.matchAll(/```(\w*)\n([\s\S]*?)```/g), ([, language, body = '']) => ({
    language,
    body,
  }));
  const python = blocks.find(({ language }) => language === 'python')?.body ?? '';

  test('its example is what is made', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, index) => index);
    const [text = ''] = encodeBackup(bytes);
    expect(blocks[0]?.body.trim()).toBe(text);
    const rows = (blocks[1]?.body.trim() ?? '').split('\n').map((row) => row.replace(/\s+/g, ' '));
    expect(rows).toEqual(
      backupLines(text).map(({ number, groups, check }) => `${number} ${groups.join(' ')} ${check}`),
    );
  });

  test.each([1, 40, 200, 300, 301, 2384])(
    'its Python reads a backup of %i bytes, and refuses a damaged one',
    (length) => {
      const blob = sampleBytes('python', length);
      const folder = mkdtempSync(join(tmpdir(), 'claviger-backup-'));
      try {
        writeFileSync(join(folder, 'read.py'), python);
        const read = (texts: string[]) => {
          writeFileSync(join(folder, 'codes.txt'), texts.join('\n'));
          return execFileSync('python3', [join(folder, 'read.py'), join(folder, 'codes.txt')], {
            stdio: ['ignore', 'pipe', 'ignore'],
          });
        };
        const texts = encodeBackup(blob).reverse();
        expect(read(texts).equals(blob)).toBe(true);
        const [first = '', ...others] = texts;
        const last = first.endsWith('Q') ? 'P' : 'Q';
        expect(() => read([first.slice(0, -3) + last + first.slice(-2), ...others, first])).toThrow();
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

test('the manifest file travels under its own prefix', () => {
  const file = new TextEncoder().encode('{"format":"CLV1"}');
  expect(Buffer.from(decodeParts('CLVM1', encodeParts('CLVM1', file))).equals(file)).toBe(true);
});
