import { expect, test } from 'vitest';
import { wipe } from '../../core/process/guarded.ts';
import { openShare, sealShare } from '../../core/shares/envelope.ts';
import { normalisedPassphrase } from '../../core/shares/passphrase.ts';
import { parseShare } from '../../core/shares/share.ts';
import { COST, expectRefusal, golden, hexOf, pick, utf8 } from './sample-set.ts';

const header = { threshold: 2, shareCount: 3, x: 9, epoch: 4, setId: new Uint8Array(16).fill(5), log2N: COST };
const y = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);

test('a share opens with its passphrase, to y and x in guarded memory', async () => {
  const plainShare = await openShare(await sealShare(header, y, utf8('correct horse')), utf8('correct horse'));
  expect([...plainShare]).toEqual([...y, 9]);
  wipe(plainShare);
});

test('the sample set opens to its known y', async () => {
  for (const { text, passphrase, y: known, x } of golden.shares) {
    const plainShare = await openShare(parseShare(text), utf8(passphrase));
    expect(hexOf(plainShare)).toBe(known + x.toString(16).padStart(2, '0'));
  }
});

test('the same passphrase in another Unicode form opens it', async () => {
  const [accented, compatible] = pick(golden.shares, 2, 3);
  for (const { text, passphrase, y: known } of [accented, compatible]) {
    for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
      const plainShare = await openShare(parseShare(text), utf8(passphrase.normalize(form)));
      expect(hexOf(plainShare.subarray(0, 32))).toBe(known);
    }
  }
});

test('normalising: ASCII as it is, nothing trimmed, the rest in NFKD, a copy each time', () => {
  const ascii = utf8('  Two words\t');
  const copy = normalisedPassphrase(ascii);
  expect(copy).toEqual(ascii);
  expect(copy?.buffer).not.toBe(ascii.buffer);
  expect(normalisedPassphrase(utf8('\ufeffé'))).toEqual(utf8('\ufeffe\u0301'));
  expect(normalisedPassphrase(utf8('ﬁ Å ½'))).toEqual(utf8('fi A\u030a 1\u20442'));
  expect(normalisedPassphrase(Uint8Array.of(0x61, 0xff))).toBeNull();
});

test.each(['correct horsf', 'Correct horse', 'correct horse ', '', 'córrect horse'])(
  'the passphrase "%s" is refused',
  async (wrong) => {
    const sealed = await sealShare(header, y, utf8('correct horse'));
    await expectRefusal(() => openShare(sealed, utf8(wrong)), 'SHARE_PASSPHRASE_WRONG', { x: 9 });
  },
);

test('bytes that are no UTF-8 open nothing and seal nothing', async () => {
  const sealed = await sealShare(header, y, utf8('correct horse'));
  const broken = Uint8Array.of(0xc3, 0x28);
  await expectRefusal(() => openShare(sealed, broken), 'SHARE_PASSPHRASE_WRONG', { x: 9 });
  await expect(sealShare(header, y, broken)).rejects.toThrow(RangeError);
});

test('every header field is bound to the ciphertext', async () => {
  const sealed = await sealShare(header, y, utf8('correct horse'));
  const changes = [
    { threshold: 3 },
    { shareCount: 4 },
    { x: 10 },
    { epoch: 5 },
    { setId: new Uint8Array(16).fill(6) },
    { salt: new Uint8Array(16) },
    { log2N: COST + 1 },
    { ciphertext: sealed.ciphertext.map((byte, index) => (index === 31 ? byte ^ 1 : byte)) },
    { tag: sealed.tag.map((byte, index) => (index === 15 ? byte ^ 128 : byte)) },
  ];
  for (const change of changes) {
    await expectRefusal(() => openShare({ ...sealed, ...change }, utf8('correct horse')), 'SHARE_PASSPHRASE_WRONG');
  }
});

test('a fresh salt each time: nothing of two sealings of the same y is alike', async () => {
  const one = await sealShare(header, y, utf8('correct horse'));
  const other = await sealShare(header, y, utf8('correct horse'));
  expect(one.salt).not.toEqual(other.salt);
  expect(one.ciphertext).not.toEqual(other.ciphertext);
  expect(one.tag).not.toEqual(other.tag);
});

test('it works at the real cost, log2N 17', async () => {
  const sealed = await sealShare({ ...header, log2N: 17 }, y, utf8('correct horse'));
  const plainShare = await openShare(sealed, utf8('correct horse'));
  expect([...plainShare.subarray(0, 32)]).toEqual([...y]);
  await expectRefusal(() => openShare(sealed, utf8('wrong horse')), 'SHARE_PASSPHRASE_WRONG');
});
