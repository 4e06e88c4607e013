import { CameraGate } from '../../electron/camera.ts';
import { findChromium } from '../../electron/chromium-binary.ts';
import { openChromium } from '../../electron/chromium-shell.ts';

/** The same Chromium, opened by the same shell on a page with nothing in it: what a start cannot be faster than. */
const executable = findChromium();
if (executable === null) throw new Error('Chromium is not installed');
const page = '<!doctype html><title>empty</title>';
const window = await openChromium(
  () => Promise.resolve(new Response(page, { headers: { 'content-type': 'text/html' } })),
  new CameraGate(),
  { executable, headless: false },
);
await window.page.waitForLoadState();
process.stderr.write('open\n');
process.once('SIGTERM', () => void window.close());
