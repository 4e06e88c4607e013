import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Refusal } from '../contract/errors.ts';

/** YAML text checked against a schema; `refuse` makes the refusal from "line:column what is wrong". */
export function parseYaml<T extends z.ZodType>(
  text: string,
  schema: T,
  refuse: (detail: string) => Refusal,
): z.infer<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  const syntax = document.errors[0];
  if (syntax) throw refuse(`${place(syntax.pos[0])}: ${syntax.code.toLowerCase().replaceAll('_', ' ')}`);
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // The innermost part of the path that stands in the text: a missing key is shown at its parent.
  const path = issue?.path ?? [];
  let offset = 0;
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as [number] | null) : null;
    if (range) {
      offset = range[0];
      break;
    }
  }
  throw refuse(`${place(offset)}: ${path.length ? `${path.join('.')}: ` : ''}${issue?.message ?? 'invalid'}`);
}
