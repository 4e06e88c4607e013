import { Refusal } from '../../contract/errors.ts';
import type { BackupSpec, Token } from '../token.ts';
import { CHALLENGE_CONTEXT, type RehearsedBackup } from './rehearse.ts';

/**
 * Whether a backup opens under the master key that is in this token: its key meets the challenge as an object of the session.
 * BACKUP_UNOPENED (also of a KEK that is another one), and the token's refusals.
 */
export function proveBackup(
  token: Token,
  masterKeyLabel: string,
  backup: RehearsedBackup,
): { signature: Uint8Array } | { opened: Uint8Array } {
  const { label, id, algorithm, mechanism, blob } = backup;
  const spec: BackupSpec = { label, algorithm, id };
  const wrapped = { mechanism, blob };
  if (backup.algorithm !== 'AES-256') {
    const challenge = { message: backup.challenge, hash: backup.hash };
    return { signature: token.proveBackup(masterKeyLabel, wrapped, spec, challenge) };
  }
  const encrypted = { iv: backup.iv, ciphertext: backup.ciphertext };
  try {
    const challenge = { encrypted, additionalData: CHALLENGE_CONTEXT };
    return { opened: token.proveBackup(masterKeyLabel, wrapped, spec, challenge) };
  } catch (error) {
    const isOther = error instanceof Refusal && error.code === 'CIPHERTEXT_UNOPENED';
    throw isOther ? new Refusal('BACKUP_UNOPENED', { label }) : error;
  }
}
