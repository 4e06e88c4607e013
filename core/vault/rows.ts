import type { SecretIdentity } from '../contract/vault.ts';
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

/** Puts a version there, of a secret that is new or has the one before it; no more than `keep` stay. */
export async function insertVersion(
  db: Db,
  secret: VaultSecretTable,
  sealed: Sealed,
  { by, keep }: { by: string; keep: number },
): Promise<void> {
  const { id, version, updated_at: at } = secret;
  if (version === 1) await db.insertInto('vault_secret').values(secret).execute();
  else {
    const { category, description, rotation_due } = secret;
    await db
      .updateTable('vault_secret')
      .set({ version, category, description, updated_at: at, rotation_due })
      .where('id', '=', id)
      .execute();
  }
  const { keyId, algorithm, dataKey, iv, ciphertext } = sealed;
  await db
    .insertInto('vault_version')
    .values({
      ...{ secret: id, version, key_id: keyId, algorithm, data_key: dataKey, iv, ciphertext },
      ...{ created_at: at, created_by: by },
    })
    .execute();
  if (version > keep) {
    await db
      .deleteFrom('vault_version')
      .where('secret', '=', id)
      .where('version', '<=', version - keep)
      .execute();
  }
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
