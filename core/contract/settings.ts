import type { Locale } from './messages/locale.ts';

export const THEMES = ['light', 'dark'] as const;
export const SIZES = ['desk', 'projector'] as const;
export const PAPERS = ['A4', 'Letter'] as const;

/** What a store remembers of the room that it stands in. Nothing of it is in the ledger, and no ceremony depends on it. */
export type Settings = {
  locale: Locale;
  theme: (typeof THEMES)[number];
  size: (typeof SIZES)[number];
  paper: (typeof PAPERS)[number];
  /** Name of the CUPS queue that is offered first. */
  printer: string | null;
  /** Name of the camera that is offered first: a browser's label begins with it. */
  camera: string | null;
};

export const DEFAULT_SETTINGS: Settings = {
  locale: 'en',
  theme: 'light',
  size: 'desk',
  paper: 'A4',
  printer: null,
  camera: null,
};
