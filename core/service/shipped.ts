import { basename } from 'node:path';
import { PURPOSES, type ShippedScript } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { Policy } from '../contract/policy.ts';
import { NOTICE, REHEARSAL_YEARS, ROTATION_YEARS } from '../reports/due.ts';
import { suggestedPaper } from './paths.ts';
import { lookUp, readShipped, shippedFiles } from './shipped-list.ts';

/** The scripts that Claviger ships, as a window offers them: by what they are for, and of those the longest first. */
export function shippedScripts(): ShippedScript[] {
  return shippedFiles()
    .map((path): ShippedScript => {
      const listed = lookUp(path);
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
    })
    .sort((a, b) => PURPOSES.indexOf(a.group) - PURPOSES.indexOf(b.group) || b.steps - a.steps);
}

export function shippedPolicy(): Policy {
  return {
    rehearsalYears: REHEARSAL_YEARS,
    rotationYears: ROTATION_YEARS,
    noticeDays: NOTICE,
    scripts: shippedFiles().flatMap((path) => {
      const script = readShipped(path);
      // A ceremony in other words asks for the same.
      if (script instanceof Refusal || script.language !== 'en') return [];
      const { threshold, shareCount, passphraseMinimum, softwareToken, profile } = script.policy;
      const asked = { title: script.title, threshold, shareCount, passphraseMinimum };
      return [{ ...asked, softwareToken: softwareToken === 'allowed', fips: profile === 'fips' }];
    }),
  };
}
