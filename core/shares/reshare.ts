import { guarded, wipe } from '../process/guarded.ts';
import type { ShareSetManifest } from './manifest.ts';
import { type GivenShare, recoverMasterKey } from './recover.ts';
import { Y_BYTES } from './shamir.ts';
import { type SplitInput, type SplitMasterKey, splitMasterKey } from './split.ts';

/**
 * Splits a master key anew from threshold of its shares: another epoch, other points, other passphrases, perhaps another
 * threshold. The key is in guarded memory for the length of this call and wiped. It revokes nothing: the old shares still
 * recover (docs/formats/share.md, Sharing anew). The caller wipes all passphrases. Refuses as recoverMasterKey and
 * splitMasterKey do.
 */
export async function reshareMasterKey(
  manifest: ShareSetManifest,
  shares: GivenShare[],
  next: Omit<SplitInput, 'masterKey' | 'masterKeyId'>,
): Promise<SplitMasterKey & { sharesUsed: number[] }> {
  const masterKey = guarded(Y_BYTES);
  try {
    const { sharesUsed } = await recoverMasterKey({ manifest, shares, into: masterKey });
    const split = await splitMasterKey({ ...next, masterKey, masterKeyId: manifest.masterKeyId });
    return { ...split, sharesUsed };
  } finally {
    wipe(masterKey);
  }
}
