/** The window's origin, and that of the frame in which secrets are typed: two sites, so that each has its own process. */
export type Origins = { app: string; entry: string };

/** Neither name exists anywhere (RFC 6761 6.4): Chromium is answered before it would look for them. */
export const CHROMIUM_ORIGINS: Origins = {
  app: 'https://app.claviger.invalid',
  entry: 'https://entry.claviger-entry.invalid',
};

/** A scheme of Electron's own. */
export const ELECTRON_ORIGINS: Origins = { app: 'app://claviger', entry: 'app://claviger-entry' };

const ALL = [CHROMIUM_ORIGINS, ELECTRON_ORIGINS];

/** Where the entry frame of a window is served. Unknown origins have none. */
export function entryOriginOf(app: string): string | null {
  return ALL.find((origins) => origins.app === app)?.entry ?? null;
}

/** Which window an entry frame belongs to. */
export function appOriginOf(entry: string): string | null {
  return ALL.find((origins) => origins.entry === entry)?.app ?? null;
}

/** Nothing that is typed in the frame is longer (bytes). */
export const TYPED_LIMIT = 1024;

/** What the frame tells its window: that what was asked for has been taken. */
export const ENTRY_DONE = 'claviger-entry-done';

/** And how high its page is, in pixels, so that the window shows all of it. */
export const ENTRY_HEIGHT = 'claviger-entry-height';

/** Stands in a built page where the shell puts the nonce of its answer. */
export const NONCE_PLACE = 'CLAVIGER-NONCE';
