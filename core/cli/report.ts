import { type Complaint, type ErrorValue, Refusal } from '../contract/errors.ts';
import { explain } from '../contract/explain.ts';
import type { CoreProcess } from '../service/client.ts';

/** How every command speaks: results on standard output, messages on standard error. */
export type Face = { json: boolean };

export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** A command's result: one JSON value with --json, else the lines. */
export function answer(face: Face, value: unknown, lines: string[]): void {
  process.stdout.write(face.json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
}

/** An expected failure: what happened and what to do next on standard error, the code with it; exit status 1. */
export function refuse(face: Face, error: ErrorValue): void {
  const { says, next } = explain(error);
  if (face.json) process.stdout.write(`${JSON.stringify({ error })}\n`);
  for (const complaint of error.complaints ?? []) say(`${String(error.params['path'])}${lineOfComplaint(complaint)}`);
  say(`${error.code}: ${says} ${next}`);
  process.exitCode = 1;
}

/** As compilers write it, so that an editor finds the place. */
function lineOfComplaint({ line, column, step, message }: Complaint): string {
  return `${line === null ? '' : `:${line}:${column ?? 1}`}: ${step === null ? '' : `step ${step}: `}${message}`;
}

/** Runs a command's work over a core process, which is ended afterwards. */
export async function withCore(
  face: Face,
  core: CoreProcess,
  work: (core: CoreProcess) => Promise<void>,
): Promise<void> {
  try {
    await work(core);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(face, error.value);
  } finally {
    await core.close();
  }
}
