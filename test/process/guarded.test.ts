import { expect, test } from 'vitest';
import { guarded, guardedBriefly, guardedBrieflyCopy, guardedCopy, wipe } from '../../core/process/guarded.ts';

test('a guarded buffer is a plain Uint8Array of the asked length, and wiping leaves zeros', () => {
  const secret = guarded(32);
  expect(secret.constructor).toBe(Uint8Array);
  expect(secret.length).toBe(32);
  secret.fill(7);
  const copy = guardedCopy(secret);
  wipe(secret, copy, null);
  expect([...secret, ...copy].every((byte) => byte === 0)).toBe(true);
});

test('what is guarded briefly is as long as was asked, and its own while it is not wiped', () => {
  const lengths = [0, 1, 31, 32, 33, 1000, 4096, 65_536, 65_537];
  const secrets = lengths.map((length, index) => guardedBriefly(length).fill(index + 1));
  expect(secrets.map(({ length }) => length)).toEqual(lengths);
  const more = lengths.map((length) => guardedBriefly(length).fill(0xff));
  for (const [index, secret] of secrets.entries()) {
    expect(secret.constructor).toBe(Uint8Array);
    expect(secret.every((byte) => byte === index + 1)).toBe(true);
  }
  wipe(...secrets, ...more);
  expect([...secrets, ...more].every((secret) => secret.every((byte) => byte === 0))).toBe(true);
});

test('a place that was given back is clean, and wiping once more does nothing to who has it now', () => {
  const first = guardedBrieflyCopy(Buffer.alloc(48, 7));
  wipe(first);
  // 48 and 64 bytes have places of one size; the one given back last is lent next.
  const second = guardedBriefly(64);
  expect(second.buffer).toBe(first.buffer);
  expect(second.byteOffset).toBe(first.byteOffset);
  expect(second.every((byte) => byte === 0)).toBe(true);
  second.fill(9);
  wipe(first);
  expect(second.every((byte) => byte === 9)).toBe(true);
  wipe(second, second);
  const [third, fourth] = [guardedBriefly(64), guardedBriefly(64)];
  expect(third.byteOffset).not.toBe(fourth.byteOffset);
  wipe(third, fourth);
});

test('a hundred thousand of them in one turn, and ten thousand at once', () => {
  const buffers = new Set<ArrayBufferLike>();
  for (let count = 0; count < 100_000; count += 1) {
    const secret = guardedBriefly(32);
    buffers.add(secret.buffer);
    wipe(secret);
  }
  expect(buffers.size).toBe(1);
  const secrets = Array.from({ length: 10_000 }, () => guardedBriefly(32));
  expect(
    new Set(secrets.map(({ buffer, byteOffset }) => `${buffer === secrets[0]?.buffer} ${byteOffset}`)).size,
  ).toBeGreaterThan(2000);
  wipe(...secrets);
});
