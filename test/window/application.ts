import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, _electron, test as base } from 'playwright/test';
import { CHROMIUM_ORIGINS } from '../../core/contract/origins.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { CameraGate } from '../../electron/camera.ts';
import { findChromium } from '../../electron/chromium-binary.ts';
import { openChromium } from '../../electron/chromium-shell.ts';
import { electronBinary } from '../../electron/electron-binary.ts';
import { createHandle } from '../../electron/handle.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

export type Application = {
  page: Page;
  /** Kills the core process as a power cut would. Only where the shell is ours to look into (Chromium). */
  killCore: () => Promise<void>;
  /** Does something that begins an effect, and kills core when the intent stands in the ledger. Chromium only. */
  killCoreInside: (begin: () => Promise<void>) => Promise<void>;
  /** From now on core works only while it is asked something: what it does by itself waits for a window that is slow. Answers what ends that. In Electron it goes on. */
  onlyWhenAsked: () => () => void;
  close: () => Promise<void>;
};

/** Everything of one test in a folder that goes with it. */
export type Place = { folder: string; data: string; out: string };

/** The application as `npm start` opens it: Chromium, or Electron if CLAVIGER_SHELL=electron. */
export async function openApplication(data: string): Promise<Application> {
  return process.env['CLAVIGER_SHELL'] === 'electron' ? openInElectron(data) : openInChromium(data);
}

async function openInChromium(data: string): Promise<Application> {
  const executable = findChromium();
  if (executable === null) throw new Error('Chromium is not installed');
  const core = CoreProcess.start({ data });
  const files = join(REPOSITORY, 'renderer/dist');
  const camera = new CameraGate();
  const handle = createHandle({ core, files, origins: CHROMIUM_ORIGINS, camera });
  const window = await openChromium(handle, camera, { executable, headless: true });
  // Its styles too: not every look at a page waits for what it looks at.
  await window.page.waitForLoadState();
  let goOn = () => {};
  const killCore = async () => {
    process.kill(core.pid ?? 0, 'SIGKILL');
    await core.ended;
  };
  return {
    page: window.page,
    killCore,
    killCoreInside: async (begin) => {
      const { ceremonies } = valueOf(await core.call('ceremony.list', {}));
      const { version } = valueOf(await core.call('ceremony.view', { ceremony: ceremonies[0]?.id ?? '' }));
      await begin();
      // One change when the step begins to run, the next when its intent is durable.
      for (let seen = version; seen < version + 2;) {
        seen = valueOf(await core.call('app.changes', { after: seen })).version;
      }
      await killCore();
    },
    onlyWhenAsked: () => (goOn = onlyWhenAsked(core)),
    close: async () => {
      goOn();
      await window.close();
      await core.close();
    },
  };
}

function onlyWhenAsked(core: CoreProcess): () => void {
  const { call } = core;
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    if (core.pid !== undefined) process.kill(core.pid, name);
  };
  let asked = 0;
  core.call = async (command, input) => {
    // Nobody waits for an answer to this: it comes with what is done by itself.
    if (command === 'app.changes') return call(command, input);
    asked += 1;
    signal('SIGCONT');
    const answer = await call(command, input);
    asked -= 1;
    if (asked === 0 && core.call !== call) signal('SIGSTOP');
    return answer;
  };
  return () => {
    core.call = call;
    signal('SIGCONT');
  };
}

const unreached = () => Promise.reject(new Error('the core of an Electron window is not reached from here'));

async function openInElectron(data: string): Promise<Application> {
  const executablePath = electronBinary();
  if (executablePath === null) throw new Error("Electron's binary is not installed: npx install-electron");
  const application = await _electron.launch({
    executablePath,
    args: [join(REPOSITORY, 'electron/electron-shell.ts'), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    env: { ...(process.env as Record<string, string>), CLAVIGER_DATA: data },
  });
  const page = await application.firstWindow();
  return {
    page,
    killCore: unreached,
    killCoreInside: unreached,
    onlyWhenAsked: () => () => undefined,
    close: () => application.close(),
  };
}

export const test = base.extend<{ place: Place; application: Application; page: Page }>({
  place: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'claviger-window-test-'));
    await use({ folder, data: join(folder, 'data'), out: join(folder, 'out') });
    rmSync(folder, { recursive: true, force: true });
  },
  application: async ({ place }, use) => {
    const application = await openApplication(place.data);
    await use(application);
    await application.close();
  },
  page: async ({ application }, use) => {
    const complaints: string[] = [];
    application.page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    application.page.on('pageerror', (error) => complaints.push(error.message));
    await use(application.page);
    // A policy that is violated, or a bug, says so on the console.
    if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join('; ')}`);
  },
});

export { expect } from 'playwright/test';
