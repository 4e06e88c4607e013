import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ACCESS_RULES,
  type AccessRule,
  ENVIRONMENTS,
  RIGHTS,
  type Right,
  type Scope,
  type SecretIdentity,
} from '../../core/contract/vault.ts';
import { type Held, contains, covers, verdict } from '../../core/vault/access.ts';

/** What a grant gives and a rule takes, on every side of a namespace. Names from a small world, so that they meet. */

const owners = ['billing', 'ledger', 'web'] as const;
const names = ['db', 'db/main', 'db/replica', 'token'] as const;
const secrets = fc.record({
  owner: fc.constantFrom(...owners),
  environment: fc.constantFrom(...ENVIRONMENTS),
  name: fc.constantFrom(...names),
});
const scopes: fc.Arbitrary<Scope> = fc.record({
  owner: fc.constantFrom(...owners, '*'),
  environment: fc.constantFrom(...ENVIRONMENTS, '*' as const),
  name: fc.constantFrom(...names, 'db*', 'db/*', '*'),
});
const times = fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z');
const grants: fc.Arbitrary<Held[]> = fc.array(
  fc.record({
    ...{ scope: scopes, rights: fc.subarray([...RIGHTS]), expiresAt: fc.option(times) },
    emergency: fc.boolean(),
  }),
  { maxLength: 5 },
);
const asks = fc.record({
  who: fc.record({ name: fc.constantFrom(...owners, 'amara'), system: fc.boolean() }),
  held: grants,
  right: fc.constantFrom(...RIGHTS),
  secret: secrets,
  rule: fc.constantFrom(...ACCESS_RULES),
  approvals: fc.nat(3),
  now: times,
});

/** The same in ten lines, of nothing that it shares with what it checks. */
function model(
  who: { name: string; system: boolean },
  held: Held[],
  right: Right,
  s: SecretIdentity,
  rule: AccessRule,
  approvals: number,
  now: string,
) {
  const parts = ['owner', 'environment', 'name'] as const;
  const fits = (want: string, is: string) => new RegExp(`^${want.replaceAll('*', '.*')}$`).test(is);
  const live = held.filter((g) => !(g.expiresAt && g.expiresAt <= now) && parts.every((p) => fits(g.scope[p], s[p])));
  const may = (r: Right) => live.some((g) => g.rights.includes(r));
  const brokeGlass = live.some((g) => g.emergency && g.rights.includes(right));
  const [isOwner, isAdmin, isSystem] = [who.name === s.owner, may('ADMIN'), who.system];
  const ruled = { granted: true, 'two-person': approvals > 1, admin: isAdmin, 'system-or-admin': isSystem || isAdmin };
  const others = { 'owner-or-admin': isOwner || isAdmin, owner: isOwner, system: isSystem };
  return may(right) && ({ ...ruled, ...others }[rule] || (brokeGlass && rule !== 'two-person'));
}

test('nobody may without a live grant there, and a rule only ever narrows, but for an emergency where not two are asked: as the model says', () => {
  let [allowed, refused] = [0, 0];
  fc.assert(
    fc.property(asks, ({ who, held, right, secret, rule, approvals, now }) => {
      const found = verdict(who, held, { right, secret, rule, approvals, now }) === null;
      if (found) allowed += 1;
      else refused += 1;
      expect(found).toBe(model(who, held, right, secret, rule, approvals, now));
    }),
    { numRuns: 5000 },
  );
  // Both were tried, often.
  expect(Math.min(allowed, refused)).toBeGreaterThan(100);
});

test('a scope contains another if and only if it covers all that the other does', () => {
  const world: SecretIdentity[] = owners.flatMap((owner) =>
    ENVIRONMENTS.flatMap((environment): SecretIdentity[] =>
      [...names, 'db/', 'dbx', 'x'].map((name) => ({ owner, environment, name })),
    ),
  );
  fc.assert(
    fc.property(scopes, scopes, (outer, inner) => {
      if (contains(outer, inner)) {
        for (const secret of world) if (covers(inner, secret)) expect(covers(outer, secret)).toBe(true);
      } else {
        // Somewhere outside of the world, at least: an owner, environment or name that nobody has yet.
        const beyond = { owner: 'else', environment: 'isolated' as const, name: `${inner.name.replace('*', '')}else` };
        const inside = [...world, ...world.map((one) => ({ ...one, name: beyond.name })), beyond].concat(
          world.map((one) => ({ ...one, owner: beyond.owner })),
        );
        expect(inside.some((secret) => covers(inner, secret) && !covers(outer, secret))).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
