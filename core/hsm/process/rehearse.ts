import { randomBytes } from 'node:crypto';
import { Refusal } from '../../contract/errors.ts';
import { guarded, wipe } from '../../process/guarded.ts';
import type { ShareSetManifest } from '../../shares/manifest.ts';
import { recoverMasterKey } from '../../shares/recover.ts';
import type { KeyAlgorithm, SignatureHash, Token, WrapMechanism } from '../token.ts';

/** A wrapped key, and what it has to sign to prove that it came back. */
export type RehearsedBackup = {
  label: string;
  algorithm: KeyAlgorithm;
  mechanism: WrapMechanism;
  blob: Uint8Array;
  challenge: Uint8Array;
  hash: SignatureHash | null;
};

export type Rehearsed = {
  signatures: { label: string; signature: Uint8Array }[];
  sharesUsed: number[];
  /** Labels of keys that were not there before: none, or the token did not destroy what it was told to. */
  leftBehind: string[];
};

/**
 * Rebuilds the master key from shares on a rehearsal token, lets every backup sign its challenge there, destroys what
 * it made and reads back that it is gone. Neither the master key nor a CA key is ever shown.
 * The caller wipes the passphrases. BACKUP_UNOPENED, and the refusals of recoverMasterKey and of the token.
 */
export async function rehearse(
  token: Token,
  input: {
    manifest: ShareSetManifest;
    shares: { text: string; passphrase: Uint8Array }[];
    backups: RehearsedBackup[];
  },
): Promise<Rehearsed> {
  const before = new Set(token.inventory().map((key) => key.id));
  const masterKeyLabel = `rehearsal-master-${randomBytes(6).toString('hex')}`;
  const masterKey = guarded(32);
  let sharesUsed: number[];
  try {
    ({ sharesUsed } = await recoverMasterKey({ manifest: input.manifest, shares: input.shares, into: masterKey }));
    token.importMasterKey(masterKeyLabel, masterKey);
  } finally {
    wipe(masterKey);
  }
  const signatures: Rehearsed['signatures'] = [];
  try {
    for (const backup of input.backups) {
      signatures.push({ label: backup.label, signature: signOnce(token, masterKeyLabel, backup) });
    }
  } finally {
    token.destroy(masterKeyLabel);
  }
  const leftBehind = token
    .inventory()
    .filter((key) => !before.has(key.id))
    .map((key) => key.label);
  return { signatures, sharesUsed, leftBehind };
}

function signOnce(token: Token, masterKeyLabel: string, backup: RehearsedBackup): Uint8Array {
  const label = `rehearsal-key-${randomBytes(6).toString('hex')}`;
  try {
    token.unwrap(masterKeyLabel, backup, { label, algorithm: backup.algorithm });
  } catch (error) {
    // Named for the backup that a person brought, not for the temporary key.
    if (error instanceof Refusal && error.code === 'BACKUP_UNOPENED') {
      throw new Refusal('BACKUP_UNOPENED', { label: backup.label });
    }
    throw error;
  }
  try {
    return token.sign(label, backup.challenge, backup.hash);
  } finally {
    token.destroy(label);
  }
}
