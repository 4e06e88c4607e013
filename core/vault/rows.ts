import type { SecretIdentity } from '../contract/vault.ts';
import type { VaultSecretTable, VaultVersionTable } from '../store/schema.ts';
import { change, firstOf, rowsOf, statement } from '../store/statement.ts';
import type { Sealed } from './envelope.ts';
import type { Db } from './parts.ts';

/** The owner of what the vault itself keeps: credentials. No caller can name it (contract: `ownerSchema`). */
export const OWN = '.vault';

/** A secret by what its owner calls it. */
export const placeOf = ({ owner, environment, name }: SecretIdentity) => `${owner}/${environment}/${name}`;

export function identityOf({ owner, environment, name }: VaultSecretTable): SecretIdentity {
  return { owner, environment, name } as SecretIdentity;
}

const BY_IDENTITY = statement((db, { owner, environment, name }: SecretIdentity) =>
  db
    .selectFrom('vault_secret')
    .selectAll()
    .where('owner', '=', owner)
    .where('environment', '=', environment)
    .where('name', '=', name),
);

export function findSecret(db: Db, identity: SecretIdentity): Promise<VaultSecretTable | undefined> {
  return firstOf(db, BY_IDENTITY, identity);
}

const BY_VERSION = statement((db, values: { secret: string; version: number }) =>
  db.selectFrom('vault_version').selectAll().where('secret', '=', values.secret).where('version', '=', values.version),
);

export function findVersion(db: Db, secret: string, version: number): Promise<VaultVersionTable | undefined> {
  return firstOf(db, BY_VERSION, { secret, version });
}

export function sealedOf(row: VaultVersionTable): Sealed {
  const { key_id, data_key, iv, ciphertext } = row;
  return { keyId: key_id, algorithm: 'AES-256-GCM', dataKey: data_key, iv, ciphertext };
}

const ADD_SECRET = statement((db, values: VaultSecretTable) =>
  db.insertInto('vault_secret').values({
    ...{ id: values.id, owner: values.owner, environment: values.environment, name: values.name },
    ...{ category: values.category, description: values.description, version: values.version },
    ...{ created_at: values.created_at, updated_at: values.updated_at, accessed_at: values.accessed_at },
    rotation_due: values.rotation_due,
  }),
);
// The category stays.
const RAISE_SECRET = statement((db, values: VaultSecretTable) =>
  db
    .updateTable('vault_secret')
    .set({
      ...{ version: values.version, description: values.description },
      ...{ updated_at: values.updated_at, rotation_due: values.rotation_due },
    })
    .where('id', '=', values.id),
);
const ADD_VERSION = statement((db, values: VaultVersionTable) =>
  db.insertInto('vault_version').values({
    ...{ secret: values.secret, version: values.version, key_id: values.key_id, algorithm: values.algorithm },
    ...{ data_key: values.data_key, iv: values.iv, ciphertext: values.ciphertext },
    ...{ created_at: values.created_at, created_by: values.created_by },
  }),
);
const DROP_VERSIONS = statement((db, values: { secret: string; to: number }) =>
  db.deleteFrom('vault_version').where('secret', '=', values.secret).where('version', '<=', values.to),
);

/** Puts a version there, of a secret that is new or has the one before it; no more than `keep` stay. */
export async function insertVersion(
  db: Db,
  secret: VaultSecretTable,
  sealed: Sealed,
  { by, keep }: { by: string; keep: number },
): Promise<void> {
  const { id, version, updated_at: at } = secret;
  await change(db, version === 1 ? ADD_SECRET : RAISE_SECRET, secret);
  const { keyId, algorithm, dataKey, iv, ciphertext } = sealed;
  await change(db, ADD_VERSION, {
    ...{ secret: id, version, key_id: keyId, algorithm, data_key: dataKey, iv, ciphertext },
    ...{ created_at: at, created_by: by },
  });
  if (version > keep) await change(db, DROP_VERSIONS, { secret: id, to: version - keep });
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

const TAGS = statement((db, values: { secret: string }) =>
  db.selectFrom('vault_tag').selectAll().where('secret', '=', values.secret).orderBy('tag'),
);

export async function tagsOf(db: Db, secrets: string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const secret of secrets) {
    const rows = await rowsOf(db, TAGS, { secret });
    if (rows.length > 0) {
      found.set(
        secret,
        rows.map(({ tag }) => tag),
      );
    }
  }
  return found;
}
