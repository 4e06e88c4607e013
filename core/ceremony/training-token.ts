import type { Script } from '../contract/script.ts';
import { expectedLabels } from './labels.ts';
import { beginsShareSet, keysMadeIn, masterKeyOf } from './records.ts';
import type { CeremonyState } from './state.ts';

/**
 * Which training token a new ceremony without a token file runs on: the id of the ceremony that began it; null for a fresh
 * one of its own. A script that wants an empty token gets a fresh one, and the older ones stay where they are. Any other
 * runs on the newest token that holds every key which the script expects, as far as finished ceremonies tell.
 * docs/decisions/0007-training-tokens-stay.md
 */
export function trainingTokenFor(script: Script, past: CeremonyState[]): string | null {
  if (wantsEmpty(script)) return null;
  const finished = past.filter(({ tokenFile, status }) => tokenFile === null && status === 'completed');
  const labelsOn = new Map<string, Set<string>>();
  for (const state of finished) {
    const token = state.trainingToken ?? state.id;
    const labels = labelsOn.get(token) ?? new Set();
    for (const label of labelsMadeIn(state)) labels.add(label);
    labelsOn.set(token, labels);
  }
  const tokens = [...labelsOn].reverse();
  const expected = expectedLabels(script);
  const fitting = tokens.find(([, labels]) => expected.every((label) => labels.has(label)));
  return (fitting ?? tokens[0])?.[0] ?? null;
}

function wantsEmpty({ steps }: Script): boolean {
  return steps.some(({ action, parameters }) => action === 'open-token' && parameters['empty'] !== false);
}

function labelsMadeIn(state: CeremonyState): string[] {
  const masterKeys = beginsShareSet(state) ? [masterKeyOf(state)] : [];
  return [...keysMadeIn(state), ...masterKeys].map(({ label }) => label);
}
