import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import koffi from 'koffi';

/** flock(2). */
const LOCK_EX = 2;

/**
 * Takes a lock file for this process alone and keeps it until the process ends, however it ends: the kernel lets it go.
 * Waits for whoever holds it. A token process whose core was killed may still be in a call of its module; the next one
 * must not look at the token before that has ended. Not on Windows.
 */
export function holdExclusively(path: string): void {
  if (process.platform === 'win32') return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const handle = openSync(path, 'a', 0o600);
  const flock = koffi.load(null).func('int flock(int, int)') as (handle: number, operation: number) => number;
  if (flock(handle, LOCK_EX) === 0) return;
  closeSync(handle);
  throw new Error('the kernel refused the lock');
}
