import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type Page, type Route, chromium, errors } from 'playwright-core';
import { CHROMIUM_ORIGINS } from '../core/contract/origins.ts';
import type { CameraGate } from './camera.ts';
import type { Handle } from './handle.ts';

/**
 * Each switch with its reason. The driver's own defaults already turn off background networking, component updates,
 * synchronisation, extensions, translation, crash reports and the password store.
 */
const SWITCHES = [
  // A window without address bar or tabs. Its first page is nobody's: ours can be answered only when the driver has the window, and
  // Chromium would look for its name on a network before that, for as long as a network takes to say no.
  '--app=data:text/html,',
  // The entry frame gets a process of its own, which ends with it.
  '--site-per-process',
  // Nothing of its own accord on a network.
  '--disable-domain-reliability',
  '--no-pings',
  '--dns-prefetch-disable',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  // The bar that warns of unusual switches would stand over the ceremony.
  '--test-type',
  // Room for what a page makes before its memory is swept, and no second reading of a script for the sake of its line numbers: the
  // first view is there sooner.
  '--js-flags=--min-semi-space-size=16 --no-enable-lazy-source-positions',
];

/** Defaults of the driver that suit a test and not a window for people. */
const UNWANTED = [
  '--disable-popup-blocking',
  '--disable-ipc-flooding-protection',
  '--enable-unsafe-swiftshader',
  '--unsafely-disable-devtools-self-xss-warnings',
  '--use-mock-keychain',
];

/** Chromium's processes may write to their profile for a moment longer than it lives. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };

/** How long Chromium may take to start (ms). */
const START_TIMEOUT = 30_000;

export type Window = { context: BrowserContext; page: Page; closed: Promise<void>; close: () => Promise<void> };

/**
 * The window in Chromium: one function answers every request of its two origins, everything else is refused, and so is every
 * permission but the camera's while `camera` is open. Chromium is driven over a pipe; no TCP port is opened. Its profile is a
 * temporary folder that is removed afterwards.
 */
export async function openChromium(
  handle: Handle,
  camera: CameraGate,
  options: { executable: string; headless: boolean },
): Promise<Window> {
  const { context, profile } = await launch(options).catch((error: unknown) => {
    // It starts in a second or two; now and then it hangs before its first page, and a fresh start does not.
    if (error instanceof errors.TimeoutError) return launch(options);
    throw error;
  });
  await context.route('**/*', (route) => answer(route, handle));
  camera.onChange = (open) => letSee(context, open);
  const page = context.pages()[0] ?? (await context.newPage());
  // A second window or tab would be one that nobody watches.
  context.on('page', (other) => void other.close());
  await shutDeveloperTools(context);
  // Who waits for more waits for what the page shows, not for its fonts.
  await page.goto(`${CHROMIUM_ORIGINS.app}/`, { waitUntil: 'commit' });
  stayHere(page);
  const closed = new Promise<void>((resolve) => {
    page.once('close', () => void context.close());
    context.once('close', () => {
      void rm(profile, REMOVAL).then(resolve, resolve);
    });
  });
  return {
    context,
    page,
    closed,
    close: async () => {
      await context.close();
      await closed;
    },
  };
}

/** Developer tools could read and change what the room sees: whoever opens them sees them close. */
async function shutDeveloperTools(context: BrowserContext): Promise<void> {
  const session = await context.browser()?.newBrowserCDPSession();
  if (!session) throw new Error('Chromium has no session of its own');
  const shut = ({ targetInfo: { url, targetId } }: { targetInfo: { url: string; targetId: string } }) => {
    if (!url.startsWith('devtools:')) return;
    // It may be gone already.
    session.send('Target.closeTarget', { targetId }).catch(() => undefined);
  };
  session.on('Target.targetCreated', shut);
  session.on('Target.targetInfoChanged', shut);
  await session.send('Target.setDiscoverTargets', { discover: true });
}

/** What is answered by no server, such as about:blank, is left at once. */
function stayHere(page: Page): void {
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame() || frame.url().startsWith(`${CHROMIUM_ORIGINS.app}/`)) return;
    page.goto(`${CHROMIUM_ORIGINS.app}/`).catch(() => undefined);
  });
}

/** Chromium with a profile of its own. TimeoutError if it does not start; then nothing of it is left. */
async function launch(options: { executable: string; headless: boolean }) {
  const profile = await mkdtemp(join(tmpdir(), 'claviger-window-'));
  const launching = chromium.launchPersistentContext(profile, {
    timeout: START_TIMEOUT,
    executablePath: options.executable,
    headless: options.headless,
    args: SWITCHES,
    ignoreDefaultArgs: UNWANTED,
    // Chromium's sandbox cannot be entered by root; a ceremony is run by an ordinary user.
    chromiumSandbox: process.getuid?.() !== 0,
    viewport: options.headless ? { width: 1280, height: 800 } : null,
    acceptDownloads: false,
    serviceWorkers: 'block',
    permissions: [],
  });
  try {
    return { context: await launching, profile };
  } catch (error) {
    await rm(profile, REMOVAL);
    throw error;
  }
}

/**
 * A frame has what its window is granted: Chromium asks by the origin of the page on top. Taking it back ends a track that is
 * still running.
 */
async function letSee(context: BrowserContext, open: boolean): Promise<void> {
  if (open) {
    await context.grantPermissions(['camera'], { origin: CHROMIUM_ORIGINS.app });
  } else {
    await context.clearPermissions();
    // Without this, Chromium would ask the room.
    await context.grantPermissions([]);
  }
}

async function answer(route: Route, handle: Handle): Promise<void> {
  const asked = route.request();
  const { protocol, host } = new URL(asked.url());
  const origin = `${protocol}//${host}`;
  if (origin !== CHROMIUM_ORIGINS.app && origin !== CHROMIUM_ORIGINS.entry) {
    // Called so, a navigation leaves the page where it is; any other error would show Chromium's own page of it.
    await route.abort('aborted');
    return;
  }
  const body = asked.postDataBuffer();
  const response = await handle(
    new Request(asked.url(), {
      method: asked.method(),
      headers: asked.headers(),
      ...(body ? { body: new Uint8Array(body) } : {}),
    }),
  );
  body?.fill(0);
  await route
    .fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    })
    // The page may have gone while its request was answered: a frame that was removed, a window that was closed.
    .catch(() => undefined);
}
