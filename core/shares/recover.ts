import { Refusal } from '../contract/errors.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { checkManifest, commitmentOf, equalsHex, keyCheckValueOf } from './commitment.ts';
import { openShare } from './envelope.ts';
import { type ShareSetManifest, isOfExercise } from './manifest.ts';
import { Y_BYTES, combineShares, yOf } from './shamir.ts';
import { type SealedShare, parseShare } from './share.ts';

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
  shares: { text: string; passphrase: Uint8Array }[];
  into: Uint8Array;
}): Promise<{ sharesUsed: number[] }> {
  const { manifest, into } = input;
  if (into.length !== Y_BYTES) throw new RangeError('a master key is 32 bytes');
  checkManifest(manifest);
  const given = input.shares.map(({ text, passphrase }) => ({ sealed: parseShare(text), passphrase }));
  for (const { sealed } of given) checkBelongs(sealed, manifest);
  if (new Set(given.map(({ sealed }) => sealed.x)).size !== given.length) throw new Refusal('SHARE_REPEATED');
  if (given.length < manifest.threshold) {
    throw new Refusal('SHARES_TOO_FEW', { present: given.length, threshold: manifest.threshold });
  }

  const plainShares: Uint8Array[] = [];
  const secret = guarded(Y_BYTES);
  try {
    for (const { sealed, passphrase } of given) plainShares.push(await openChecked(sealed, passphrase, manifest));
    await combineShares(plainShares.slice(0, manifest.threshold), secret);
    if (!equalsHex(keyCheckValueOf(secret, manifest), manifest.keyCheckValue)) {
      throw new Refusal('SHARES_WRONG_SECRET');
    }
    into.set(secret);
  } finally {
    wipe(secret, ...plainShares);
  }
  return { sharesUsed: given.slice(0, manifest.threshold).map(({ sealed }) => sealed.x) };
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
  const y = yOf(plainShare);
  const commitment = manifest.shares.find((share) => share.x === x)?.commitment ?? '';
  if (!equalsHex(commitmentOf({ ceremony: manifest.ceremony, epoch: manifest.epoch, x, y }), commitment)) {
    wipe(plainShare);
    throw new Refusal('SHARE_ALTERED', { x });
  }
  return plainShare;
}
