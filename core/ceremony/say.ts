import { type MessageValue, type ValuesOf, fill } from '../contract/messages/icu.ts';
import type { Locale } from '../contract/messages/locale.ts';
import { de } from './messages/de.ts';
import { en } from './messages/en.ts';

export type CeremonyMessageId = keyof typeof en;

const CATALOGUES: Record<Locale, Record<CeremonyMessageId, string>> = { en, de };

/** A text of core in the language of its ceremony, which never changes: what was said is said again in the same words. */
export function say<Id extends CeremonyMessageId>(
  { language }: { language: Locale },
  id: Id,
  ...values: ValuesOf<(typeof en)[Id]>
): string {
  const [given] = values as [Record<string, MessageValue>?];
  return fill(language, CATALOGUES[language][id], given);
}
