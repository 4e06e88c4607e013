import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf, writeRefusal } from '../../store/files.ts';

/**
 * Writes a file (mode 0600) so that after a crash there is the old one, or the new one, whole; as `writeFileDurably` of
 * core/store does, but at once, for a token's calls answer at once. OUTPUT_FULL, OUTPUT_UNWRITABLE and its like.
 */
export function writeDurably(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    const file = openSync(draft, 'w', 0o600);
    try {
      const bytes = Buffer.from(text);
      let written = 0;
      while (written < bytes.length) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw writeRefusal(error, path);
  }
}

/** Removes the drafts of processes that were killed while they wrote; nothing of theirs counts. Another's that still writes stays. */
export function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, writer] = /\.(\d+)\.new$/.exec(name) ?? [];
    if (writer !== undefined && !isRunning(Number(writer))) rmSync(join(folder, name), { force: true });
  }
}

/** EPERM: somebody else's process, which is there all the same. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}

/** Removes a file so that it stays away after a crash. */
export function removeDurably(path: string): void {
  rmSync(path);
  syncFolder(dirname(path));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
