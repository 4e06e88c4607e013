import type { App, BrowserWindowConstructorOptions, Session, WebContents } from 'electron';
import { ELECTRON_ORIGINS } from '../core/contract/origins.ts';
import type { CameraGate } from './camera.ts';

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

/** No device but the camera of the entry frame while a scan is open, no download, and no request but to the window's own scheme. */
export function lockSession(session: Session, camera: CameraGate): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const kinds = 'mediaTypes' in details ? details.mediaTypes : undefined;
    const seesOnly = permission === 'media' && kinds?.length === 1 && kinds[0] === 'video';
    answer(seesOnly && camera.open && originOf(details.requestingUrl) === ELECTRON_ORIGINS.entry);
  });
  session.setPermissionCheckHandler(
    (_contents, permission, requesting, { mediaType }) =>
      permission === 'media' && mediaType === 'video' && camera.open && originOf(requesting) === ELECTRON_ORIGINS.entry,
  );
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

function originOf(url: string): string {
  const { protocol, host } = URL.parse(url) ?? { protocol: '', host: '' };
  return `${protocol}//${host}`;
}

function isOwn(url: string): boolean {
  const origin = originOf(url);
  return origin === ELECTRON_ORIGINS.app || origin === ELECTRON_ORIGINS.entry;
}
