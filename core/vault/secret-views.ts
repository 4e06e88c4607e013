import { sql } from 'kysely';
import type { SecretIdentity, SecretView, VersionView } from '../contract/vault.ts';
import type { VaultSecretTable } from '../store/schema.ts';
import { anyRight } from './access.ts';
import { heldBy } from './grants.ts';
import { type Guard, present } from './guard.ts';
import { type Caller, type Db, type VaultParts, record } from './parts.ts';
import { NEVER, OWN, identityOf, tagsOf } from './rows.ts';

/** Secrets without their values. */

/** At one secret. `request`: what two people have approved. */
export type Look = { identity: SecretIdentity; purpose?: string | undefined; request?: string | undefined };

export type ListFilter = {
  owner?: string | undefined;
  environment?: string | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  /** What is to be rotated by now, alone. */
  due?: boolean | undefined;
  /** The last of the page before. */
  after?: SecretIdentity | undefined;
  limit: number;
};

/** Secrets where the caller has any right, in order of owner, environment and name, without their values. */
export async function listSecrets(
  { store: { db }, clock }: VaultParts,
  caller: Caller,
  filter: ListFilter,
): Promise<{ secrets: SecretView[]; more: boolean }> {
  const now = clock().toISOString();
  const scopes = (await heldBy(db, caller.principal.id, caller.emergency ?? null))
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    .map(({ scope }) => scope);
  if (scopes.length === 0) return { secrets: [], more: false };
  let query = db.selectFrom('vault_secret').selectAll().where('owner', '!=', OWN);
  if (filter.owner !== undefined) query = query.where('owner', '=', filter.owner);
  if (filter.environment !== undefined) query = query.where('environment', '=', filter.environment);
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  const { tag, after } = filter;
  if (filter.due) query = query.where('rotation_due', '<=', now);
  if (tag !== undefined) {
    query = query.where('id', 'in', db.selectFrom('vault_tag').select('secret').where('tag', '=', tag));
  }
  if (after) {
    query = query.where(
      sql<boolean>`(owner, environment, name) > (${after.owner}, ${after.environment}, ${after.name})`,
    );
  }
  query = query.where((where) =>
    where.or(
      scopes.map(({ owner, environment, name }) =>
        where.and([
          ...(owner === '*' ? [] : [where('owner', '=', owner)]),
          ...(environment === '*' ? [] : [where('environment', '=', environment)]),
          ...(!name.endsWith('*')
            ? [where('name', '=', name)]
            : name === '*'
              ? []
              : [where('name', '>=', name.slice(0, -1)), where('name', '<', `${name.slice(0, -1)}\u{10FFFF}`)]),
          where.lit(true),
        ]),
      ),
    ),
  );
  const rows = await query
    .orderBy('owner')
    .orderBy('environment')
    .orderBy('name')
    .limit(filter.limit + 1)
    .execute();
  return { secrets: await viewsOf(db, rows.slice(0, filter.limit)), more: rows.length > filter.limit };
}

/** The versions that are kept, newest first. No value is opened: any right on the secret will do. VAULT_REFUSED. */
export async function listVersions(
  { store: { db }, ledger, kms, clock }: VaultParts,
  guard: Guard,
  caller: Caller,
  { identity, purpose, request }: Look,
): Promise<VersionView[]> {
  const held = await heldBy(db, caller.principal.id, caller.emergency ?? null);
  const right = anyRight(held, identity, clock().toISOString()) ?? 'READ';
  const why = { purpose, request };
  const admission = await guard.admit(caller, { action: 'versions', right, identity, decrypts: false, ...why });
  await record(ledger, admission.rows, admission.also);
  const secret = present(admission);
  const rows = await db
    .selectFrom('vault_version as v')
    .innerJoin('vault_data_key as d', (join) =>
      join.onRef('d.secret', '=', 'v.secret').onRef('d.version', '=', 'v.version'),
    )
    .select(['v.version', 'v.created_at', 'v.created_by', 'v.algorithm', 'd.key_id'])
    .where('v.secret', '=', secret.id)
    // One that waits to become the newest is none yet.
    .where('v.version', '<=', secret.version)
    .where('d.key_id', '=', kms.keyId)
    .orderBy('v.version', 'desc')
    .execute();
  return rows.map(({ version, created_at: createdAt, created_by: createdBy, algorithm, key_id: keyId }) => ({
    ...{ version, createdAt, createdBy, algorithm, keyId },
  }));
}

/** In the order of the rows. */
export async function viewsOf(db: Db, rows: VaultSecretTable[]): Promise<SecretView[]> {
  const tags = await tagsOf(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({
    ...identityOf(row),
    ...{ id: row.id, category: row.category, description: row.description, tags: tags.get(row.id) ?? [] },
    ...{ version: row.version, createdAt: row.created_at, updatedAt: row.updated_at },
    accessedAt: row.accessed_at === NEVER ? null : row.accessed_at,
    rotationDue: row.rotation_due,
  }));
}
