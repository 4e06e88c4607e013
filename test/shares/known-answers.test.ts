import { execFileSync } from 'node:child_process';
import crypto, { createHash } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { combine, split } from 'shamir-secret-sharing';
import { afterEach, expect, test } from 'vitest';
import { combineShares, splitSecret, xOf } from '../../core/shares/shamir.ts';
import { emptyKey, hexOf, masterKeyOf } from './sample-set.ts';

/** The Shamir library with its randomness injected: known answers, and a second implementation, in Python, that gives the same. */
const program = fileURLToPath(new URL('split_by_hand.py', import.meta.url));
const real = crypto.randomBytes;

afterEach(() => {
  crypto.randomBytes = real;
  syncBuiltinESMExports();
});

/** From here on node:crypto's random bytes are these; answers what was taken of them. */
function inject(seed: string): { taken: () => Buffer } {
  const taken: Buffer[] = [];
  const fake = (size: number) => {
    const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, block) =>
      createHash('sha256').update(`${seed} ${taken.length} ${block}`).digest(),
    );
    // As randomBytes does: a buffer of its own, of just this size.
    const bytes = Buffer.from(new Uint8Array(Buffer.concat(blocks).subarray(0, size)).buffer);
    taken.push(Buffer.from(bytes));
    return bytes;
  };
  crypto.randomBytes = fake;
  syncBuiltinESMExports();
  return { taken: () => Buffer.concat(taken) };
}

test.each([
  { shareCount: 2, threshold: 2 },
  { shareCount: 5, threshold: 3 },
  { shareCount: 15, threshold: 7 },
  { shareCount: 15, threshold: 15 },
])(
  '$threshold of $shareCount: the library and a second implementation give the same shares',
  async ({ shareCount, threshold }) => {
    const { taken } = inject(`${threshold} of ${shareCount}`);
    const secret = masterKeyOf((index) => 7 * index + 1);
    const shares = await splitSecret(secret, shareCount, threshold);
    const random = taken();
    // Nothing of the randomness is left out or used twice.
    expect(random).toHaveLength(255 + 32 * (threshold - 1));
    const input = JSON.stringify({ secret: hexOf(secret), random: random.toString('hex'), shareCount, threshold });
    const byHand: unknown = JSON.parse(execFileSync('/usr/bin/python3', [program], { input, encoding: 'utf8' }));
    expect(shares.map(hexOf)).toEqual(byHand);
  },
);

test('the known answers of 3 of 5', async () => {
  inject('known answers');
  const shares = await splitSecret(
    masterKeyOf((index) => 7 * index + 1),
    5,
    3,
  );
  expect(shares.map(hexOf)).toMatchInlineSnapshot(`
    [
      "e75023b9fccb617ea135e4f1475aa87e0bd3111c0119bdc9c8fd50f4ada5798704",
      "072810cdbe0f15d13bd0a4a3676b60c3b1b1a756c2469466fdd3f89943565f18a8",
      "c5f889051c748c75b5fb5e56185727141975d772bc952da8b141caeace03f8d92b",
      "93e697acd1e4c95f9b6d9924371d3d9edd0151c92fc6369d1a8c3b84b92c3f6d23",
      "d54017aba101913566b4c9fd1764e9967f357fe093e6f4440eaf72604215bfa12e",
    ]
  `);
});

test('the leading coefficient may be zero, as it must: a polynomial of lower degree is as likely as any other', async () => {
  crypto.randomBytes = (size: number) => Buffer.from(new Uint8Array(size).buffer);
  syncBuiltinESMExports();
  const secret = masterKeyOf((index) => index);
  const shares = await splitSecret(secret, 3, 2);
  for (const share of shares) expect(hexOf(share.subarray(0, 32))).toBe(hexOf(secret));
  const into = emptyKey();
  await combineShares(shares.slice(1), into);
  expect(hexOf(into)).toBe(hexOf(secret));
});

test('what the library leaves open: it takes no Buffer, mends nothing, and answers whatever the shares give', async () => {
  await expect(split(Buffer.alloc(32), 5, 3)).rejects.toThrow(TypeError);
  const secret = new Uint8Array(32).fill(7);
  const shares = await split(secret, 5, 3);
  const others = await split(secret, 5, 3);
  await expect(combine([Buffer.from(shares[0] ?? []), ...shares.slice(1)])).rejects.toThrow(TypeError);
  // Malleable: a bit that is turned in a share turns bits of the secret, in silence.
  const [first = new Uint8Array(), ...rest] = shares;
  const turned = first.slice();
  turned[0] = (turned[0] ?? 0) ^ 1;
  const altered = await combine([turned, ...rest.slice(0, 2)]);
  expect(altered[0]).not.toBe(7);
  expect([...altered.subarray(1)]).toEqual([...secret.subarray(1)]);
  // Of another split of the very same secret, and more than the threshold with one altered.
  const foreign = others.find((share) => rest.slice(0, 2).every((own) => xOf(own) !== xOf(share))) ?? new Uint8Array();
  expect(await combine([foreign, ...rest.slice(0, 2)])).not.toEqual(secret);
  expect(await combine(shares)).toEqual(secret);
  expect(await combine([turned, ...rest])).not.toEqual(secret);
});
