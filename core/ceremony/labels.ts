import { z } from 'zod';
import type { Script } from '../contract/script.ts';

/** What the steps of a script say to each other: labels of keys, names of files. */

/** Of a key that a script makes. It is part of file names too: backup/LABEL.kwp. */
export const newLabel = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dots, hyphens and underscores, 64 at most');

const made = z.object({ label: z.string() });
const brought = z.object({ keys: z.array(made) });
const named = z.object({ keys: z.array(z.string()) });

/** Complaints about labels of keys that no step makes or finds. */
export function unusable(script: Script, labels: string[]): string[] {
  const usable = usableLabels(script);
  const missing = [...new Set(labels)].filter((label) => !usable.includes(label));
  return missing.map((label) => `no step makes the key ${label}, or finds it`);
}

function usableLabels(script: Script): string[] {
  return script.steps.flatMap(({ action, parameters }) => {
    if (action === 'generate-key') return made.safeParse(parameters).data?.label ?? [];
    if (action === 'bring-share-set') return brought.safeParse(parameters).data?.keys.map(({ label }) => label) ?? [];
    return action === 'find-keys' ? (named.safeParse(parameters).data?.keys ?? []) : [];
  });
}

/** Keys that must be in the token before the ceremony. */
export function expectedLabels(script: Script): string[] {
  return script.steps.flatMap(({ action, parameters }) =>
    action === 'find-keys' || action === 'destroy-keys' ? (named.safeParse(parameters).data?.keys ?? []) : [],
  );
}

export function writtenTwice(script: Script, file: string): string[] {
  const same = script.steps.filter(({ parameters }) => parameters['file'] === file);
  return same.length > 1 ? [`${file} would be written twice`] : [];
}
