import { BrowserWindow, Menu, app, protocol, session } from 'electron';
import { ELECTRON_ORIGINS } from '../core/contract/origins.ts';
import { CoreProcess } from '../core/service/client.ts';
import { WINDOW_FILES, defaultDataFolder } from '../core/service/paths.ts';
import { CameraGate } from './camera.ts';
import { createHandle } from './handle.ts';
import { SCHEME, WINDOW, lockApplication, lockContents, lockSession } from './lockdown.ts';

/** Electron's main process: the same function as in every shell, under a scheme of its own. No key is ever here. */

protocol.registerSchemesAsPrivileged([SCHEME]);
lockApplication(app);
app.on('web-contents-created', (_event, contents) => {
  lockContents(contents);
});
app.on('window-all-closed', () => {
  app.quit();
});

await app.whenReady();
Menu.setApplicationMenu(null);
const camera = new CameraGate();
lockSession(session.defaultSession, camera);
const core = CoreProcess.start({ data: defaultDataFolder() });
protocol.handle(SCHEME.scheme, createHandle({ core, files: WINDOW_FILES, origins: ELECTRON_ORIGINS, camera }));
app.on('will-quit', (event) => {
  event.preventDefault();
  void core.close().finally(() => {
    app.exit(0);
  });
});

const window = new BrowserWindow(WINDOW);
window.once('ready-to-show', () => {
  window.show();
});
await window.loadURL(`${ELECTRON_ORIGINS.app}/`);
