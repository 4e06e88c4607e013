import { type MessageValue, type ValuesOf, fill } from './messages/icu.ts';
import type { Locale } from './messages/locale.ts';
import { toldDe } from './messages/told-de.ts';
import { toldEn } from './messages/told-en.ts';
import type { Due } from './reports.ts';
import { ATTRIBUTES, type Attribute, type TokenNeed } from './token.ts';

const CATALOGUES: Record<Locale, Record<keyof typeof toldEn, string>> = { en: toldEn, de: toldDe };

/** A text for what a report or a probe tells in codes, in the language of whoever shows it. */
export function tell<Id extends keyof typeof toldEn>(
  { language }: { language: Locale },
  id: Id,
  ...values: ValuesOf<(typeof toldEn)[Id]>
): string {
  const [given] = values as [Record<string, MessageValue>?];
  return fill(language, CATALOGUES[language][id], given);
}

export function tellDue(reader: { language: Locale }, { kind, label, number }: Due): string {
  return tell(reader, `due.${kind}`, { label, number: number ?? '' });
}

/** A backup sheet or the manifest sheet, by its item in a custody register. */
export function tellPaper(reader: { language: Locale }, item: string): string {
  const label = /^backup-(.*)$/.exec(item)?.[1];
  return label === undefined ? tell(reader, 'paper.manifest') : tell(reader, 'paper.backup', { label });
}

type ReasonId = Extract<keyof typeof toldEn, `reason.${string}`>;

/** Why something was refused; a code that this version does not know, as it stands. */
export function tellReason(reader: { language: Locale }, reason: string): string {
  const id = `reason.${reason}`;
  return Object.hasOwn(toldEn, id) ? tell(reader, id as ReasonId) : reason;
}

/** The attributes that are set, as the token read them back. */
export function tellAttributes(reader: { language: Locale }, attributes: Record<string, boolean>): string {
  const isKnown = (name: string): name is Attribute => (ATTRIBUTES as readonly string[]).includes(name);
  return Object.entries(attributes)
    .flatMap(([name, set]) => (set ? [isKnown(name) ? tell(reader, `attribute.${name}`) : name] : []))
    .join(', ');
}

/** What a ceremony needs of a token, and what the token offers. */
export function tellNeed(reader: { language: Locale }, { need, offer }: TokenNeed): { need: string; offer: string } {
  const { is, names = '', count = 0, minimum = 0, maximum = 0 } = offer;
  return { need: tell(reader, `need.${need}`), offer: tell(reader, `offer.${is}`, { names, count, minimum, maximum }) };
}
