import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { ALPHABET } from '../../core/shares/alphabet.ts';
import { headerBytes, parseShare, writeShare } from '../../core/shares/share.ts';
import { expectRefusal, golden, hexOf, pick, refusalOf, textOfBytes } from './sample-set.ts';

const [sample] = pick(golden.shares, 0);

/** The sample's 85 bytes, from its fields at the offsets of docs/formats/share.md. */
function sampleBytes(): Uint8Array {
  const share = parseShare(sample.text);
  return new Uint8Array(Buffer.concat([headerBytes(share), share.ciphertext, share.tag]));
}

function withByte(offset: number, value: number): string {
  const bytes = sampleBytes();
  bytes[offset] = value;
  return textOfBytes(bytes);
}

test('the sample set is read and written byte for byte', () => {
  for (const { text, x } of golden.shares) {
    const share = parseShare(text);
    expect(share.x).toBe(x);
    expect({ ...share, setId: hexOf(share.setId) }).toMatchObject({
      threshold: 3,
      shareCount: 5,
      epoch: 0,
      log2N: 10,
      setId: golden.manifest.setId,
    });
    expect(writeShare(share)).toBe(text);
  }
});

test('the bytes lie where the layout says: 37 header bytes, 85 in all', () => {
  const share = parseShare(sample.text);
  expect(headerBytes(share).length).toBe(37);
  const bytes = sampleBytes();
  expect(bytes.length).toBe(85);
  expect([...bytes.subarray(0, 4)]).toEqual([0x01, 0x35, sample.x, 0]);
  expect(hexOf(bytes.subarray(4, 20))).toBe(golden.manifest.setId);
  expect(bytes.subarray(20, 36)).toEqual(share.salt);
  expect(bytes[36]).toBe(10);
  expect(textOfBytes(bytes)).toBe(sample.text);
});

test('the document shows this very sample', () => {
  const document = readFileSync(new URL('../../docs/formats/share.md', import.meta.url), 'utf8');
  expect(document).toContain(sample.text);
  expect(document).toContain(sample.y);
  expect(document).toContain(sample.passphrase);
  for (const line of sample.lines) {
    const [number = '', ...parts] = line.split(' ');
    const check = parts.pop() ?? '';
    expect(document).toContain(`${number}  ${parts.join(' ').padEnd(24)}  ${check}`);
  }
  const hex = document.match(/(?<=^ ?\d+ {2}| {4})[0-9a-f]{2,32}(?= |$)/gm)?.join('');
  expect(hex).toBe(hexOf(sampleBytes()));
  expect(JSON.parse(document.match(/^\{\n[^]*?\n\}$/m)?.[0] ?? 'null')).toEqual(golden.manifest);
});

test('small letters are read as capitals, and only ASCII ones', async () => {
  expect(parseShare(sample.text.toLowerCase())).toEqual(parseShare(sample.text));
  const place = sample.text.indexOf('S');
  await expectRefusal(
    () => parseShare(`${sample.text.slice(0, place)}ſ${sample.text.slice(place + 1)}`),
    'SHARE_DAMAGED',
  );
});

test('every single-character substitution is refused', () => {
  let refused = 0;
  const characters = Array.from(`${ALPHABET}OIB1 -ſ`);
  for (let place = 0; place < sample.text.length; place++) {
    for (const character of characters) {
      if (character === sample.text[place]) continue;
      const text = sample.text.slice(0, place) + character + sample.text.slice(place + 1);
      expect(() => parseShare(text), `${character} at ${place}`).toThrow(Refusal);
      refused += 1;
    }
  }
  expect(refused).toBe(155 * characters.length - 155);
});

test('a character that no share has is named with its line', async () => {
  const typed = `${sample.text.slice(0, 46)}O${sample.text.slice(47)}`;
  await expectRefusal(() => parseShare(typed), 'SHARE_DAMAGED', {
    detail: 'line 3, group 2, character 3, is a character that no share has',
  });
});

test.each([
  ['one character too many', `${sample.text}Q`],
  ['a newline at the end', `${sample.text}\n`],
  ['a space in front', ` ${sample.text}`],
  ['one character too few', sample.text.slice(0, -1)],
  ['the first half', sample.text.slice(0, 80)],
  ['two shares in a row', sample.text + sample.text],
])('%s is refused', async (_, text) => {
  const { code } = await refusalOf(() => parseShare(text));
  expect(code).toBe(text.startsWith('CLV1') ? 'SHARE_DAMAGED' : 'SHARE_UNKNOWN_FORMAT');
});

test.each([
  ['nothing', ''],
  ['a web address', 'https://example.org/CLV1'],
  ['the manifest', JSON.stringify(golden.manifest)],
  ['another format', `CLV2${sample.text.slice(4)}Q`],
  ['the second half', sample.text.slice(80)],
  ['another version', withByte(0, 0x02)],
  ['version 0', withByte(0, 0x00)],
])('%s is not a share', async (_, text) => {
  await expectRefusal(() => parseShare(text), 'SHARE_UNKNOWN_FORMAT');
});

test('a damaged prefix on a text of the right length is damage on line 1', async () => {
  await expectRefusal(() => parseShare(`CLVI${sample.text.slice(4)}`), 'SHARE_DAMAGED', {
    detail: 'line 1 does not begin with CLV1',
  });
});

test.each([
  ['x = 0', withByte(2, 0), 'x is 0'],
  ['threshold 0', withByte(1, 0x05), 'the threshold is 0 of 5'],
  ['threshold 1', withByte(1, 0x15), 'the threshold is 1 of 5'],
  ['threshold above shareCount', withByte(1, 0x65), 'the threshold is 6 of 5'],
  ['shareCount 1', withByte(1, 0x11), 'the threshold is 1 of 1'],
  ['log2N 9', withByte(36, 9), 'the scrypt cost is 2^9'],
  ['log2N 21', withByte(36, 21), 'the scrypt cost is 2^21'],
  ['log2N 255', withByte(36, 255), 'the scrypt cost is 2^255'],
])('%s is refused under a right checksum', async (_, text, detail) => {
  await expectRefusal(() => parseShare(text), 'SHARE_DAMAGED', { detail });
});

test('what cannot be read is not written', () => {
  const share = parseShare(sample.text);
  for (const wrong of [{ x: 0 }, { x: 256 }, { threshold: 1 }, { threshold: 6 }, { epoch: 256 }, { log2N: 21 }]) {
    expect(() => writeShare({ ...share, ...wrong })).toThrow(RangeError);
  }
});

test('any bytes with a right checksum are read as they are or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 84, maxLength: 84 }), (rest) => {
      const text = textOfBytes(Uint8Array.of(1, ...rest));
      try {
        return writeShare(parseShare(text)) === text;
      } catch (error) {
        return error instanceof Refusal && error.code === 'SHARE_DAMAGED';
      }
    }),
  );
});

test('any text at all is refused with a code', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (text, prefixed) => {
      expect(() => parseShare(prefixed ? `CLV1${text}` : text)).toThrow(Refusal);
    }),
  );
});
