import { type ChildProcess, spawn } from 'node:child_process';
import { environmentBelow } from './environment.ts';

/** A Node process of ours one level below, whether anybody speaks to it yet or not. `ended`: its exit status, a signal, or why it did not start. */
export type Below = { process: ChildProcess; ended: Promise<string> };

/** Starts one. Its standard pipes are for JSON-RPC, file descriptor 3 is for secrets (`Child`). */
export function spawnBelow(node: string, main: string, args: string[]): Below {
  const process = spawn(node, [main, ...args], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    env: environmentBelow(),
  });
  const ended = new Promise<string>((resolve) => {
    process.once('exit', (status, signal) => {
      resolve(signal ?? `exit ${status ?? '?'}`);
    });
    process.once('error', (error) => {
      resolve((error as NodeJS.ErrnoException).code ?? error.name);
    });
  });
  return { process, ended };
}
