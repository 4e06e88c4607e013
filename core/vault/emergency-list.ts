import { Refusal } from '../contract/errors.ts';
import { EVERYTHING, requireAdmin } from './grants.ts';
import { type Caller, type Db, type VaultParts, byOf, record, vaultRow } from './parts.ts';

/** The emergency list: people who may break the glass. It gives nothing by itself. */

export async function isListed(db: Db, principal: string): Promise<boolean> {
  const found = await db
    .selectFrom('vault_emergency_person')
    .select('principal')
    .where('principal', '=', principal)
    .executeTakeFirst();
  return found !== undefined;
}

export async function listedPeople(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('vault_emergency_person as e')
    .innerJoin('vault_principal as p', 'p.id', 'e.principal')
    .select('p.name')
    .orderBy('p.name')
    .execute();
  return rows.map(({ name }) => name);
}

/** Puts somebody else on the list, or takes them off it; an emergency that has begun goes on. VAULT_REFUSED, PRINCIPAL_UNKNOWN, PRINCIPAL_KIND, PRINCIPAL_ONESELF. */
export async function allowEmergency(
  parts: VaultParts,
  caller: Caller,
  { name, allowed }: { name: string; allowed: boolean },
): Promise<void> {
  const { store, ledger, clock } = parts;
  await requireAdmin(parts, caller, EVERYTHING, 'emergency list');
  const person = await store.db
    .selectFrom('vault_principal')
    .select(['id', 'kind'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (!person) throw new Refusal('PRINCIPAL_UNKNOWN', { name });
  if (person.kind !== 'person') throw new Refusal('PRINCIPAL_KIND', { name });
  if (person.id === caller.principal.id) throw new Refusal('PRINCIPAL_ONESELF');
  if ((await isListed(store.db, person.id)) === allowed) return;
  const row = vaultRow('vault.emergency-list', { subject: name, allowed, ...byOf(caller) }, { principal: person.id });
  await record(ledger, [row], async (db) => {
    if (!allowed) {
      await db.deleteFrom('vault_emergency_person').where('principal', '=', person.id).execute();
      return;
    }
    await db
      .insertInto('vault_emergency_person')
      .values({ principal: person.id, added_by: caller.principal.name, added_at: clock().toISOString() })
      .execute();
  });
}
