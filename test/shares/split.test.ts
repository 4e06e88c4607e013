import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wipe } from '../../core/process/guarded.ts';
import { keyCheckValueOf, setIdOf } from '../../core/shares/commitment.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { parseShare } from '../../core/shares/share.ts';
import { splitMasterKey } from '../../core/shares/split.ts';
import { COST, emptyKey, expectRefusal, freshSet, golden, hexOf, masterKeyOf, splitInput, utf8 } from './sample-set.ts';

test('the set is what was asked for, in the order of the passphrases', async () => {
  const { input, manifest, shares, given, subsetsChecked } = await freshSet();
  expect(manifest).toMatchObject({
    format: 'CLV1',
    masterKeyId: input.masterKeyId,
    ceremony: 'test-ceremony',
    threshold: 3,
    shareCount: 5,
    epoch: 1,
    keyCheckValue: hexOf(keyCheckValueOf(input.masterKey, manifest)),
    setId: hexOf(setIdOf(manifest)),
  });
  expect(subsetsChecked).toBe(10);
  expect(manifest.shares.map(({ x }) => x)).toEqual(shares.map(({ x }) => x).sort((one, other) => one - other));
  expect(new Set(shares.map(({ text }) => hexOf(parseShare(text).salt))).size).toBe(5);
  for (const [index, { x, text }] of shares.entries()) {
    expect(parseShare(text)).toMatchObject({ x, threshold: 3, shareCount: 5, epoch: 1, log2N: COST });
    expect(given[index]?.text).toBe(text);
  }
});

test.each([
  [2, 2, 1],
  [2, 15, 105],
  [7, 15, 6435],
  [15, 15, 1],
])('%i of %i: all %i subsets are checked', async (threshold, shareCount, subsets) => {
  const { subsetsChecked, manifest, given, input } = await freshSet({ threshold, shareCount });
  expect(subsetsChecked).toBe(subsets);
  const into = emptyKey();
  await recoverMasterKey({ manifest, shares: given.slice(-threshold), into });
  expect(into).toEqual(input.masterKey);
});

test('the master key and the passphrases are left as they were: their wiping is the caller’s', async () => {
  const { input } = await freshSet();
  expect(input.masterKey).toEqual(splitInput().masterKey);
  expect(input.passphrases).toEqual(splitInput().passphrases);
});

test('two splits of one key have nothing in common but its id', async () => {
  const [one, other] = [await freshSet(), await freshSet()];
  expect(one.manifest.setId).not.toBe(other.manifest.setId);
  expect(one.manifest.keyCheckValue).toBe(other.manifest.keyCheckValue);
});

test('the set id changes with everything that is in it', () => {
  const { manifest } = golden;
  const [first, ...rest] = manifest.shares;
  const changes = [
    { masterKeyId: '0'.repeat(32) },
    { ceremony: 'sample-2027' },
    { threshold: 2 },
    { shareCount: 6 },
    { epoch: 1 },
    { keyCheckValue: '0'.repeat(32) },
    { shares: rest },
    { shares: [{ x: 1, commitment: first?.commitment ?? '' }, ...rest] },
    { shares: [{ x: first?.x ?? 0, commitment: '0'.repeat(64) }, ...rest] },
  ];
  const ids = [{}, ...changes].map((change) => hexOf(setIdOf({ ...manifest, ...change })));
  expect(ids[0]).toBe(manifest.setId);
  expect(new Set(ids).size).toBe(changes.length + 1);
});

test('two custodians with one passphrase are refused, in any Unicode form', async () => {
  const passphrases = splitInput().passphrases;
  for (const [one, other] of [
    ['the same', 'the same'],
    ['caf\u00e9', 'cafe\u0301'],
  ]) {
    const repeated = [utf8(one ?? ''), ...passphrases.slice(1, 4), utf8(other ?? '')];
    await expectRefusal(() => splitMasterKey(splitInput({ passphrases: repeated })), 'PASSPHRASE_REPEATED');
  }
});

test.each([
  ['threshold 1', { threshold: 1 }],
  ['threshold above shareCount', { threshold: 6 }],
  ['shareCount 16', { shareCount: 16 }],
  ['a passphrase too few', { passphrases: [utf8('one'), utf8('two')] }],
  ['a short key', { masterKey: new Uint8Array(31) }],
  ['a cost of 2^21', { scryptLog2N: 21 }],
  ['a cost of 2^9', { scryptLog2N: 9 }],
])('%s is a bug of the caller and throws', async (_, changes) => {
  await expect(splitMasterKey(splitInput(changes))).rejects.toThrow();
});

test.each([
  ['an epoch of 256', { epoch: 256 }],
  ['no ceremony', { ceremony: '' }],
  ['half a surrogate pair', { ceremony: '\ud800' }],
  ['a short master-key id', { masterKeyId: 'ff' }],
])('%s makes no manifest', async (_, changes) => {
  await expectRefusal(() => splitMasterKey(splitInput(changes)), 'MANIFEST_INVALID');
});

test('any threshold-sized set recovers, and one fewer never', async () => {
  const sets = fc.integer({ min: 2, max: 6 }).chain((shareCount) =>
    fc.record({
      shareCount: fc.constant(shareCount),
      threshold: fc.integer({ min: 2, max: shareCount }),
      order: fc.shuffledSubarray(
        Array.from({ length: shareCount }, (_, index) => index),
        { minLength: shareCount },
      ),
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      epoch: fc.nat({ max: 255 }),
      ceremony: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(sets, async ({ shareCount, threshold, order, key, epoch, ceremony }) => {
      const masterKey = masterKeyOf((index) => key[index] ?? 0);
      const { manifest, given } = await freshSet({ masterKey, shareCount, threshold, epoch, ceremony });
      const shares = order.flatMap((index) => given[index] ?? []);
      const into = emptyKey();
      const { sharesUsed } = await recoverMasterKey({ manifest, shares: shares.slice(0, threshold), into });
      expect(into).toEqual(masterKey);
      expect(sharesUsed).toEqual(shares.slice(0, threshold).map(({ text }) => parseShare(text).x));
      wipe(into);
      await expectRefusal(
        () => recoverMasterKey({ manifest, shares: shares.slice(0, threshold - 1), into }),
        'SHARES_TOO_FEW',
        { present: threshold - 1, threshold },
      );
      expect(into).toEqual(new Uint8Array(32));
    }),
    { numRuns: 40 },
  );
});
