import { basename } from 'node:path';
import { PURPOSES, type ShippedScript } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { suggestedPaper } from './paths.ts';
import { lookUp, shippedFiles } from './shipped-list.ts';

/** The scripts that Claviger ships, as a window offers them: by what they are for, and of those the longest first. */
export async function shippedScripts(): Promise<ShippedScript[]> {
  const scripts = await Promise.all(
    shippedFiles().map(async (path): Promise<ShippedScript> => {
      const listed = await lookUp(path);
      const name = basename(path, '.yaml');
      const suggested = { path, suggestedPaper: suggestedPaper(name) };
      if (listed instanceof Refusal) {
        return {
          ...suggested,
          title: name,
          purpose: '',
          steps: 0,
          language: 'en',
          group: 'prove',
          error: listed.value,
        };
      }
      return { ...suggested, ...listed, error: null };
    }),
  );
  return scripts.sort((a, b) => PURPOSES.indexOf(a.group) - PURPOSES.indexOf(b.group) || b.steps - a.steps);
}
