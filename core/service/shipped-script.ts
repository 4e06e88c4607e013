import { readFileSync } from 'node:fs';
import { purposeOf } from '../ceremony/purpose.ts';
import { parseScript } from '../ceremony/script.ts';
import { Refusal } from '../contract/errors.ts';
import type { ShippedScript } from '../contract/commands.ts';
import type { Script } from '../contract/script.ts';

/** What the first view says of a script that Claviger ships. */
export type Listed = Pick<ShippedScript, 'title' | 'purpose' | 'steps' | 'language' | 'group'>;

/** The scripts themselves, or why one is none. */
export function readShipped(path: string): Script | Refusal {
  try {
    return parseScript(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error;
  }
}

export function listedOf(script: Script): Listed {
  const { title, purpose, steps, language } = script;
  return { title, purpose, steps: steps.length, language, group: purposeOf(script) };
}
