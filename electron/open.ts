import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { CHROMIUM_ORIGINS } from '../core/contract/origins.ts';
import { program } from '../core/process/programs.ts';
import type { CoreProcess } from '../core/service/client.ts';
import {
  COMMAND_LINE,
  SHIPPED_CEREMONIES,
  WINDOW_FILES,
  defaultDataFolder,
  suggestedOutput,
} from '../core/service/paths.ts';
import { spawnCore } from '../core/service/spawn-core.ts';
import { CameraGate } from './camera.ts';
import { findChromium } from './chromium-binary.ts';
import { electronBinary } from './electron-binary.ts';
import type { Handle } from './handle.ts';

/** `npm start`: Electron if its binary is there, else Chromium, else the same ceremony in the terminal. */

const data = defaultDataFolder();
const display =
  process.platform !== 'linux' ||
  (process.env['DISPLAY'] ?? '') !== '' ||
  (process.env['WAYLAND_DISPLAY'] ?? '') !== '';
const electron = electronBinary();
const chromium = findChromium();

if (display && electron !== null) await follow(electron, [program('electron-shell')]);
else if (display && chromium !== null) await showInChromium(chromium);
else await runInTerminal();

/** Told to end (SIGTERM, 128 + 15), it ends within so many milliseconds. */
const END_MS = 5000;

async function showInChromium(executable: string): Promise<void> {
  // Where browser and core are told as well, the driver can wait for an answer that nobody gives any more.
  process.once('SIGTERM', () => setTimeout(() => process.exit(143), END_MS).unref());
  // Core reads itself on one processor while the browser's driver is read on another, and the window's part of the shell while the browser starts.
  const below = spawnCore(data);
  const { openChromium } = await import('./chromium-shell.ts');
  const camera = new CameraGate();
  let core: CoreProcess | undefined;
  const handle = readWhileItStarts(async () => {
    const { CoreProcess } = await import('../core/service/client.ts');
    core = CoreProcess.of(below);
    // It opens its store meanwhile. A refusal is the window's to show.
    void core.call('app.info', {});
    const { createHandle } = await import('./handle.ts');
    return createHandle({ core, files: WINDOW_FILES, origins: CHROMIUM_ORIGINS, camera });
  });
  const window = await openChromium(handle, camera, { executable, headless: false });
  await window.page.evaluate(headingStands);
  process.stderr.write('Claviger is open.\n');
  await window.closed;
  await core?.close();
}

/**
 * What answers the page is read when the browser has been started, which takes its time, and not before it or when the page waits.
 * It answers once then: the first answer takes longer than the others, for Node reads its Request and Response.
 */
function readWhileItStarts(make: () => Promise<Handle>): Handle {
  let made: Promise<Handle> | undefined;
  const handle: Handle = async (request) => (await (made ??= make()))(request);
  const started = () => {
    unsubscribe('child_process', started);
    setImmediate(() => void handle(new Request(`${CHROMIUM_ORIGINS.app}/`)));
  };
  subscribe('child_process', started);
  return handle;
}

/** In the page: resolves when the first view has its heading. The driver's own way to wait would bring a whole selector engine into the page. */
function headingStands(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.querySelector('main h1') === null) return;
      observer.disconnect();
      resolve();
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true });
    look();
  });
}

async function runInTerminal(): Promise<void> {
  const why = display ? 'Neither Electron nor Chromium is installed' : 'There is no display';
  process.stderr.write(`${why}: the training ceremony runs here, with the sample answers.\n\n`);
  const out = suggestedOutput(new Date());
  const name = 'root-and-issuing.yaml';
  const answers = join(SHIPPED_CEREMONIES, 'answers', name);
  const script = join(SHIPPED_CEREMONIES, name);
  await follow(process.execPath, [
    COMMAND_LINE,
    'ceremony',
    'run',
    script,
    '--data',
    data,
    '--out',
    out,
    '--answers',
    answers,
  ]);
  process.stderr.write(`\nThe store is in ${data}, everything else in ${out}.\n`);
}

/** Runs a program to its end with this one's terminal, and takes over its exit status. */
async function follow(program: string, args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve) => {
    child.once('exit', (status) => {
      resolve(status ?? 1);
    });
  });
}
