import { sql } from 'kysely';
import { Refusal } from '../contract/errors.ts';
import type { Category, SecretIdentity } from '../contract/vault.ts';
import type { VaultSecretTable, VaultVersionTable } from '../store/schema.ts';
import type { Sealed } from './envelope.ts';
import type { Db } from './parts.ts';

/** The owner of what the vault itself keeps: credentials. No caller can name it (contract: `ownerSchema`). */
export const OWN = '.vault';

/** A secret by what its owner calls it. */
export const placeOf = ({ owner, environment, name }: SecretIdentity) => `${owner}/${environment}/${name}`;

export function identityOf({ owner, environment, name }: VaultSecretTable): SecretIdentity {
  return { owner, environment, name } as SecretIdentity;
}

export function findSecret(
  db: Db,
  { owner, environment, name }: SecretIdentity,
): Promise<VaultSecretTable | undefined> {
  return db
    .selectFrom('vault_secret')
    .selectAll()
    .where('owner', '=', owner)
    .where('environment', '=', environment)
    .where('name', '=', name)
    .executeTakeFirst();
}

export function findVersion(db: Db, secret: string, version: number): Promise<VaultVersionTable | undefined> {
  return db
    .selectFrom('vault_version')
    .selectAll()
    .where('secret', '=', secret)
    .where('version', '=', version)
    .executeTakeFirst();
}

export function sealedOf(row: VaultVersionTable): Sealed {
  const { key_id, data_key, iv, ciphertext } = row;
  return { keyId: key_id, algorithm: 'AES-256-GCM', dataKey: data_key, iv, ciphertext };
}

/** When a secret that has its newest value since `from` is to be rotated: as its category says, or sooner. Null: never. */
export function rotationDueOf(category: Category, days: number | null, from: Date): string | null {
  const shortest = Math.min(category.rotationDays ?? Infinity, days ?? Infinity);
  return shortest === Infinity ? null : new Date(from.getTime() + shortest * 86_400_000).toISOString();
}

/** Due dates of a category whose schedule has changed, reckoned from the newest versions. `days`: null for never. */
export async function reschedule(db: Db, category: string, days: number | null): Promise<void> {
  await sql`UPDATE vault_secret SET rotation_due = (
      SELECT strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+' || min(coalesce(rotation_days, ${days}), coalesce(${days}, rotation_days)) || ' days')
      FROM vault_version WHERE secret = vault_secret.id AND version = vault_secret.version)
    WHERE category = ${category}`.execute(db);
}

/** Puts a version there, of a secret that is new or has the one before it; no more than `keep` stay. ROTATION_RUNNING. */
export async function insertVersion(
  db: Db,
  secret: VaultSecretTable,
  sealed: Sealed,
  { by, keep }: { by: string; keep: number },
): Promise<void> {
  if (secret.version === 1) await db.insertInto('vault_secret').values(secret).execute();
  else await setNewest(db, secret);
  await insertSealed(db, secret, sealed, by);
  await eraseOlder(db, secret, keep);
}

/** The version of a secret, whether it is the newest yet or not. ROTATION_RUNNING where one is there: it waits to become the newest. */
export async function insertSealed(
  db: Db,
  { id, version, updated_at: at }: Pick<VaultSecretTable, 'id' | 'version' | 'updated_at'>,
  { keyId, algorithm, dataKey, iv, ciphertext }: Sealed,
  by: string,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('vault_version')
    .values({
      ...{ secret: id, version, key_id: keyId, algorithm, data_key: dataKey, iv, ciphertext },
      ...{ created_at: at, created_by: by },
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) throw new Refusal('ROTATION_RUNNING');
}

/** From here on this version is the newest. */
export async function setNewest(db: Db, secret: VaultSecretTable): Promise<void> {
  const { id, version, category, description, updated_at, rotation_due, rotation_days } = secret;
  await db
    .updateTable('vault_secret')
    .set({ version, category, description, updated_at, rotation_due, rotation_days })
    .where('id', '=', id)
    .execute();
}

export async function eraseOlder(
  db: Db,
  { id, version }: Pick<VaultSecretTable, 'id' | 'version'>,
  keep: number,
): Promise<void> {
  if (version <= keep) return;
  await db
    .deleteFrom('vault_version')
    .where('secret', '=', id)
    .where('version', '<=', version - keep)
    .execute();
}

export async function setTags(db: Db, secret: string, tags: string[]): Promise<void> {
  await db.deleteFrom('vault_tag').where('secret', '=', secret).execute();
  if (tags.length > 0) {
    await db
      .insertInto('vault_tag')
      .values([...new Set(tags)].map((tag) => ({ tag, secret })))
      .execute();
  }
}

export async function tagsOf(db: Db, secrets: string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (secrets.length === 0) return found;
  const rows = await db.selectFrom('vault_tag').selectAll().where('secret', 'in', secrets).orderBy('tag').execute();
  for (const { secret, tag } of rows) found.set(secret, [...(found.get(secret) ?? []), tag]);
  return found;
}
