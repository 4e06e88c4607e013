import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { BUILDS, CACHE } from '../../core/process/made-of.js';
import { type Figure, measure, rateOf, table } from './rounds.ts';

/**
 * From `npm start` to the first view that can be used, beside the same Chromium on an empty page: `npm run bench:start`. Both in a
 * real window on an X server of the benchmark's own. `-- --json` prints the figures as an array.
 */
const REPOSITORY = join(import.meta.dirname, '../..');
const ROUNDS = 15;
/** No more than 1.3 times as long: no fewer starts a second than this part of the empty page's. */
const GOAL = 1 / 1.3;

/** Runs a program until it says on standard error that its window is open; answers how to end it. */
async function untilOpen(program: string, args: string[], environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(program, args, {
    cwd: REPOSITORY,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  for await (const line of createInterface(child.stderr)) {
    if (/open/i.test(line)) return child;
  }
  throw new Error(`${program} ended before its window was open`);
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  process.kill(-(child.pid ?? 0), 'SIGTERM');
  await ended;
}

/** Starts a second of one start. */
async function oneStart(program: string, args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  let child: ChildProcess | undefined;
  const rate = await rateOf(1, async () => {
    child = await untilOpen(program, args, environment);
  });
  if (child) await end(child);
  return rate;
}

async function benchmark(): Promise<Figure[]> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const data = mkdtempSync(join(tmpdir(), 'claviger-bench-start-'));
  try {
    const display = server.stdio[3];
    if (!display) throw new Error('no X server');
    const [number] = (await once(display, 'data')) as [Buffer];
    const environment = { ...process.env, DISPLAY: `:${number.toString().trim()}`, CLAVIGER_DATA: data };
    // The driver of Chromium is compiled ahead for both.
    const compiled = { ...environment, NODE_COMPILE_CACHE: join(REPOSITORY, BUILDS.programs.folder, CACHE) };
    return await measure(
      () => oneStart(process.execPath, ['test/bench/empty-page.ts'], compiled),
      [
        {
          name: 'from npm start to the first view',
          run: () => oneStart('npm', ['start', '--silent'], environment),
          goal: GOAL,
        },
      ],
      ROUNDS,
    );
  } finally {
    server.kill();
    rmSync(data, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
const figures = await benchmark();
process.stdout.write(`${values.json ? JSON.stringify(figures, null, 2) : table(figures)}\n`);
