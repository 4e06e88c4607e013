import { Refusal } from '../contract/errors.ts';
import type { Role } from '../contract/roles.ts';
import type { ActionAsk, Unasked } from './action.ts';
import { personOf } from './decide.ts';
import type { CeremonyState } from './state.ts';

/** A last try before a PIN locks: a second person agrees to it by name, who is not the one that gives the PIN. */

const SECOND_ROLES = ['witness', 'ceremonyAdministrator', 'auditor', 'operator'] as const;

/** `giver`: the role that gives the PIN. */
export function lastTryAsk(state: CeremonyState, id: string, label: string, giver: Role): Unasked<ActionAsk> {
  const by = SECOND_ROLES.find((role) => role !== giver && personOf(state, role) !== null) ?? 'ceremonyAdministrator';
  return { id, kind: 'accept', label, by, tone: 'warning' };
}

/** Who agreed to a last try, if anybody was asked. DUAL_CONTROL. */
export function secondPerson(state: CeremonyState, id: string, giver: Role): string | null {
  const answer = state.answers[id];
  if (answer === undefined || !('person' in answer)) return null;
  const person = answer.person.trim();
  if (person === personOf(state, giver)?.trim()) throw new Refusal('DUAL_CONTROL', { person });
  return person;
}
