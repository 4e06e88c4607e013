import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../contract/errors.ts';
import { SHIPPED_CEREMONIES } from './paths.ts';
import type { Listed } from './shipped-script.ts';

/**
 * What the first view says of each script that Claviger ships. Reading them all is a third of what core does at its start, so the
 * build has read them already: its list names each by the SHA-256 of its text, and what is not in the list is read. Whatever is done
 * with a script goes by its text.
 */

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

/** For the build: the list as JSON. One that is no script is not in it. */
export async function listShipped(): Promise<string> {
  const { listedOf, readShipped } = await import('./shipped-script.ts');
  const entries = shippedFiles().flatMap((path) => {
    const script = readShipped(path);
    return script instanceof Refusal ? [] : [[sha256Of(path), listedOf(script)] as const];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

let built: Record<string, Listed> | undefined;

/** What the list has of a script, or the script's text. */
export async function lookUp(path: string): Promise<Listed | Refusal> {
  built ??= readList();
  const known = built[sha256Of(path)];
  if (known) return known;
  const { listedOf, readShipped } = await import('./shipped-script.ts');
  const script = readShipped(path);
  return script instanceof Refusal ? script : listedOf(script);
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
