import type { Locale } from '../../core/contract/messages/locale.ts';
import { useWindow } from '../store/store.ts';

/** `lang` of an element that holds words in another language than the window's (WCAG 2.2, 3.1.2). */
export type Spoken = { lang?: Locale };

export function useSpoken(language: Locale | undefined): Spoken {
  const locale = useWindow((state) => state.locale);
  return language === undefined || language === locale ? {} : { lang: language };
}

/** Of what core says in the ceremony that is open. */
export function useCeremonySpoken(): Spoken {
  return useSpoken(useWindow(({ view }) => view?.language));
}

/** Of the script's own words. */
export function useScriptSpoken(): Spoken {
  return useSpoken(useWindow(({ view }) => view?.scriptLanguage));
}
