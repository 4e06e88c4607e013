import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { purposeOf } from '../ceremony/purpose.ts';
import { parseScript } from '../ceremony/script.ts';
import { PURPOSES, type ShippedScript } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { Policy } from '../contract/policy.ts';
import type { Script } from '../contract/script.ts';
import { NOTICE, REHEARSAL_YEARS, ROTATION_YEARS } from '../reports/due.ts';
import { SHIPPED_CEREMONIES, suggestedPaper } from './paths.ts';

/** The scripts that Claviger ships, as a window offers them: by what they are for, and of those the longest first. */
export function shippedScripts(): ShippedScript[] {
  return shipped()
    .map(({ path, script }): ShippedScript => {
      const name = basename(path, '.yaml');
      const suggested = { path, suggestedPaper: suggestedPaper(name) };
      if (script instanceof Refusal) {
        return {
          ...suggested,
          title: name,
          purpose: '',
          steps: 0,
          language: 'en',
          group: 'prove',
          error: script.value,
        };
      }
      const { title, purpose, steps, language } = script;
      return { ...suggested, title, purpose, steps: steps.length, language, group: purposeOf(script), error: null };
    })
    .sort((a, b) => PURPOSES.indexOf(a.group) - PURPOSES.indexOf(b.group) || b.steps - a.steps);
}

export function shippedPolicy(): Policy {
  return {
    rehearsalYears: REHEARSAL_YEARS,
    rotationYears: ROTATION_YEARS,
    noticeDays: NOTICE,
    scripts: shipped().flatMap(({ script }) => {
      // A ceremony in other words asks for the same.
      if (script instanceof Refusal || script.language !== 'en') return [];
      const { threshold, shareCount, passphraseMinimum, softwareToken, profile } = script.policy;
      const asked = { title: script.title, threshold, shareCount, passphraseMinimum };
      return [{ ...asked, softwareToken: softwareToken === 'allowed', fips: profile === 'fips' }];
    }),
  };
}

function shipped(): { path: string; script: Script | Refusal }[] {
  return [SHIPPED_CEREMONIES, join(SHIPPED_CEREMONIES, 'de')]
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .sort()
        .map((name) => join(folder, name)),
    )
    .map((path) => {
      try {
        return { path, script: parseScript(readFileSync(path, 'utf8'), path) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { path, script: error };
      }
    });
}
