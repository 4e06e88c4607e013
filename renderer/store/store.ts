import { create } from 'zustand';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import type { AppInfo } from '../../core/contract/commands.ts';
import type { ErrorValue } from '../../core/contract/errors.ts';
import type { Locale } from '../../core/contract/messages/locale.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../core/contract/settings.ts';
import { speak } from '../messages/say.ts';

/** The last refusal: of one ask's answer, or of the step (`ask` null). Shown until the next act. */
export type Trouble = { ask: string | null; error: ErrorValue };

export const PLACES = [
  'start',
  'inventory',
  'custody',
  'ledger',
  'reports',
  'tokens',
  'vault',
  'bundles',
  'settings',
] as const;
export type Place = (typeof PLACES)[number];

export type WindowState = {
  info: AppInfo | null;
  /** What is shown while no ceremony is open. */
  place: Place;
  /** The ceremony that is open; null on the start view. */
  view: CeremonyView | null;
  trouble: Trouble | null;
  /** Core does not answer. The last view stays. */
  gone: boolean;
  /** The ask whose answer is on its way. */
  answering: string | null;
  /** Enter was pressed where only the space bar counts. Shown until the next key. */
  enterRefused: boolean;
  /** A command is on its way: the step, a beginning, a resumption. */
  busy: boolean;
  /** What the store remembers of this room. */
  settings: Settings;
  theme: 'light' | 'dark';
  size: 'desk' | 'projector';
  /** The language of the window. A ceremony has one of its own. */
  locale: Locale;
};

/** What the window shows. In memory only: what must last is core's. */
export const useWindow = create<WindowState>(() => ({
  info: null,
  place: 'start',
  view: null,
  trouble: null,
  gone: false,
  answering: null,
  enterRefused: false,
  busy: false,
  settings: DEFAULT_SETTINGS,
  theme: 'light',
  size: 'desk',
  locale: 'en',
}));

// Before anything is drawn anew: a listener of React's only asks for that.
useWindow.subscribe(({ locale }) => {
  speak(locale);
});
