import { createHash } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { readFileOrRefuse } from '../store/files.ts';
import type { WrappedKey } from './results.ts';

/** No wrapped key is larger (bytes): docs/formats/backup.md. */
const BACKUP_LIMIT = 9600;

/** A wrapped key from its file, byte for byte as the ledger knows it. BACKUP_CHANGED, FILE_MISSING and the like. */
export async function readKnownBackup(path: string, { label, sha256 }: WrappedKey): Promise<Uint8Array> {
  const bytes = await readFileOrRefuse(path.trim(), BACKUP_LIMIT);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Refusal('BACKUP_CHANGED', { path, label });
  return bytes;
}
