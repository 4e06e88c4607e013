import { Refusal } from '../contract/errors.ts';
import type { Policy } from '../contract/policy.ts';
import { NOTICE, REHEARSAL_YEARS, ROTATION_YEARS } from '../reports/due.ts';
import { shippedFiles } from './shipped-list.ts';
import { readShipped } from './shipped-script.ts';

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
