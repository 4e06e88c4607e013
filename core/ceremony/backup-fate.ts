import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, unlinkSync } from 'node:fs';
import { Refusal } from '../contract/errors.ts';
import { isFolderOf } from './output.ts';
import type { KnownBackup } from './past.ts';
import { say } from './say.ts';
import type { CeremonyState } from './state.ts';

type Ceremony = Pick<CeremonyState, 'language'>;

/** What became of one copy of a backup. `absent`: it is not there now, looked up after removing it. */
export type BackupFate = { path: string; fate: 'absent' | 'kept'; detail: string };

/**
 * Removes a backup file, if it still holds one of the wrapped keys that were written (SHA-256, hex), and looks that it is gone.
 * OUTPUT_UNWRITABLE. Removing is not erasing: the medium may keep the blocks, and they hold a key that is wrapped.
 */
function removeFile(ceremony: Ceremony, path: string, sha256s: string[]): BackupFate {
  if (!lstatSync(path).isFile()) return { path, fate: 'kept', detail: say(ceremony, 'fate.noFile') };
  try {
    const held = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (!sha256s.includes(held)) return { path, fate: 'kept', detail: say(ceremony, 'fate.another', { held }) };
    unlinkSync(path);
  } catch {
    throw new Refusal('OUTPUT_UNWRITABLE', { path });
  }
  if (existsSync(path)) throw new Refusal('OUTPUT_UNWRITABLE', { path });
  return { path, fate: 'absent', detail: say(ceremony, 'fate.removed') };
}

/** A file that a ceremony wrote. It is absent only where its medium is here to be looked at. OUTPUT_UNWRITABLE. */
export function removeBackup(ceremony: Ceremony, backup: KnownBackup): BackupFate {
  const { folder, path, sha256 } = backup;
  if (existsSync(path)) return removeFile(ceremony, path, [sha256]);
  if (!isFolderOf(backup.ceremony, folder)) return { path, fate: 'kept', detail: say(ceremony, 'fate.noMedium') };
  return { path, fate: 'absent', detail: say(ceremony, 'fate.wasNotThere') };
}

/** "remove PATH; safe 3": what a person says of further copies of these backups. OUTPUT_UNWRITABLE. */
export function declaredCopies(ceremony: Ceremony, text: string, known: KnownBackup[]): BackupFate[] {
  const sha256s = known.map(({ sha256 }) => sha256);
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part): BackupFate => {
      const [, path] = /^remove\s+(\S.*)$/.exec(part) ?? [];
      if (path === undefined) return { path: say(ceremony, 'fate.copy'), fate: 'kept', detail: part };
      if (existsSync(path)) return removeFile(ceremony, path, sha256s);
      return { path, fate: 'kept', detail: say(ceremony, 'fate.elsewhere') };
    });
}
