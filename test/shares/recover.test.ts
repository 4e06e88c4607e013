import { combine, split } from 'shamir-secret-sharing';
import { expect, test } from 'vitest';
import { keyCheckValueOf, setIdOf } from '../../core/shares/commitment.ts';
import { sealShare } from '../../core/shares/envelope.ts';
import type { ShareSetManifest } from '../../core/shares/manifest.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { parseShare, writeShare } from '../../core/shares/share.ts';
import {
  COST,
  type Given,
  bytesOf,
  emptyKey,
  expectRefusal,
  forgedSet,
  freshSet,
  golden,
  hexOf,
  masterKeyOf,
  pick,
  splitInput,
  utf8,
} from './sample-set.ts';

const sample = golden.shares.map(({ text, passphrase }) => ({ text, passphrase: utf8(passphrase) }));

/** Recovers into fresh memory; on a refusal nothing may have been written there. */
async function recover(manifest: ShareSetManifest, shares: Given[]) {
  const into = emptyKey();
  try {
    const { sharesUsed } = await recoverMasterKey({ manifest, shares, into });
    return { sharesUsed, key: hexOf(into) };
  } catch (error) {
    expect(into).toEqual(new Uint8Array(32));
    throw error;
  }
}

/** The y of a plain share of the library. */
function pointOf(plainShare: Uint8Array): { x: number; y: Uint8Array } {
  return { x: plainShare[32] ?? 0, y: plainShare.slice(0, 32) };
}

test('the sample set gives its known key, in any order, shares beyond the threshold checked and not needed', async () => {
  for (const indexes of [
    [0, 1, 2],
    [4, 2, 0],
    [3, 4, 1],
    [4, 3, 2, 1, 0],
  ]) {
    const { key, sharesUsed } = await recover(golden.manifest, pick(sample, ...indexes));
    expect(key).toBe(golden.masterKey);
    expect(sharesUsed).toEqual(pick(golden.shares, ...indexes.slice(0, 3)).map(({ x }) => x));
  }
});

test('SHARES_TOO_FEW: the library would give a wrong secret in silence', async () => {
  const plainShares = await split(new Uint8Array(32).fill(7), 5, 3);
  expect(await combine(plainShares.slice(0, 2))).not.toEqual(new Uint8Array(32).fill(7));
  for (const present of [0, 1, 2]) {
    await expectRefusal(() => recover(golden.manifest, sample.slice(0, present)), 'SHARES_TOO_FEW', {
      present,
      threshold: 3,
    });
  }
});

test('SHARE_REPEATED: one share twice, also in small letters and beside enough others', async () => {
  const [a, b, c] = pick(sample, 0, 1, 2);
  await expectRefusal(() => recover(golden.manifest, [a, b, a]), 'SHARE_REPEATED');
  await expectRefusal(() => recover(golden.manifest, [a, { ...a, text: a.text.toLowerCase() }]), 'SHARE_REPEATED');
  await expectRefusal(() => recover(golden.manifest, [a, b, c, c]), 'SHARE_REPEATED');
});

test('SHARE_FOREIGN, SHARE_OLD_EPOCH: another set, an old epoch, and an x that the manifest does not list', async () => {
  const first = await freshSet({ epoch: 0 });
  const second = await freshSet({ epoch: 1 });
  const foreign = pick(first.given, 0)[0];
  await expectRefusal(() => recover(second.manifest, [...second.given.slice(0, 2), foreign]), 'SHARE_OLD_EPOCH', {
    x: parseShare(foreign.text).x,
    epoch: 0,
    current: 1,
  });
  await expectRefusal(() => recover(golden.manifest, first.given), 'SHARE_FOREIGN');

  const unlisted = Array.from({ length: 255 }, (_, index) => index + 1).find(
    (x) => !golden.manifest.shares.some((share) => share.x === x),
  );
  const { setId, ...share } = parseShare(pick(golden.shares, 0)[0].text);
  const sealed = await sealShare({ ...share, setId, x: unlisted ?? 0 }, new Uint8Array(32), utf8('any'));
  const forged = { text: writeShare(sealed), passphrase: utf8('any') };
  await expectRefusal(() => recover(golden.manifest, [...sample.slice(0, 2), forged]), 'SHARE_FOREIGN', {
    x: unlisted ?? 0,
  });
});

test('SHARE_PASSPHRASE_WRONG names the share; passphrases changed about are wrong', async () => {
  const [a, b, c, d] = pick(sample, 0, 1, 2, 3);
  const [, x] = golden.shares.map((share) => share.x);
  await expectRefusal(
    () => recover(golden.manifest, [a, { ...b, passphrase: utf8('guess') }, c]),
    'SHARE_PASSPHRASE_WRONG',
    { x: x ?? 0 },
  );
  await expectRefusal(
    () => recover(golden.manifest, [a, { ...b, passphrase: c.passphrase }, { ...c, passphrase: b.passphrase }]),
    'SHARE_PASSPHRASE_WRONG',
  );
  // A share beyond the threshold is checked as well.
  await expectRefusal(
    () => recover(golden.manifest, [a, b, c, { ...d, passphrase: utf8('guess') }]),
    'SHARE_PASSPHRASE_WRONG',
  );
});

test('SHARE_ALTERED: another y under the right passphrase, which the library would take', async () => {
  const { manifest, given } = await freshSet();
  const [honest, also, altered] = pick(given, 0, 1, 2);
  const header = parseShare(altered.text);
  const sealed = await sealShare(header, new Uint8Array(32).fill(1), altered.passphrase);
  await expectRefusal(
    () => recover(manifest, [honest, also, { ...altered, text: writeShare(sealed) }]),
    'SHARE_ALTERED',
    { x: header.x },
  );
});

test.each([{ threshold: 2 }, { shareCount: 6 }, { epoch: 9 }])(
  'SHARE_ALTERED: the id of this set over a header with %o',
  async (change) => {
    const [honest, also, altered] = pick(sample, 0, 1, 2);
    const text = writeShare({ ...parseShare(altered.text), ...change });
    await expectRefusal(() => recover(golden.manifest, [honest, also, { ...altered, text }]), 'SHARE_ALTERED', {
      x: parseShare(altered.text).x,
    });
  },
);

test('SHARES_WRONG_SECRET: shares that all check give another key than the manifest knows', async () => {
  const points = (await split(new Uint8Array(32).fill(7), 3, 2)).map(pointOf);
  const right = await forgedSet(points, 2, new Uint8Array(32).fill(7));
  expect((await recover(right.manifest, right.given)).key).toBe('07'.repeat(32));
  const wrong = await forgedSet(points, 2, new Uint8Array(32).fill(8));
  await expectRefusal(() => recover(wrong.manifest, wrong.given), 'SHARES_WRONG_SECRET');
  // Two points of one polynomial and one of another, in a manifest that commits to all three.
  const others = (await split(new Uint8Array(32).fill(9), 255, 2)).map(pointOf);
  const stranger = others.find(({ x }) => points.every((point) => point.x !== x));
  const mixed = await forgedSet(
    [...points.slice(0, 1), ...(stranger ? [stranger] : [])],
    2,
    new Uint8Array(32).fill(7),
  );
  await expectRefusal(() => recover(mixed.manifest, mixed.given), 'SHARES_WRONG_SECRET');
});

test('a share with x = 0 decides the result in the library, and is refused here', async () => {
  const plainShares = await split(new Uint8Array(32).fill(7), 3, 2);
  const zero = new Uint8Array(33).fill(66, 0, 32);
  expect(await combine([...plainShares.slice(0, 1), zero])).toEqual(new Uint8Array(32).fill(66));
  const share = parseShare(pick(golden.shares, 0)[0].text);
  expect(() => writeShare({ ...share, x: 0 })).toThrow(RangeError);
  await expect(sealShare({ ...share, x: 0 }, zero.slice(0, 32), utf8('any'))).rejects.toThrow(RangeError);
});

test('SHARE_DAMAGED and SHARE_UNKNOWN_FORMAT come before anything is opened', async () => {
  const [a, b, c] = pick(sample, 0, 1, 2);
  await expectRefusal(() => recover(golden.manifest, [a, b, { ...c, text: `${c.text}Q` }]), 'SHARE_DAMAGED');
  await expectRefusal(() => recover(golden.manifest, [a, b, { ...c, text: 'hello' }]), 'SHARE_UNKNOWN_FORMAT');
});

test('MANIFEST_INVALID: every field is checked, and the set id is computed again', async () => {
  const { manifest } = golden;
  const shares = manifest.shares;
  /** With the set id of the changed contents, so that the fault itself must be seen. */
  const consistent = (change: Partial<ShareSetManifest>) => {
    const changed = { ...manifest, ...change };
    return { ...changed, setId: hexOf(setIdOf(changed)) };
  };
  const [first, second, ...rest] = pick(shares, 0, 1, 2, 3, 4);
  const cases: [ShareSetManifest, string][] = [
    [{ ...manifest, ceremony: 'another' }, 'its set id is not that of its contents'],
    [{ ...manifest, masterKeyId: '0'.repeat(32) }, 'its set id is not that of its contents'],
    [{ ...manifest, keyCheckValue: '0'.repeat(32) }, 'its set id is not that of its contents'],
    [{ ...manifest, threshold: 2 }, 'its set id is not that of its contents'],
    [{ ...manifest, setId: '0'.repeat(32) }, 'its set id is not that of its contents'],
    [{ ...manifest, setId: manifest.setId.toUpperCase() }, 'its set id is not 16 bytes in hex'],
    [{ ...manifest, setId: manifest.setId.slice(2) }, 'its set id is not 16 bytes in hex'],
    [consistent({ masterKeyId: 'xx' }), 'its master-key id is not 16 bytes in hex'],
    [consistent({ keyCheckValue: '00' }), 'its key-check value is not 16 bytes in hex'],
    [consistent({ ceremony: '' }), 'its ceremony is not a name'],
    [consistent({ threshold: 1 }), 'its threshold is 1 of 5'],
    [consistent({ threshold: 6 }), 'its threshold is 6 of 5'],
    [consistent({ threshold: 2.5 }), 'its threshold is 2.5 of 5'],
    [consistent({ shareCount: 16 }), 'its threshold is 3 of 16'],
    [consistent({ shareCount: 6 }), 'it lists 5 shares of 6'],
    [consistent({ epoch: 256 }), 'its epoch is 256'],
    [consistent({ shares: [second, first, ...rest] }), 'its shares are not in ascending order of x from 1 to 255'],
    [consistent({ shares: [first, first, ...rest] }), 'its shares are not in ascending order of x from 1 to 255'],
    [
      consistent({ shares: [{ ...first, x: 0 }, second, ...rest] }),
      'its shares are not in ascending order of x from 1 to 255',
    ],
    [
      consistent({ shares: [{ ...first, commitment: 'zz' }, second, ...rest] }),
      `its commitment to share ${first.x} is not 32 bytes in hex`,
    ],
    [{ ...manifest, format: 'CLV2' as 'CLV1' }, 'its format is not CLV1'],
  ];
  for (const [changed, detail] of cases) {
    await expectRefusal(() => recover(changed, sample), 'MANIFEST_INVALID', { detail });
  }
});

test('a share rebuilt at another place of the same polynomial is not of the set', async () => {
  const key = masterKeyOf((index) => index);
  const all = (await split(key, 255, 2)).map(pointOf);
  const { manifest, given } = await forgedSet(all.slice(0, 3), 2, key);
  expect((await recover(manifest, given.slice(1))).key).toBe(hexOf(key));
  const [extra] = pick(all, 10);
  const header = { threshold: 2, shareCount: 3, epoch: 0, x: extra.x, setId: bytesOf(manifest.setId), log2N: COST };
  const text = writeShare(await sealShare(header, extra.y, utf8('any')));
  await expectRefusal(
    () => recover(manifest, [...given.slice(0, 1), { text, passphrase: utf8('any') }]),
    'SHARE_FOREIGN',
  );
});

test('the key-check value depends on key, ceremony and epoch', () => {
  const { masterKey } = splitInput();
  const values = [
    keyCheckValueOf(masterKey, { ceremony: 'a', epoch: 0 }),
    keyCheckValueOf(masterKey, { ceremony: 'a', epoch: 1 }),
    keyCheckValueOf(masterKey, { ceremony: 'b', epoch: 0 }),
    keyCheckValueOf(new Uint8Array(32), { ceremony: 'a', epoch: 0 }),
  ].map(hexOf);
  expect(new Set(values).size).toBe(4);
  expect(values[0]).toHaveLength(32);
});
