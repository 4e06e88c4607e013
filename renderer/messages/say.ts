import { explain as explainIn } from '../../core/contract/explain.ts';
import type { ErrorValue } from '../../core/contract/errors.ts';
import { fill, type MessageValue, type ValuesOf } from '../../core/contract/messages/icu.ts';
import type { Locale } from '../../core/contract/messages/locale.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export type MessageId = keyof typeof en;

const CATALOGUES: Record<Locale, Record<MessageId, string>> = { en, de };
let spoken: Locale = 'en';

/** From now on everything is said in this language. The window does it when its store says so; what is shown is shown anew. */
export function speak(locale: Locale): void {
  spoken = locale;
  document.documentElement.lang = locale;
}

/** The message with its values filled in. A missing or misspelt value does not compile. */
export function say<Id extends MessageId>(id: Id, ...values: ValuesOf<(typeof en)[Id]>): string {
  const [given] = values as [Record<string, MessageValue>?];
  return fill(spoken, CATALOGUES[spoken][id], given);
}

/** Who is told what core tells in codes. */
export const here = () => ({ language: spoken });

/** What happened and what to do next, in the window's language. */
export const explain = (error: ErrorValue) => explainIn(error, spoken);
