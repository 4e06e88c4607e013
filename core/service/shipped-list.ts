import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { purposeOf } from '../ceremony/purpose.ts';
import { parseScript } from '../ceremony/script.ts';
import type { ShippedScript } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { Script } from '../contract/script.ts';
import { SHIPPED_CEREMONIES } from './paths.ts';

/**
 * What the first view says of each script that Claviger ships. Reading them all is a third of what core does at its start, so the
 * build has read them already: its list names each by the SHA-256 of its text, and what is not in the list is read. Whatever is done
 * with a script goes by its text.
 */
export type Listed = Pick<ShippedScript, 'title' | 'purpose' | 'steps' | 'language' | 'group'>;

/** The list, beside what is built. From the sources there is none. */
export const LIST = 'shipped.json';

/** Every script that is shipped, by path. */
export function shippedFiles(): string[] {
  return [SHIPPED_CEREMONIES, join(SHIPPED_CEREMONIES, 'de')].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => join(folder, name)),
  );
}

/** The scripts themselves, or why one is none. */
export function readShipped(path: string): Script | Refusal {
  try {
    return parseScript(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error;
  }
}

/** For the build: the list as JSON. One that is no script is not in it. */
export function listShipped(): string {
  const entries = shippedFiles().flatMap((path) => {
    const script = readShipped(path);
    return script instanceof Refusal ? [] : [[sha256Of(path), listedOf(script)] as const];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

let built: Record<string, Listed> | undefined;

/** What the list has of a script, or the script's text. */
export function lookUp(path: string): Listed | Refusal {
  built ??= readList();
  const known = built[sha256Of(path)];
  if (known) return known;
  const script = readShipped(path);
  return script instanceof Refusal ? script : listedOf(script);
}

function listedOf(script: Script): Listed {
  const { title, purpose, steps, language } = script;
  return { title, purpose, steps: steps.length, language, group: purposeOf(script) };
}

function readList(): Record<string, Listed> {
  try {
    return JSON.parse(readFileSync(join(import.meta.dirname, LIST), 'utf8')) as Record<string, Listed>;
  } catch {
    return {};
  }
}

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
