import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindowConstructorOptions } from 'electron';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

/** A fake electron module: it records what the real shell asks of it. Electron's binary is not run by any test. */
type Fake = {
  order: string[];
  exit: (() => void) | null;
  window: BrowserWindowConstructorOptions | null;
  loaded: string;
  switches: string[];
  schemes: unknown[];
  handle: ((request: Request) => Promise<Response>) | null;
  app: EventEmitter | null;
  /** The handlers that the shell sets on its session. */
  session: Record<string, (...words: never[]) => unknown>;
  beforeRequest: ((details: { url: string }, answer: (what: { cancel: boolean }) => void) => void) | null;
  downloads: ((event: { preventDefault: () => void }) => void) | null;
};

const fake = vi.hoisted((): Fake => ({
  order: [],
  exit: null,
  window: null,
  loaded: '',
  switches: [],
  schemes: [],
  handle: null,
  app: null,
  session: {},
  beforeRequest: null,
  downloads: null,
}));

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  const app = Object.assign(new Emitter(), {
    enableSandbox: () => fake.order.push('sandbox'),
    commandLine: { appendSwitch: (name: string) => fake.switches.push(name) },
    whenReady: () => {
      fake.order.push('ready');
      return Promise.resolve();
    },
    quit: () => undefined,
    exit: () => {
      fake.exit?.();
    },
  });
  fake.app = app;
  class BrowserWindow extends Emitter {
    constructor(options: BrowserWindowConstructorOptions) {
      super();
      fake.window = options;
    }
    loadURL(url: string) {
      fake.loaded = url;
      return Promise.resolve();
    }
    show() {
      return undefined;
    }
  }
  const keep = (name: string) => (handler: (...words: never[]) => unknown) => {
    fake.session[name] = handler;
  };
  return {
    app,
    BrowserWindow,
    Menu: { setApplicationMenu: () => undefined },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown[]) => {
        fake.order.push('scheme');
        fake.schemes = schemes;
      },
      handle: (_scheme: string, handle: (request: Request) => Promise<Response>) => {
        fake.handle = handle;
      },
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: keep('request'),
        setPermissionCheckHandler: keep('check'),
        setDevicePermissionHandler: keep('device'),
        on: (_name: string, handler: typeof fake.downloads) => {
          fake.downloads = handler;
        },
        webRequest: {
          onBeforeRequest: (handler: typeof fake.beforeRequest) => {
            fake.beforeRequest = handler;
          },
        },
      },
    },
  };
});

/** A page of Electron's, as far as the lockdown touches it. */
class FakeContents extends EventEmitter {
  opened: ((details: { url: string }) => { action: string }) | null = null;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
    this.opened = handler;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'claviger-electron-'));

beforeAll(async () => {
  process.env['CLAVIGER_DATA'] = join(folder, 'data');
  await import('../../electron/electron-shell.ts');
});

afterAll(async () => {
  await new Promise<void>((resolve) => {
    fake.exit = resolve;
    fake.app?.emit('will-quit', { preventDefault: () => undefined });
  });
  rmSync(folder, { recursive: true });
});

describe('the Electron shell', () => {
  test('registers its scheme and its sandbox before the application is ready', () => {
    expect(fake.order).toEqual(['scheme', 'sandbox', 'ready']);
    expect(fake.schemes).toMatchObject([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
    expect(fake.switches).toContain('site-per-process');
  });

  test('opens a page that is only a page', () => {
    expect(fake.window?.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      webSecurity: true,
      devTools: false,
    });
    expect(fake.window?.webPreferences).not.toHaveProperty('preload');
    expect(fake.loaded).toBe('app://claviger/');
  });

  test('serves the same function as every shell', async () => {
    const answered = await fake.handle?.(
      new Request('app://claviger/rpc', { method: 'POST', body: '{"command":"ceremony.list","input":{}}' }),
    );
    expect(await answered?.json()).toEqual({ ok: true, value: { ceremonies: [] } });
    expect((await fake.handle?.(new Request('app://claviger-entry/rpc', { method: 'POST', body: '{}' })))?.status).toBe(
      404,
    );
  });

  test('grants the camera to the entry frame while a scan is open, nothing else, and takes no download', async () => {
    const request = fake.session['request'] as unknown as (
      contents: null,
      permission: string,
      answer: (yes: boolean) => void,
      details: { requestingUrl: string; mediaTypes?: string[] },
    ) => void;
    const check = fake.session['check'] as unknown as (
      contents: null,
      permission: string,
      requesting: string,
      details: { mediaType?: string },
    ) => boolean;
    const asked = (permission: string, site: string, ...kinds: string[]) => {
      const answers: boolean[] = [];
      const details = { requestingUrl: `app://${site}/share.html`, mediaTypes: kinds };
      request(null, permission, (yes) => answers.push(yes), details);
      const [mediaType = 'unknown'] = kinds;
      answers.push(kinds.length === 1 && check(null, permission, `app://${site}/`, { mediaType }));
      return answers;
    };
    const entry = 'claviger-entry';
    const camera = (word: string) =>
      fake.handle?.(new Request(`app://${entry}/camera/${word}`, { method: 'POST', body: '' }));
    expect(asked('media', entry, 'video')).toEqual([false, false]);
    await camera('open');
    expect(asked('media', entry, 'video')).toEqual([true, true]);
    expect(asked('media', 'claviger', 'video')).toEqual([false, false]);
    expect(asked('media', entry, 'audio')).toEqual([false, false]);
    expect(asked('media', entry, 'audio', 'video')).toEqual([false, false]);
    expect(asked('geolocation', entry)).toEqual([false, false]);
    await camera('close');
    expect(asked('media', entry, 'video')).toEqual([false, false]);
    expect(fake.session['device']?.()).toBe(false);
    const preventDefault = vi.fn();
    fake.downloads?.({ preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
  });

  test.each([
    ['app://claviger/rpc', false],
    ['app://claviger-entry/entry.html', false],
    ['app://another/', true],
    ['https://example.org/', true],
    ['http://127.0.0.1:8080/', true],
    ['ws://127.0.0.1:8080/', true],
    ['file:///etc/passwd', true],
  ])('a request to %s: cancelled %s', (url, cancelled) => {
    const answers: boolean[] = [];
    fake.beforeRequest?.({ url }, ({ cancel }) => answers.push(cancel));
    expect(answers).toEqual([cancelled]);
  });

  test('opens no second window, goes nowhere, and embeds nothing', () => {
    const contents = new FakeContents();
    fake.app?.emit('web-contents-created', {}, contents);
    expect(contents.opened?.({ url: 'app://claviger/' })).toEqual({ action: 'deny' });
    for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
      const preventDefault = vi.fn();
      contents.emit(name, { preventDefault, url: 'app://claviger/' });
      expect(preventDefault, name).toHaveBeenCalledOnce();
    }
    const away = vi.fn();
    contents.emit('will-frame-navigate', { preventDefault: away, url: 'https://example.org/' });
    expect(away).toHaveBeenCalledOnce();
    const entryFrame = vi.fn();
    contents.emit('will-frame-navigate', { preventDefault: entryFrame, url: 'app://claviger-entry/entry.html' });
    expect(entryFrame).not.toHaveBeenCalled();
  });
});
