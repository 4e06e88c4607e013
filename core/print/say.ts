import { type MessageValue, type ValuesOf, fill } from '../contract/messages/icu.ts';
import type { Locale } from '../contract/messages/locale.ts';
import { de } from './messages/de.ts';
import { en } from './messages/en.ts';

const CATALOGUES: Record<Locale, Record<keyof typeof en, string>> = { en, de };

/** A text in the language of the page. */
export function say<Id extends keyof typeof en>(
  { language }: { language: Locale },
  id: Id,
  ...values: ValuesOf<(typeof en)[Id]>
): string {
  const [given] = values as [Record<string, MessageValue>?];
  return fill(language, CATALOGUES[language][id], given);
}
