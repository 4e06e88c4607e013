import { IntlMessageFormat } from 'intl-messageformat';
import type { Locale } from './locale.ts';

/** What is put into a text: a word, or a number that may choose a plural. */
export type MessageValue = string | number;

/** The texts of one catalogue: id -> ICU message. */
export type Catalogue = Record<string, string>;

/** The names of the values that an ICU text wants, those inside plural and select branches too. */
export type Names<Text extends string> = InText<Text, []> & string;

/** The values of a message as arguments of `say`: none where the text wants none. */
export type ValuesOf<Text extends string> = [Names<Text>] extends [never]
  ? []
  : [{ [Name in Names<Text>]: MessageValue }];

// `Open` counts the branches that a text stands in: a closing brace ends the innermost.
type InText<Text, Open extends unknown[]> = Text extends `${infer Before}{${infer After}`
  ? Before extends `${string}}${string}`
    ? BranchEnds<Text, Open>
    : InArgument<After, Open>
  : BranchEnds<Text, Open>;
type BranchEnds<Text, Open extends unknown[]> = Open extends [unknown, ...infer Outer]
  ? Text extends `${string}}${infer Rest}`
    ? BetweenBranches<Rest, Outer>
    : never
  : never;
type InArgument<Text, Open extends unknown[]> = Text extends `${infer Name}, ${'plural' | 'select'}, ${infer Branches}`
  ? Name extends `${string}}${string}`
    ? PlainArgument<Text, Open>
    : Name | BetweenBranches<Branches, Open>
  : PlainArgument<Text, Open>;
type PlainArgument<Text, Open extends unknown[]> = Text extends `${infer Name}}${infer Rest}`
  ? Name | InText<Rest, Open>
  : never;
type BetweenBranches<Text, Open extends unknown[]> = Text extends `${infer Before}{${infer After}`
  ? Before extends `${string}}${infer Rest}`
    ? InText<`${Rest}{${After}`, Open>
    : InText<After, [...Open, unknown]>
  : Text extends `${string}}${infer Rest}`
    ? InText<Rest, Open>
    : never;

const parsed = new Map<string, IntlMessageFormat>();

function messageOf(locale: Locale, text: string): IntlMessageFormat {
  const key = `${locale} ${text}`;
  const message = parsed.get(key) ?? new IntlMessageFormat(text, locale, undefined, { ignoreTag: true });
  parsed.set(key, message);
  return message;
}

/** What has a meaning in an ICU message. Most texts have none of it, and stand as they are. */
const SYNTAX = /[{}']/;

/** The text with its values filled in. Numbers stand as they are; `#` and plurals follow the language. */
export function fill(locale: Locale, text: string, values: Record<string, MessageValue> = {}): string {
  return SYNTAX.test(text) ? String(messageOf(locale, text).format(values)) : text;
}

type Elements = ReturnType<IntlMessageFormat['getAst']>;
/** TYPE.literal of the parser. */
const LITERAL = 0;

function namesOf(elements: Elements): string[] {
  return elements.flatMap((element) => {
    if (!('value' in element) || (element.type as number) === LITERAL) return [];
    const branches = 'options' in element ? Object.values(element.options) : [];
    return [element.value, ...branches.flatMap(({ value }) => namesOf(value))];
  });
}

/** The names of the values that a text wants, sorted. Throws if the text is no ICU message. */
export function namesIn(locale: Locale, text: string): string[] {
  return [...new Set(namesOf(messageOf(locale, text).getAst()))].toSorted();
}
