import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The reading end of a pipe on which nothing ever comes. */
export function openPipe(): number {
  const path = join(mkdtempSync(join(tmpdir(), 'claviger-pipe-')), 'pipe');
  if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo failed');
  // Open for both, so that it neither waits for a writer nor ends.
  return openSync(path, 'r+');
}
