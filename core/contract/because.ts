import type { ErrorParams } from './errors.ts';
import { type MessageValue, type ValuesOf, fill } from './messages/icu.ts';
import type { Locale } from './messages/locale.ts';
import { reasonsDe } from './messages/reasons-de.ts';
import { reasonsEn } from './messages/reasons-en.ts';

type ReasonId = keyof typeof reasonsEn;
const CATALOGUES: Record<Locale, Record<ReasonId, string>> = { en: reasonsEn, de: reasonsDe };

/** Parameters of a refusal that say why: `detail` in English, and what it takes to say it in another language. */
export function because<Id extends ReasonId>(id: Id, ...values: ValuesOf<(typeof reasonsEn)[Id]>): ErrorParams {
  const [given] = values as [Record<string, MessageValue>?];
  return { detail: fill('en', reasonsEn[id], given), because: id, ...given };
}

/** The detail of an error in a language: as it stands where nothing is known of why. */
export function detailIn(locale: Locale, params: ErrorParams): ErrorParams {
  const { because: id } = params;
  if (typeof id !== 'string' || !(id in reasonsEn)) return params;
  return { ...params, detail: fill(locale, CATALOGUES[locale][id as ReasonId], params) };
}
