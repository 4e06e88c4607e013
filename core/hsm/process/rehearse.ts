import { randomBytes } from 'node:crypto';
import { because } from '../../contract/because.ts';
import { Refusal } from '../../contract/errors.ts';
import { guarded, wipe } from '../../process/guarded.ts';
import { type ShareSetManifest, isOfExercise } from '../../shares/manifest.ts';
import type { Progress } from '../../shares/progress.ts';
import { recoverMasterKey } from '../../shares/recover.ts';
import { type KeyAlgorithm, OBJECT_WRAPS, type SignatureHash, type Token, type WrapMechanism } from '../token.ts';

/** A wrapped key, and what it has to sign, or to decrypt, to prove that it came back. */
export type RehearsedBackup = RehearsedPair | RehearsedKek;
type RehearsedPair = {
  label: string;
  id?: string | undefined;
  algorithm: KeyAlgorithm;
  mechanism: WrapMechanism;
  blob: Uint8Array;
  challenge: Uint8Array;
  hash: SignatureHash | null;
};
type RehearsedKek = {
  label: string;
  id?: string | undefined;
  algorithm: 'AES-256';
  mechanism: WrapMechanism;
  blob: Uint8Array;
  iv: Uint8Array;
  ciphertext: Uint8Array;
};

/** What a KEK's challenge is bound to: nothing that a vault stores opens as a challenge, nor the other way round. */
export const CHALLENGE_CONTEXT = new TextEncoder().encode('claviger rehearsal challenge');

export type Rehearsed = {
  signatures: { label: string; signature: Uint8Array }[];
  opened: { label: string; challenge: Uint8Array }[];
  sharesUsed: number[];
  /** Labels of keys that were not there before: none, or the token did not destroy what it was told to. */
  leftBehind: string[];
};

/**
 * Rebuilds the master key from shares on a rehearsal token, lets every backup sign or decrypt its challenge there, destroys
 * what it made and reads back that it is gone. Neither the master key nor any other is ever shown.
 * The caller wipes the passphrases. BACKUP_UNOPENED, and the refusals of recoverMasterKey and of the token.
 */
export async function rehearse(
  token: Token,
  input: {
    manifest: ShareSetManifest;
    shares: { text: string; passphrase: Uint8Array }[];
    backups: RehearsedBackup[];
    progress?: Progress;
  },
): Promise<Rehearsed> {
  if (isOfExercise(input.manifest)) throw new Refusal('MANIFEST_INVALID', because('manifest.exercise'));
  const before = new Set(token.inventory().map((key) => key.id));
  const masterKeyLabel = `rehearsal-master-${randomBytes(6).toString('hex')}`;
  const { manifest, shares, progress } = input;
  const masterKey = guarded(32);
  let sharesUsed: number[];
  try {
    ({ sharesUsed } = await recoverMasterKey({ manifest, shares, into: masterKey, progress }));
    token.importMasterKey(masterKeyLabel, masterKey);
  } finally {
    wipe(masterKey);
  }
  const signatures: Rehearsed['signatures'] = [];
  const opened: Rehearsed['opened'] = [];
  try {
    for (const backup of input.backups) {
      const { label } = backup;
      recovered(token, masterKeyLabel, backup, (copy) => {
        if (backup.algorithm === 'AES-256') opened.push({ label, challenge: openOnce(token, copy, backup) });
        else signatures.push({ label, signature: token.sign(copy, backup.challenge, backup.hash) });
      });
    }
  } finally {
    token.destroy(masterKeyLabel);
  }
  const leftBehind = token
    .inventory()
    .filter((key) => !before.has(key.id))
    .map((key) => key.label);
  return { signatures, opened, sharesUsed, leftBehind };
}

/**
 * Unwraps a backup under a label of the moment, uses it, and destroys it. What was wrapped whole comes back as the object
 * that it was: with its own label, which must be free here. BACKUP_UNOPENED, KEY_EXISTS.
 */
function recovered(token: Token, masterKeyLabel: string, backup: RehearsedBackup, use: (copy: string) => void): void {
  const { mechanism, algorithm, id } = backup;
  const label = OBJECT_WRAPS.has(mechanism) ? backup.label : `rehearsal-key-${randomBytes(6).toString('hex')}`;
  try {
    token.unwrap(masterKeyLabel, backup, { label, algorithm, id });
  } catch (error) {
    // Named for the backup that a person brought, not for the temporary key.
    if (error instanceof Refusal && error.code === 'BACKUP_UNOPENED') {
      throw new Refusal('BACKUP_UNOPENED', { label: backup.label });
    }
    throw error;
  }
  try {
    use(label);
  } finally {
    token.destroy(label);
  }
}

/** What the copy of a KEK makes of the challenge; a copy of another key is a backup that does not open. */
function openOnce(token: Token, copy: string, { label, iv, ciphertext }: RehearsedKek): Uint8Array {
  try {
    return token.decrypt(copy, { iv, ciphertext }, CHALLENGE_CONTEXT);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'CIPHERTEXT_UNOPENED') {
      throw new Refusal('BACKUP_UNOPENED', { label });
    }
    throw error;
  }
}
