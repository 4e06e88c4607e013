import { randomFillSync } from 'node:crypto';
import { because } from '../../contract/because.ts';
import { Refusal } from '../../contract/errors.ts';
import { guarded, wipe } from '../../process/guarded.ts';
import { type ShareSetManifest, isOfExercise } from '../../shares/manifest.ts';
import type { Progress } from '../../shares/progress.ts';
import { recoverMasterKey } from '../../shares/recover.ts';
import { type SplitMasterKey, splitMasterKey } from '../../shares/split.ts';

/** A dummy set: 32 random bytes that wrap nothing are split and brought back, in a process that has opened no token. */

/** The caller wipes the passphrases. PASSPHRASE_REPEATED. */
export async function makeExerciseSet(input: {
  masterKeyId: string;
  ceremony: string;
  threshold: number;
  shareCount: number;
  passphrases: Uint8Array[];
  scryptLog2N: number;
  progress: Progress;
}): Promise<SplitMasterKey> {
  const dummy = guarded(32);
  try {
    randomFillSync(dummy);
    return await splitMasterKey({ ...input, masterKey: dummy, epoch: 0, exercise: true });
  } finally {
    wipe(dummy);
  }
}

/** What comes back has given the key-check value, and is wiped. The refusals of recoverMasterKey, MANIFEST_INVALID. */
export async function recoverExercise(input: {
  manifest: ShareSetManifest;
  shares: { text: string; passphrase: Uint8Array }[];
  progress: Progress;
}): Promise<{ sharesUsed: number[] }> {
  if (!isOfExercise(input.manifest)) throw new Refusal('MANIFEST_INVALID', because('manifest.noExercise'));
  const dummy = guarded(32);
  try {
    return await recoverMasterKey({ ...input, into: dummy });
  } finally {
    wipe(dummy);
  }
}
