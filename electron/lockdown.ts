import type { App, BrowserWindowConstructorOptions, Session, WebContents } from 'electron';
import { ELECTRON_ORIGINS } from '../core/contract/origins.ts';

/** The one scheme of the window: a standard and secure one, so that origin, CSP and fetch work as on https. */
export const SCHEME = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: false, stream: false },
} as const;

/** A page that is only a page: no Node, no preload, its own sandboxed process. */
export const WINDOW: BrowserWindowConstructorOptions = {
  width: 1280,
  height: 800,
  show: false,
  autoHideMenuBar: true,
  backgroundColor: '#f7f5ef',
  title: 'Claviger',
  webPreferences: {
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    enableWebSQL: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  },
};

/** Switches that must be set before the application is ready. */
export function lockApplication(app: App): void {
  app.enableSandbox();
  // The entry frame gets a process of its own.
  app.commandLine.appendSwitch('site-per-process');
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('no-pings');
  // No crash report is written: it would hold memory.
  app.commandLine.appendSwitch('disable-breakpad');
}

/** No device, no download, and no request but to the window's own scheme. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => {
    event.preventDefault();
  });
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !isOwn(details.url) });
  });
}

/** No second window, no navigation, no embedded guest. */
export function lockContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => {
    event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isOwn(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
}

function isOwn(url: string): boolean {
  const { protocol, host } = new URL(url);
  const origin = `${protocol}//${host}`;
  return origin === ELECTRON_ORIGINS.app || origin === ELECTRON_ORIGINS.entry;
}
