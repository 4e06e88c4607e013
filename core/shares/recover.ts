import { Refusal } from '../contract/errors.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { checkManifest, commitmentOf, equalsHex, keyCheckValueOf } from './commitment.ts';
import { openShare } from './envelope.ts';
import { type ShareSetManifest, isOfExercise } from './manifest.ts';
import type { Progress } from './progress.ts';
import { Y_BYTES, combineShares, xOf, yOf } from './shamir.ts';
import { type SealedShare, parseShare } from './share.ts';

/** A share as its custodian gives it. `text` is 155 characters; `passphrase` UTF-8, which the caller wipes. */
export type GivenShare = { text: string; passphrase: Uint8Array };

/**
 * Rebuilds the master key into `into` (32 bytes, guarded), which the caller wipes, as well as the passphrases (UTF-8).
 * docs/formats/share.md, Recovery. Every share given is opened and checked against the manifest, the first threshold of
 * them are combined, and `into` is written only when the result gives the key-check value. `text` is 155 characters.
 * The caller has verified the manifest's signature. Refuses, in this order: MANIFEST_INVALID; SHARE_UNKNOWN_FORMAT,
 * SHARE_DAMAGED; SHARE_FOREIGN, SHARE_OLD_EPOCH, SHARE_ALTERED (header); SHARE_REPEATED; SHARES_TOO_FEW; SHARE_PASSPHRASE_WRONG,
 * SHARE_ALTERED (commitment); SHARES_WRONG_SECRET.
 */
export async function recoverMasterKey(input: {
  manifest: ShareSetManifest;
  shares: GivenShare[];
  into: Uint8Array;
  progress?: Progress | undefined;
}): Promise<{ sharesUsed: number[] }> {
  const { manifest, shares, into, progress } = input;
  if (into.length !== Y_BYTES) throw new RangeError('a master key is 32 bytes');
  const plainShares = await openQuorum(manifest, shares, progress);
  const secret = guarded(Y_BYTES);
  try {
    await combineShares(plainShares.slice(0, manifest.threshold), secret);
    if (!equalsHex(keyCheckValueOf(secret, manifest), manifest.keyCheckValue)) {
      throw new Refusal('SHARES_WRONG_SECRET');
    }
    into.set(secret);
    return { sharesUsed: plainShares.slice(0, manifest.threshold).map(xOf) };
  } finally {
    wipe(secret, ...plainShares);
  }
}

/**
 * The plain shares (33 bytes, y[32] || x, guarded) of at least threshold encrypted ones, in the order given, each checked
 * against the manifest; the caller wipes them and the passphrases. Refuses as recoverMasterKey does.
 */
export async function openQuorum(
  manifest: ShareSetManifest,
  shares: GivenShare[],
  progress?: Progress,
): Promise<Uint8Array[]> {
  checkManifest(manifest);
  const given = shares.map(({ text, passphrase }) => ({ sealed: parseShare(text), passphrase }));
  for (const { sealed } of given) checkBelongs(sealed, manifest);
  if (new Set(given.map(({ sealed }) => sealed.x)).size !== given.length) throw new Refusal('SHARE_REPEATED');
  if (given.length < manifest.threshold) {
    throw new Refusal('SHARES_TOO_FEW', { present: given.length, threshold: manifest.threshold });
  }
  const plainShares: Uint8Array[] = [];
  try {
    for (const { sealed, passphrase } of given) {
      plainShares.push(await openChecked(sealed, passphrase, manifest));
      progress?.(plainShares.length, given.length);
    }
    return plainShares;
  } catch (error) {
    wipe(...plainShares);
    throw error;
  }
}

/** SHARE_OF_EXERCISE, SHARE_NOT_OF_EXERCISE; SHARE_OLD_EPOCH, SHARE_FOREIGN: another set. */
export function refuseForeign({ x, epoch, setId, exercise }: SealedShare, manifest: ShareSetManifest): void {
  if ((exercise ?? false) !== isOfExercise(manifest)) {
    throw new Refusal(exercise ? 'SHARE_OF_EXERCISE' : 'SHARE_NOT_OF_EXERCISE', { x });
  }
  if (equalsHex(setId, manifest.setId) && manifest.shares.some((share) => share.x === x)) return;
  if (epoch < manifest.epoch) throw new Refusal('SHARE_OLD_EPOCH', { x, epoch, current: manifest.epoch });
  throw new Refusal('SHARE_FOREIGN', { x });
}

/** As `refuseForeign`. SHARE_ALTERED: this set's id over a header that this set does not have. */
export function checkBelongs(sealed: SealedShare, manifest: ShareSetManifest): void {
  const { x, threshold, shareCount, epoch } = sealed;
  refuseForeign(sealed, manifest);
  if (threshold !== manifest.threshold || shareCount !== manifest.shareCount || epoch !== manifest.epoch) {
    throw new Refusal('SHARE_ALTERED', { x });
  }
}

/** The plain share (33 bytes, y[32] || x, guarded) if it is the one that the manifest commits to; the caller wipes it. */
export async function openChecked(
  sealed: SealedShare,
  passphrase: Uint8Array,
  manifest: ShareSetManifest,
): Promise<Uint8Array> {
  const { x } = sealed;
  const plainShare = await openShare(sealed, passphrase);
  if (!isCommitted(plainShare, manifest)) {
    wipe(plainShare);
    throw new Refusal('SHARE_ALTERED', { x });
  }
  return plainShare;
}

/** Whether the manifest commits to this plain share (33 bytes, y[32] || x). */
export function isCommitted(plainShare: Uint8Array, { ceremony, epoch, shares }: ShareSetManifest): boolean {
  const x = xOf(plainShare);
  const commitment = shares.find((share) => share.x === x)?.commitment;
  return commitment !== undefined && equalsHex(commitmentOf({ ceremony, epoch, x, y: yOf(plainShare) }), commitment);
}
