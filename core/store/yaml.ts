import { LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Refusal } from '../contract/errors.ts';

/** What is wrong in a YAML text, and where. `path` leads to it; empty for what does not parse. Lines and columns from 1. */
export type Fault = { path: PropertyKey[]; line: number; column: number; says: string };

export type Place = { line: number; column: number };

export type ReadYaml = {
  /** Undefined where the text does not parse. */
  value: unknown;
  faults: Fault[];
  /** Where the innermost part of a path that stands in the text begins: a missing key is shown at its parent. */
  placeOf: (path: PropertyKey[]) => Place;
  /** Where the last key of a path stands, which may be one that no schema knows. */
  placeOfKey: (path: PropertyKey[]) => Place;
};

/** YAML text as a value, every fault of its syntax, and where each part stands. */
export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const nodeAt = (path: PropertyKey[]) => (path.length === 0 ? document.contents : document.getIn(path, true));
  const placeOf = (path: PropertyKey[]): Place => {
    for (let length = path.length; length > 0; length--) {
      const node = nodeAt(path.slice(0, length));
      if (isNode(node) && node.range) return at(node.range[0]);
    }
    return at(document.contents?.range[0] ?? 0);
  };
  const faults: Fault[] = document.errors.map(({ pos, code }) => ({
    path: [],
    ...at(pos[0]),
    // The code alone: the library's message quotes the text.
    says: code.toLowerCase().replaceAll('_', ' '),
  }));
  let value: unknown;
  try {
    if (faults.length === 0) value = document.toJS();
  } catch (error) {
    // Aliases that would grow without end: the library stops counting and throws.
    if (!(error instanceof ReferenceError)) throw error;
    faults.push({ path: [], ...placeOf([]), says: 'too many aliases' });
  }
  return {
    value,
    faults,
    placeOf,
    placeOfKey: (path) => {
      const parent = nodeAt(path.slice(0, -1));
      const found = isMap(parent)
        ? parent.items.map(({ key }) => key).find((key) => isScalar(key) && key.value === path.at(-1))
        : undefined;
      return isNode(found) && found.range ? at(found.range[0]) : placeOf(path);
    },
  };
}

/** Everything in a value that does not fit its schema. `under`: where in the text the value stands. */
export function faultsAgainst(yaml: ReadYaml, schema: z.ZodType, value: unknown, under: PropertyKey[] = []): Fault[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue): Fault[] => {
    const path = [...under, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...{ path: [...path, key], ...yaml.placeOfKey([...path, key]) },
        says: 'no such key is known here',
      }));
    }
    const says = issue.message.endsWith('received undefined') ? 'is missing' : issue.message;
    return [{ path, ...yaml.placeOf(path), says }];
  });
}

/** YAML text checked against a schema; `refuse` makes the refusal from "line:column what is wrong". */
export function parseYaml<T extends z.ZodType>(
  text: string,
  schema: T,
  refuse: (detail: string) => Refusal,
): z.infer<T> {
  const yaml = readYaml(text);
  const fault = yaml.faults[0] ?? faultsAgainst(yaml, schema, yaml.value)[0];
  if (!fault) return schema.parse(yaml.value);
  const { path, line, column, says } = fault;
  throw refuse(`line ${line}, column ${column}: ${path.length ? `${path.join('.')}: ` : ''}${says}`);
}
