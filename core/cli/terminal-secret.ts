import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { SECRET_LIMIT } from '../process/secret-channel.ts';

const ENTER = [0x0d, 0x0a];
const INTERRUPT = 0x03;
const END = 0x04;
const ERASE = [0x7f, 0x08];

/**
 * Reads a line from the terminal without showing it, as bytes in guarded memory that the caller wipes. From a pipe it
 * reads up to the end of the line as well, so that a test can type. INPUT_ENDED.
 */
export async function readSecret(prompt: string): Promise<Uint8Array> {
  const { stdin, stderr } = process;
  if (stdin.readableEnded) throw new Refusal('INPUT_ENDED');
  stderr.write(prompt);
  const line = guarded(SECRET_LIMIT);
  let length = 0;
  if (stdin.isTTY) stdin.setRawMode(true);
  try {
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        stdin.off('data', read);
        stdin.off('end', end);
        stdin.pause();
        resolve();
      };
      const end = () => {
        leave();
        reject(new Refusal('INPUT_ENDED'));
      };
      const read = (chunk: Buffer) => {
        for (const [position, byte] of chunk.entries()) {
          if (byte === INTERRUPT) {
            leave();
            reject(new Refusal('INPUT_ENDED'));
            return;
          }
          if (ENTER.includes(byte) || byte === END) {
            const rest = Buffer.from(chunk.subarray(position + 1));
            leave();
            if (rest.length > 0) stdin.unshift(rest);
            break;
          }
          if (ERASE.includes(byte)) length = endOfPrevious(line, length);
          else if (length < SECRET_LIMIT) line[length++] = byte;
        }
        wipe(chunk);
      };
      stdin.on('data', read);
      stdin.once('end', end);
      stdin.resume();
    });
    const secret = guarded(length);
    secret.set(line.subarray(0, length));
    return secret;
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stderr.write('\n');
    wipe(line);
  }
}

/** Reads a new secret twice, until both are the same. The caller wipes it. */
export async function chooseSecret(prompt: string, say: (message: string) => void): Promise<Uint8Array> {
  for (;;) {
    const secret = await readSecret(prompt);
    const again = await readSecret('  Once more: ');
    const same = secret.length === again.length && timingSafeEqual(secret, again);
    wipe(again);
    if (same) return secret;
    wipe(secret);
    say('  The two differ. Type it again.');
  }
}

/** Where the last character of UTF-8 text begins. */
function endOfPrevious(text: Uint8Array, length: number): number {
  let end = length;
  do end -= 1;
  while (end > 0 && ((text[end] ?? 0) & 0xc0) === 0x80);
  return Math.max(end, 0);
}
