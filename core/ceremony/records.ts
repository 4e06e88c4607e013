import { Refusal } from '../contract/errors.ts';
import type { ShareSetManifest } from '../shares/manifest.ts';
import type { Certificate, GeneratedKey, MasterKey } from './results.ts';
import { certificateResult, generatedKeyResult, masterKeyResult } from './results.ts';
import type { CeremonyState } from './state.ts';

/** What earlier steps of this ceremony made, found by label in their result rows. */

export function keysOf(state: CeremonyState): GeneratedKey[] {
  return resultsOf(state, 'generate-key').map((result) => generatedKeyResult.parse(result));
}

/** KEY_MISSING. */
export function keyOf(state: CeremonyState, label: string): GeneratedKey {
  const key = keysOf(state).find((candidate) => candidate.label === label);
  if (!key) throw new Refusal('KEY_MISSING', { label });
  return key;
}

export function certificatesOf(state: CeremonyState): Certificate[] {
  return resultsOf(state, 'issue-certificate').map((result) => certificateResult.parse(result));
}

/** The certificate of a key. */
export function certificateOf(state: CeremonyState, label: string): Certificate {
  const certificate = certificatesOf(state).find((candidate) => candidate.label === label);
  if (!certificate) throw new Refusal('KEY_MISSING', { label: `${label} (its certificate)` });
  return certificate;
}

export function masterKeyOf(state: CeremonyState): MasterKey {
  const result = resultsOf(state, 'make-master-key').at(-1);
  if (result === undefined) throw new Refusal('KEY_MISSING', { label: 'master key' });
  return masterKeyResult.parse(result);
}

export function manifestOf(state: CeremonyState): ShareSetManifest {
  return masterKeyOf(state).manifest;
}

/** Results of the finished steps of one action, in order. */
export function resultsOf(state: CeremonyState, action: string): unknown[] {
  return state.records.filter(({ step }) => step.action === action).map(({ result }) => result);
}

/** Custodians in the order of their share numbers, from 1. */
export function custodiansOf(state: CeremonyState): string[] {
  return state.participants.filter(({ role }) => role === 'custodian').map(({ name }) => name);
}
