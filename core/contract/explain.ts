import { detailIn } from './because.ts';
import type { ErrorValue } from './errors.ts';
import { errorsDe } from './messages/errors-de.ts';
import { errorsEn } from './messages/errors-en.ts';
import { fill, namesIn } from './messages/icu.ts';
import type { Locale } from './messages/locale.ts';

const CATALOGUES = { en: errorsEn, de: errorsDe };

/** The error's two sentences: what happened, and what to do next. A parameter that the error does not have stands there by its name. */
export function explain({ code, params }: ErrorValue, locale: Locale = 'en'): { says: string; next: string } {
  const filled = (part: 'says' | 'next') => {
    const text = CATALOGUES[locale][`${code}.${part}`];
    const names = Object.fromEntries(namesIn(locale, text).map((name) => [name, name]));
    return fill(locale, text, { ...names, ...detailIn(locale, params) });
  };
  return { says: filled('says'), next: filled('next') };
}
