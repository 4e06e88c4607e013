import { wipe } from '../process/guarded.ts';
import { checkManifest } from './commitment.ts';
import type { ShareSetManifest } from './manifest.ts';
import { checkBelongs, openChecked } from './recover.ts';
import { parseShare } from './share.ts';

/**
 * Proves one share alone: it is of this set, its passphrase opens it, and it is the one that the manifest commits to. What was
 * opened is wiped at once. The caller wipes the passphrase and has verified the manifest's signature. Answers its point x.
 * MANIFEST_INVALID; SHARE_UNKNOWN_FORMAT, SHARE_DAMAGED; SHARE_FOREIGN, SHARE_ALTERED; SHARE_PASSPHRASE_WRONG.
 */
export async function attestShare(input: {
  manifest: ShareSetManifest;
  text: string;
  passphrase: Uint8Array;
}): Promise<{ x: number }> {
  const { manifest, text, passphrase } = input;
  checkManifest(manifest);
  const sealed = parseShare(text);
  checkBelongs(sealed, manifest);
  wipe(await openChecked(sealed, passphrase, manifest));
  return { x: sealed.x };
}
