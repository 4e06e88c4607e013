import { spawn } from 'node:child_process';
import { Refusal } from '../contract/errors.ts';
import type { PaperName } from './page.ts';

/**
 * Printing through CUPS, by its own programs. A document goes from memory to `lp` through a pipe and is never a file of ours; CUPS
 * makes one in its spool and keeps it there after printing, so a job is purged when it has ended (`spool.ts` looks whether it is gone).
 */
export type Printer = { name: string; state: 'idle' | 'printing' | 'stopped'; accepting: boolean };

/** How a job stands. That it has `ended` says nothing of the paper: people look, and scan it back. `unknown`: CUPS has no such job (any more). */
export type JobState = 'waiting' | 'ended' | 'unknown';

/** A job at a printer, as its queue tells it. `user`: who sent it. */
export type QueuedJob = { job: string; user: string; waiting: boolean };

/** A page takes a printer so long at most. */
export const JOB_LIMIT_MS = 120_000;

const POLL_MS = 300;

/** The printers that CUPS knows; none if it does not run. SPOOLER_MISSING: its programs are not installed. */
export async function listPrinters(): Promise<Printer[]> {
  const names = await answerOf('lpstat', ['-e']);
  if (names === null || names.trim() === '') return [];
  const states = (await answerOf('lpstat', ['-p'])) ?? '';
  const accepts = (await answerOf('lpstat', ['-a'])) ?? '';
  return names
    .trim()
    .split('\n')
    .map((name) => {
      const said = states.split('\n').find((line) => line.startsWith(`printer ${name} `)) ?? '';
      const state = said.startsWith(`printer ${name} is idle`)
        ? 'idle'
        : said.startsWith(`printer ${name} now printing`)
          ? 'printing'
          : 'stopped';
      return { name, state, accepting: accepts.split('\n').some((line) => line.startsWith(`${name} accepting`)) };
    });
}

/** The printer that CUPS takes where none is named; null if it has none. */
export async function defaultPrinter(): Promise<string | null> {
  return /^system default destination: (\S+)/m.exec((await answerOf('lpstat', ['-d'])) ?? '')?.[1] ?? null;
}

/** Every job of a printer that CUPS still knows, ended or not, whoever sent it. */
export async function jobsOf(printer: string): Promise<QueuedJob[]> {
  const read = async (which: string, waiting: boolean) =>
    ((await answerOf('lpstat', ['-W', which, '-o', printer])) ?? '').split('\n').flatMap((line): QueuedJob[] => {
      const [, job, user] = /^(\S+)\s+(\S+)/.exec(line) ?? [];
      return job === undefined || user === undefined ? [] : [{ job, user, waiting }];
    });
  return [...(await read('not-completed', true)), ...(await read('completed', false))];
}

/** Sends a PDF to a printer; answers the job's name. PRINTER_UNKNOWN, PRINTER_REFUSED. */
export async function sendToPrinter(
  printer: string,
  title: string,
  pdf: Uint8Array,
  paper: PaperName,
): Promise<string> {
  const printers = await listPrinters();
  if (!printers.some(({ name }) => name === printer)) {
    throw new Refusal('PRINTER_UNKNOWN', { printer, known: printers.map(({ name }) => name).join(', ') || 'none' });
  }
  // In its own size: a sheet that is scaled to fit has smaller codes.
  const options = [
    '-o',
    `media=${paper}`,
    '-o',
    'print-scaling=none',
    '-o',
    'sides=one-sided',
    '-o',
    'job-sheets=none',
  ];
  const { status, stdout, stderr } = await run('lp', ['-d', printer, '-t', title, ...options, '--', '-'], pdf);
  const job = /^request id is (\S+) /m.exec(stdout)?.[1];
  if (status !== 0 || job === undefined) throw new Refusal('PRINTER_REFUSED', { printer, detail: lastLine(stderr) });
  return job;
}

export async function jobState(job: string): Promise<JobState> {
  const waiting = (await answerOf('lpstat', ['-W', 'not-completed', '-o'])) ?? '';
  if (isListed(waiting, job)) return 'waiting';
  const ended = (await answerOf('lpstat', ['-W', 'completed', '-o'])) ?? '';
  return isListed(ended, job) ? 'ended' : 'unknown';
}

/** Waits until a job has ended, or nobody wants to wait any more. A job that has not ended by then stays where it is. */
export async function jobEnded(job: string, limitMs: number, signal?: AbortSignal): Promise<JobState> {
  const until = Date.now() + limitMs;
  for (;;) {
    const state = await jobState(job);
    if (state !== 'waiting' || Date.now() > until || signal?.aborted) return state;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Removes every job of a printer and its files from the spool, printed or not. (CUPS removes no single job that has ended.) PRINTER_REFUSED. */
export async function purgePrinter(printer: string): Promise<void> {
  const { status, stderr } = await run('cancel', ['-a', '-x', printer]);
  if (status !== 0) throw new Refusal('PRINTER_REFUSED', { printer, detail: lastLine(stderr) });
}

function isListed(text: string, job: string): boolean {
  return text.split('\n').some((line) => line.startsWith(`${job} `));
}

function lastLine(stderr: string): string {
  return stderr.trim().split('\n').at(-1) ?? '';
}

/** Null where the program ended with an error: CUPS does not run, or knows nothing of the kind. */
async function answerOf(program: string, words: string[]): Promise<string | null> {
  const { status, stdout } = await run(program, words);
  return status === 0 ? stdout : null;
}

type Ended = { status: number | null; stdout: string; stderr: string };

function run(program: string, words: string[], input: Uint8Array = new Uint8Array()): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env: { ...process.env, LC_ALL: 'C' }, stdio: 'pipe' });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
    // It may refuse before it has read everything.
    child.stdin.on('error', () => undefined);
    child.once('error', () => {
      reject(new Refusal('SPOOLER_MISSING', { program }));
    });
    child.once('close', (status) => {
      const [stdout, stderr] = [chunks.stdout, chunks.stderr].map((parts) => Buffer.concat(parts).toString());
      resolve({ status, stdout: stdout ?? '', stderr: stderr ?? '' });
    });
    child.stdin.end(input);
  });
}
