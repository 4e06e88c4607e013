import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Refusal } from '../../contract/errors.ts';

/** Writes a file (mode 0600) so that after a crash there is the old one, or the new one, whole. OUTPUT_FULL, OUTPUT_UNWRITABLE. */
export function writeDurably(path: string, text: string): void {
  const draft = `${path}.new`;
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
    throw new Refusal(isFull(error) ? 'OUTPUT_FULL' : 'OUTPUT_UNWRITABLE', { path });
  }
}

/** Removes a file so that it stays away after a crash. */
export function removeDurably(path: string): void {
  rmSync(path);
  syncFolder(dirname(path));
}

function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
