import { execFileSync, spawn } from 'node:child_process';

/** Holders that are killed at a point (holder-points.ts), and their folders. */

export type Ran = { lines: string[]; ended: string; said: string };

/** Runs one in a folder, to be killed at a point (`0`: at none; `make`: makes the vault); its lines, how it ended, and what it said of that. */
export function runHolder(program: string, home: string, at: string): Promise<Ran> {
  const child = spawn(process.execPath, [program, home, at], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [text, said] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (status, signal) => {
      resolve({ lines: text.split('\n').filter(Boolean), ended: signal ?? `exit ${status ?? '?'}`, said });
    });
  });
}

/** With who may read what: the store refuses a folder that others may. */
export const copyFolder = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);
