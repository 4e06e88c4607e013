import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Answers } from '../../core/cli/answers.ts';
import { REPOSITORY } from '../shipped.ts';

/** A ceremony to be killed in, by the name of its script in resources/ceremonies, and the token it is done on. */
export type Job = {
  script: string;
  token: 'software' | 'softhsm';
  /** Ceremonies that come before it, in the same store and on the same token. */
  after: string[];
  /** Store and token of the ceremonies before it are gone when it begins, and their files are left. */
  burnt?: boolean;
  /** The token that the ceremony works on is made by the ceremony. */
  born?: boolean;
  /** Aborted at this step, as well as done. */
  abortedAt?: string;
  /** A sample of its points is tried with every test run. */
  sampled?: boolean;
};

/** One line for each shipped ceremony; those that matter on both kinds of token have two. */
export const JOBS: Job[] = [
  { script: 'root-and-issuing', token: 'software', after: [], abortedAt: 'root-key', sampled: true },
  { script: 'root-and-issuing', token: 'softhsm', after: [] },
  { script: 'token-initialisation', token: 'softhsm', after: [], born: true, sampled: true },
  { script: 'key-destruction', token: 'softhsm', after: ['root-and-issuing'], sampled: true },
  { script: 'issue-intermediate', token: 'software', after: ['root-and-issuing'] },
  { script: 'crl', token: 'software', after: ['root-and-issuing'] },
  { script: 'recovery-rehearsal', token: 'softhsm', after: ['root-and-issuing'] },
  { script: 'attestation', token: 'softhsm', after: ['root-and-issuing'] },
  { script: 'exercise', token: 'software', after: ['root-and-issuing'] },
  { script: 'disaster-recovery', token: 'software', after: ['root-and-issuing'], burnt: true },
  { script: 'custody-change', token: 'softhsm', after: ['root-and-issuing'] },
  { script: 'export', token: 'software', after: ['root-and-issuing'] },
  { script: 'replace-share', token: 'software', after: ['root-and-issuing'] },
  { script: 're-share', token: 'software', after: ['root-and-issuing'] },
  { script: 'rotate-master-key', token: 'softhsm', after: ['root-and-issuing'] },
  { script: 'vault-initialisation', token: 'software', after: [] },
  { script: 'vault-recovery', token: 'software', after: ['vault-initialisation'], burnt: true },
];

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');

/** A shipped script. Passphrases cost little; everything else is byte for byte the same. */
export function scriptText(name: string): string {
  const text = readFileSync(join(CEREMONIES, `${name}.yaml`), 'utf8');
  return text
    .replace(/\{ (label: (?:master-key-202[67]|vault-master-2026)|share: 2) \}/, '{ $1, scryptLog2N: 10 }')
    .replace('action: re-share', 'action: re-share\n    parameters: { scryptLog2N: 10 }')
    .replace('scryptLog2N: 17', 'scryptLog2N: 10');
}

export function sampleAnswers(name: string): Answers {
  return parse(readFileSync(join(CEREMONIES, 'answers', `${name}.yaml`), 'utf8')) as Answers;
}
