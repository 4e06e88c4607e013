import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Refusal } from '../contract/errors.ts';
import { VALUE_LIMIT } from '../contract/vault.ts';
import { guarded, guardedCopy, wipe } from '../process/guarded.ts';
import { readFileOrRefuse, writeFileDurably } from '../store/files.ts';
import type { Face } from './report.ts';
import { chooseSecret } from './terminal-secret.ts';
import { say } from './report.ts';

/** Values come from a file, standard input or a prompt, and go to a file or standard output: never an argument, never JSON. */

/** The bytes of `--file`, or what comes on standard input, or what a person types twice. The caller wipes them. */
export async function readValue(file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined) return readFileOrRefuse(file, VALUE_LIMIT);
  if (process.stdin.isTTY) return chooseSecret('Value: ', say);
  const buffer = guarded(VALUE_LIMIT + 1);
  let length = 0;
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      const room = chunk.subarray(0, buffer.length - length);
      buffer.set(room, length);
      length += room.length;
      wipe(chunk);
    }
    // One byte too many goes on, to be refused by its size.
    return guardedCopy(buffer.subarray(0, length));
  } finally {
    wipe(buffer);
  }
}

export { identityOfPlace as identityOf } from '../contract/secret-place.ts';

export type Delivery = Face & { out?: string; show: boolean; force: boolean };

export function withDelivery(command: Command, what: string): Command {
  return command
    .option('-o, --out <file>', `${what} goes to a new file that its owner alone may read`)
    .option('--show', 'or to this terminal', false)
    .option('--force', 'replace the file if it is there', false);
}

/** Before anything is done: a secret that is shown once must have somewhere to go. INPUT_INVALID. */
export function checkDelivery({ out, show, json }: Delivery): void {
  if (out !== undefined) return;
  if (json) throw new Refusal('INPUT_INVALID', { detail: 'a secret is never in JSON: name a file with -o' });
  if (process.stdout.isTTY && !show) {
    throw new Refusal('INPUT_INVALID', { detail: 'a terminal shows a secret with --show only; -o FILE keeps it' });
  }
}

/** Wipes the secret. What else there is to say goes to standard output only where the secret does not. */
export async function deliver(face: Delivery, secret: Uint8Array | null, told: object): Promise<void> {
  if (!secret) throw new Refusal('INTERNAL');
  try {
    const { out } = face;
    if (out === undefined) {
      await new Promise<void>((resolved, reject) => {
        process.stdout.write(secret, (error) => {
          if (error) reject(error);
          else resolved();
        });
      });
      if (process.stdout.isTTY) process.stdout.write('\n');
      return;
    }
    await writeFileDurably(resolve(out), secret, { mode: 0o600, overwrite: face.force });
    process.stdout.write(face.json ? `${JSON.stringify({ ...told, out }, null, 2)}\n` : `${out}\n`);
  } finally {
    wipe(secret);
  }
}
