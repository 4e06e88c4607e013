import { en } from './en.ts';

export type MessageId = keyof typeof en;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<Id extends MessageId> = [Names<(typeof en)[Id]>] extends [never]
  ? []
  : [Record<Names<(typeof en)[Id]>, string | number>];

/** The message with its values filled in. A missing or misspelt value does not compile. */
export function say<Id extends MessageId>(id: Id, ...values: Values<Id>): string {
  const [given] = values as [Record<string, string | number>?];
  return en[id].replace(/\{(\w+)\}/g, (_, name: string) => String(given?.[name] ?? name));
}
