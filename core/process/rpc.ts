import type { Readable, Writable } from 'node:stream';
import {
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from 'vscode-jsonrpc/node';
import { type Outcome, Refusal } from '../contract/errors.ts';

/** JSON-RPC 2.0 over a pair of pipes. */
export function connect(input: Readable, output: Writable): MessageConnection {
  return createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
}

/** Turns a refusal into a value; anything else is a bug and is reported on standard error without its message. */
export async function outcomeOf<T>(work: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return failureOf(error);
  }
}

/** The same of work that is done at once. */
export function outcomeNow<T>(work: () => T): Outcome<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return failureOf(error);
  }
}

function failureOf(error: unknown): Outcome<never> {
  if (error instanceof Refusal) return { ok: false, error: error.value };
  reportBug(error);
  return { ok: false, error: new Refusal('INTERNAL').value };
}

/** The other direction: the value, or the refusal thrown on. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Refusal(outcome.error.code, outcome.error.params, outcome.error.complaints);
}

/** A bug's place, never its message: a native message may quote an argument. */
export function reportBug(error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 8);
  const name = error instanceof Error ? error.name : typeof error;
  process.stderr.write(`claviger: unexpected ${name}\n${frames.join('\n')}\n`);
}
