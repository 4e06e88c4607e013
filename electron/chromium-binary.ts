import { existsSync } from 'node:fs';

const PLACES = ['/usr/lib/chromium/chromium', '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Debian's Chromium, or another that CLAVIGER_CHROMIUM names; null if there is none. */
export function findChromium(): string | null {
  const named = process.env['CLAVIGER_CHROMIUM'];
  return [...(named === undefined ? [] : [named]), ...PLACES].find((path) => existsSync(path)) ?? null;
}
