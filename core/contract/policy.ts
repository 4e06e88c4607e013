import type { DueKind } from './reports.ts';

/** What this version keeps to, whatever a script says, and what the shipped scripts ask for. */
export type Policy = {
  rehearsalYears: number;
  rotationYears: number;
  /** Days before a date from which on it is due soon. */
  noticeDays: Record<DueKind, number>;
  scripts: {
    title: string;
    threshold: number;
    shareCount: number;
    passphraseMinimum: number;
    softwareToken: boolean;
    fips: boolean;
  }[];
};
