import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Ask, Fact } from '../contract/ceremony.ts';
import { type CeremonyState, currentStep } from './state.ts';
import { say } from './say.ts';

/**
 * SHA-256 (hex) of what a step shows, asks and was answered: what somebody confirms. A confirmation carries it, so that
 * nothing can be put in its place between the look and the word; after a failed try the old one serves no more.
 */
export function shownOf(state: CeremonyState, asks: Ask[], facts: Fact[]): string {
  const { id, scriptSha256, participants, answers, attempts } = state;
  const shown = canonicalize({
    ceremony: id,
    scriptSha256,
    step: currentStep(state)?.id ?? null,
    attempts,
    participants,
    answers,
    // That a secret was typed again reopens the step by itself.
    asks: asks.map((ask) => ({ ...ask, given: null })),
    // What the time is, as preflight tells it, is never twice the same.
    facts: facts.filter((fact) => fact.kind !== 'check' || fact.label !== say(state, 'machine.clock')),
  });
  return createHash('sha256')
    .update(shown ?? '')
    .digest('hex');
}
