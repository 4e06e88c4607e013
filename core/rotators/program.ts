import { spawn } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../contract/errors.ts';

/** What a program is given of the holder's environment. */
const KEPT = ['PATH', 'LANG', 'HOME', 'TMPDIR'];

/** A program that whoever runs the holder has put into `folder`: a file of theirs or of root's which nobody else may change. ROTATOR_PROGRAM. */
export function findProgram(folder: string, name: string): string {
  const path = join(folder, name);
  for (const place of [folder, path]) {
    const entry = lstatSync(place, { throwIfNoEntry: false });
    if (!entry) throw new Refusal('ROTATOR_PROGRAM', { path: place, why: 'missing' });
    const owned = entry.uid === 0 || entry.uid === process.getuid?.();
    if (!owned || (entry.mode & 0o022) !== 0) throw new Refusal('ROTATOR_PROGRAM', { path: place, why: 'others' });
    const fits = place === folder ? entry.isDirectory() : entry.isFile() && (entry.mode & 0o100) !== 0;
    if (!fits) throw new Refusal('ROTATOR_PROGRAM', { path: place, why: 'kind' });
  }
  return path;
}

/**
 * Runs it with some bytes on standard input, which the caller wipes; they are never an argument or a variable. What it prints goes nowhere, since it may be the value.
 * Answers how it failed: an exit status, a signal, a code of the system; null where it did not.
 */
export async function runProgram(
  path: string,
  words: string[],
  input: Uint8Array,
  seconds: number,
): Promise<string | null> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.includes(name)));
  const child = spawn(path, words, {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<string | null>((tell) => {
    child.once('exit', (status, signal) => {
      tell(status === 0 ? null : (signal ?? `exit ${status ?? '?'}`));
    });
    child.once('error', (error) => {
      tell((error as NodeJS.ErrnoException).code ?? error.name);
    });
  });
  // One that ends without reading it all says why by its status.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return ended;
}
