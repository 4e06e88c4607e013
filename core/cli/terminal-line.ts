import { createInterface } from 'node:readline/promises';
import { Refusal } from '../contract/errors.ts';

/** What people type at a terminal where anybody may see it. */

/** One line of an answer, trimmed. INPUT_ENDED. */
export async function line(prompt: string): Promise<string> {
  // An input that has ended before is not announced again.
  if (process.stdin.readableEnded) throw new Refusal('INPUT_ENDED');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<never>((_resolve, reject) => {
      reader.once('close', () => {
        reject(new Refusal('INPUT_ENDED'));
      });
    });
    return (await Promise.race([reader.question(prompt), ended])).trim();
  } finally {
    reader.removeAllListeners('close');
    reader.close();
  }
}

export async function yes(question: string): Promise<boolean> {
  for (;;) {
    const answer = (await line(`${question} (yes or no) `)).toLowerCase();
    if (['yes', 'y'].includes(answer)) return true;
    // Anything else may be meant for another question: it decides nothing.
    if (['no', 'n'].includes(answer)) return false;
  }
}
