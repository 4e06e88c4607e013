import { APPROVALS, RIGHTS, type AccessRule, type Right, type Scope, type SecretIdentity } from '../contract/vault.ts';
import type { Reason } from './kinds.ts';

/** What somebody was granted; an expired grant is none. `emergency`: by breaking the glass. */
export type Held = { scope: Scope; rights: readonly Right[]; expiresAt: string | null; emergency?: boolean };

/** `approvals`: of how many people who are neither the asking one nor each other, for exactly this. `now`: ISO 8601, UTC. */
export type Need = { right: Right; secret: SecretIdentity; rule: AccessRule; approvals: number; now: string };

/** Whether a grant of this scope is about this secret. */
export function covers(scope: Scope, { owner, environment, name }: SecretIdentity): boolean {
  return (
    (scope.owner === '*' || scope.owner === owner) &&
    (scope.environment === '*' || scope.environment === environment) &&
    (scope.name.endsWith('*') ? name.startsWith(scope.name.slice(0, -1)) : scope.name === name)
  );
}

/** Whether all that `inner` covers is covered by `outer`. */
export function contains(outer: Scope, inner: Scope): boolean {
  const name = inner.name.endsWith('*') ? inner.name.slice(0, -1) : inner.name;
  return (
    (outer.owner === '*' || outer.owner === inner.owner) &&
    (outer.environment === '*' || outer.environment === inner.environment) &&
    (outer.name.endsWith('*') ? name.startsWith(outer.name.slice(0, -1)) : outer.name === inner.name)
  );
}

/** Whether some live grant gives this right there. */
export function holds(held: readonly Held[], right: Right, secret: SecretIdentity, now: string): boolean {
  return held.some(
    ({ scope, rights, expiresAt }) =>
      rights.includes(right) && covers(scope, secret) && (expiresAt === null || expiresAt > now),
  );
}

/** A right that some live grant gives there, for what any of them will do; null where there is none. */
export function anyRight(held: readonly Held[], secret: SecretIdentity, now: string): Right | null {
  return RIGHTS.find((right) => holds(held, right, secret, now)) ?? null;
}

/**
 * Null: allowed. Deny by default: without a grant of this right nobody may, not the owner and not an administrator. The category's rule then says who else
 * may not: it narrows what grants give, and never widens it. An emergency's rights are not narrowed, but where two people are asked: those are asked always. Pure.
 */
export function verdict(who: { name: string; system: boolean }, held: readonly Held[], need: Need): Reason | null {
  const { right, secret, rule, approvals, now } = need;
  if (!holds(held, right, secret, now)) return 'no-grant';
  const brokeGlass = held.filter(({ emergency = false }) => emergency);
  if (rule !== 'two-person' && holds(brokeGlass, right, secret, now)) return null;
  const admin = holds(held, 'ADMIN', secret, now);
  const owner = who.name === secret.owner;
  switch (rule) {
    case 'granted':
      return null;
    case 'two-person':
      return approvals >= APPROVALS ? null : 'approvals-missing';
    case 'admin':
      return admin ? null : 'not-admin';
    case 'system-or-admin':
      return who.system || admin ? null : 'not-system';
    case 'owner-or-admin':
      return owner || admin ? null : 'not-owner';
    case 'owner':
      return owner ? null : 'not-owner';
    case 'system':
      return who.system ? null : 'not-system';
  }
}
