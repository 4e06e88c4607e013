import { Refusal } from '../contract/errors.ts';
import { guarded, guardedCopy, wipe } from '../process/guarded.ts';
import type { ShareSetManifest } from './manifest.ts';
import { type GivenShare, isCommitted, openQuorum } from './recover.ts';
import { Y_BYTES, combineShares, xOf } from './shamir.ts';
import { isWhole, parseShare, writeShare } from './share.ts';
import { refuseRepeated, sealAndReopen } from './split.ts';

/**
 * Makes a lost share again at its old x, and encrypts it under a new passphrase with a fresh salt. The master key is never
 * formed: docs/formats/share.md, Rebuilding one share. The caller wipes the passphrases (UTF-8).
 * Refuses as recoverMasterKey does, and: SHARE_FOREIGN (x is not in the manifest); SHARE_NOT_LOST (x is among those given);
 * PASSPHRASE_REPEATED.
 */
export async function rebuildShare(input: {
  manifest: ShareSetManifest;
  shares: GivenShare[];
  /** The x of the lost share. */
  x: number;
  passphrase: Uint8Array;
  scryptLog2N: number;
}): Promise<{ text: string; sharesUsed: number[] }> {
  const { manifest, shares, x, passphrase, scryptLog2N } = input;
  if (!isWhole(x, 1, 255) || !manifest.shares.some((share) => share.x === x)) throw new Refusal('SHARE_FOREIGN', { x });
  if (shares.some(({ text }) => parseShare(text).x === x)) throw new Refusal('SHARE_NOT_LOST', { x });
  for (const share of shares) refuseRepeated([share.passphrase, passphrase]);
  const plainShares = await openQuorum(manifest, shares);
  const rebuilt = guarded(Y_BYTES + 1);
  try {
    const used = plainShares.slice(0, manifest.threshold);
    await combineAt(x, used, rebuilt);
    if (!isCommitted(rebuilt, manifest)) throw new Refusal('SHARES_WRONG_SECRET');
    const sealed = await sealAndReopen(rebuilt, passphrase, manifest, scryptLog2N);
    return { text: writeShare(sealed), sharesUsed: used.map(xOf) };
  } finally {
    wipe(rebuilt, ...plainShares);
  }
}

/**
 * The plain share at x (33 bytes, y[32] || x, guarded) that threshold plain shares determine, written into `into`; the caller
 * wipes all. In GF(256) adding is XOR: with every x_i moved by x, the value at 0 that the library gives is the one at x.
 */
async function combineAt(x: number, plainShares: Uint8Array[], into: Uint8Array): Promise<void> {
  const moved = plainShares.map((plainShare) => {
    const copy = guardedCopy(plainShare);
    copy[Y_BYTES] = xOf(plainShare) ^ x;
    return copy;
  });
  try {
    await combineShares(moved, into);
    into[Y_BYTES] = x;
  } finally {
    wipe(...moved);
  }
}
