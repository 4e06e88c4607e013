import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, unlinkSync } from 'node:fs';
import { Refusal } from '../contract/errors.ts';

/** What became of one copy of a backup. `absent`: it is not there now, looked up after removing it. */
export type BackupFate = { path: string; fate: 'absent' | 'kept'; detail: string };

/**
 * Removes a backup file, if it still holds the wrapped key that was written (SHA-256, hex; null for any content), and looks
 * that it is gone. OUTPUT_UNWRITABLE. Removing is not erasing: the medium may keep the blocks, and they hold a key that is
 * wrapped.
 */
export function removeBackup(path: string, sha256: string | null): BackupFate {
  if (!existsSync(path)) return { path, fate: 'absent', detail: 'was not there' };
  if (!lstatSync(path).isFile()) return { path, fate: 'kept', detail: 'is no file; left alone' };
  try {
    const held = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (sha256 !== null && held !== sha256)
      return { path, fate: 'kept', detail: `holds something else (${held}); left alone` };
    unlinkSync(path);
  } catch {
    throw new Refusal('OUTPUT_UNWRITABLE', { path });
  }
  if (existsSync(path)) throw new Refusal('OUTPUT_UNWRITABLE', { path });
  return { path, fate: 'absent', detail: 'removed, and absent' };
}

/** "remove PATH; safe 3": what a person says of further copies. */
export function declaredCopies(text: string): BackupFate[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, path] = /^remove\s+(\S.*)$/.exec(part) ?? [];
      return path === undefined ? { path: 'another copy', fate: 'kept', detail: part } : removeBackup(path, null);
    });
}
