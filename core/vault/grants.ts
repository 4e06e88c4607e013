import { randomUUID } from 'node:crypto';
import type { GrantView, Right, Scope } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import type { VaultGrantTable } from '../store/schema.ts';
import { rowsOf, statement } from '../store/statement.ts';
import { type Held, contains } from './access.ts';
import { type Caller, type Db, type VaultParts, byOf, record, vaultRow } from './parts.ts';

const HELD = statement((db, values: { principal: string }) =>
  db.selectFrom('vault_grant').selectAll().where('principal', '=', values.principal).where('revoked_at', 'is', null),
);

/** What a principal was granted and has not lost. Expired grants are among them; what an emergency gives is, where they act under that one (`Caller.emergency`). */
export async function heldBy(db: Db, principal: string, emergency: string | null = null): Promise<Held[]> {
  const rows = await rowsOf(db, HELD, { principal });
  return rows.filter((row) => row.emergency === null || row.emergency === emergency).map(heldOf);
}

function heldOf({ owner, environment, name, rights, expires_at, emergency }: VaultGrantTable): Held {
  return {
    scope: { owner, environment, name } as Scope,
    rights: JSON.parse(rights) as Right[],
    expiresAt: expires_at,
    emergency: emergency !== null,
  };
}

/** Whether a principal administers all of a scope now. */
export function administers(held: readonly Held[], scope: Scope, now: string): boolean {
  return held.some(
    ({ scope: own, rights, expiresAt }) =>
      rights.includes('ADMIN') && contains(own, scope) && (expiresAt === null || expiresAt > now),
  );
}

/** All of the vault. */
export const EVERYTHING: Scope = { owner: '*', environment: '*', name: '*' };

/** Whoever does not administer all of a scope now is refused, and the ledger says what they tried. VAULT_REFUSED. */
export async function requireAdmin(
  { store, ledger, clock }: VaultParts,
  caller: Caller,
  scope: Scope,
  action: string,
): Promise<void> {
  if (administers(await heldBy(store.db, caller.principal.id), scope, clock().toISOString())) return;
  await record(ledger, [
    vaultRow('vault.refused', { action, scope, ...byOf(caller) }, { principal: caller.principal.id }),
  ]);
  throw new Refusal('VAULT_REFUSED');
}

export type NewGrant = { subject: string; scope: Scope; rights: Right[]; expiresAt: string | null };

/**
 * Grants rights in a scope that the caller administers, to somebody else. PRINCIPAL_UNKNOWN, GRANT_TO_ONESELF, GRANT_EXPIRED, VAULT_REFUSED.
 */
export async function grant(parts: VaultParts, caller: Caller, wanted: NewGrant): Promise<string> {
  const { store, ledger, clock } = parts;
  const now = clock().toISOString();
  const subject = await store.db
    .selectFrom('vault_principal')
    .select(['id', 'name'])
    .where('name', '=', wanted.subject)
    .executeTakeFirst();
  await requireAdmin(parts, caller, wanted.scope, 'grant');
  if (subject?.id === caller.principal.id) throw new Refusal('GRANT_TO_ONESELF');
  if (!subject) throw new Refusal('PRINCIPAL_UNKNOWN', { name: wanted.subject });
  const { scope, rights } = wanted;
  // Times are compared as texts, and so all have milliseconds.
  const expiresAt = wanted.expiresAt === null ? null : new Date(wanted.expiresAt).toISOString();
  if (expiresAt !== null && expiresAt <= now) throw new Refusal('GRANT_EXPIRED', { at: expiresAt });
  const id = randomUUID();
  const row = vaultRow(
    'vault.grant',
    { grant: id, subject: subject.name, scope, rights, expiresAt, ...byOf(caller) },
    { principal: subject.id },
  );
  await record(ledger, [row], async (db) => {
    await db
      .insertInto('vault_grant')
      .values({
        ...{ id, principal: subject.id, ...scope, rights: JSON.stringify(rights), expires_at: expiresAt },
        ...{ granted_by: caller.principal.name, created_at: now, revoked_at: null, emergency: null },
      })
      .execute();
  });
  return id;
}

/** Takes a grant of somebody else's away at once. GRANT_UNKNOWN (also where the caller does not administer its scope), PRINCIPAL_ONESELF. */
export async function revoke(parts: VaultParts, caller: Caller, id: string): Promise<void> {
  const { store, ledger, clock } = parts;
  const now = clock().toISOString();
  const found = await store.db
    .selectFrom('vault_grant as g')
    .innerJoin('vault_principal as p', 'p.id', 'g.principal')
    .select(['p.id', 'p.name as subject', 'g.owner', 'g.environment', 'g.name'])
    .where('g.id', '=', id)
    .where('g.revoked_at', 'is', null)
    // An emergency's ends with it (emergency.ts).
    .where('g.emergency', 'is', null)
    .executeTakeFirst();
  const scope = found && ({ owner: found.owner, environment: found.environment, name: found.name } as Scope);
  if (!scope || !administers(await heldBy(store.db, caller.principal.id), scope, now)) {
    throw new Refusal('GRANT_UNKNOWN', { grant: id });
  }
  // Else a vault could be left that nobody administers.
  if (found.id === caller.principal.id) throw new Refusal('PRINCIPAL_ONESELF');
  const row = vaultRow('vault.revoke', { grant: id, subject: found.subject, ...byOf(caller) }, { principal: found.id });
  await record(ledger, [row], async (db) => {
    await db
      .updateTable('vault_grant')
      .set({ revoked_at: now })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .execute();
  });
}

/** The grants that stand in scopes which the caller administers, and the caller's own. */
export async function listGrants(parts: VaultParts, caller: Caller): Promise<GrantView[]> {
  const { db } = parts.store;
  const now = parts.clock().toISOString();
  const held = await heldBy(db, caller.principal.id);
  const rows = await db
    .selectFrom('vault_grant as g')
    .innerJoin('vault_principal as p', 'p.id', 'g.principal')
    .selectAll('g')
    .select('p.name as subject')
    .where('g.revoked_at', 'is', null)
    .where('g.emergency', 'is', null)
    .orderBy('g.created_at')
    .orderBy('g.id')
    .execute();
  return rows
    .map((row) => ({ row, held: heldOf(row) }))
    .filter(({ row, held: { scope } }) => row.principal === caller.principal.id || administers(held, scope, now))
    .map(({ row, held: { scope, rights, expiresAt } }) => ({
      ...{ id: row.id, principal: row.subject, scope, rights, expiresAt },
      ...{ grantedBy: row.granted_by, createdAt: row.created_at },
    }));
}
