import { type RawBuilder, sql } from 'kysely';
import { Refusal } from '../contract/errors.ts';
import type { Category, SecretIdentity } from '../contract/vault.ts';
import type { Tables, VaultSecretTable, VaultVersionTable } from '../store/schema.ts';
import { change, firstOf, rowsOf, statement } from '../store/statement.ts';
import { KeyRing } from '../kms/key-ring.ts';
import type { KmsProvider } from '../kms/provider.ts';
import { wrappedKeyId } from '../kms/wrapped-key.ts';
import { type Sealed, contextOf, unseal } from './envelope.ts';
import { overtaken, refuseOldKey } from './overtaken.ts';
import type { Db, VaultParts } from './parts.ts';

/** The owner of what the vault itself keeps: credentials. No caller can name it (contract: `ownerSchema`). */
export const OWN = '.vault';

/** When a secret was accessed that never was. No null: a row that grows pushes its neighbours to other pages. */
export const NEVER = '0000-00-00T00:00:00.000Z';

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

/** What a version needs to be opened by the KEK `keyId`. */
export type SealedVersion = Pick<VaultVersionTable, 'iv' | 'ciphertext'> & { data_key: Uint8Array };

// A join of the two takes SQLite twice as long.
const BY_VERSION = statement((db, values: { keyId: string; secret: string; version: number }) =>
  db
    .selectFrom('vault_version as v')
    .select((from) => [
      'v.iv',
      'v.ciphertext',
      from
        .selectFrom('vault_data_key as d')
        .select('d.data_key')
        .whereRef('d.secret', '=', 'v.secret')
        .whereRef('d.version', '=', 'v.version')
        .where('d.key_id', '=', values.keyId)
        .as('data_key'),
    ])
    .where('v.secret', '=', values.secret)
    .where('v.version', '=', values.version),
);

export async function findVersion(
  db: Db,
  keyId: string,
  secret: string,
  version: number,
): Promise<SealedVersion | undefined> {
  const found = await firstOf(db, BY_VERSION, { keyId, secret, version });
  return found?.data_key ? { ...found, data_key: found.data_key } : undefined;
}

/** A version as it rests, without its data keys. */
export function findKept(db: Db, secret: string, version: number): Promise<VaultVersionTable | undefined> {
  return db
    .selectFrom('vault_version')
    .selectAll()
    .where('secret', '=', secret)
    .where('version', '=', version)
    .executeTakeFirst();
}

/**
 * The value of a version, in memory that is guarded, which the caller wipes; null where it is not there. SECRET_DAMAGED, and what the KMS refuses. A KEK that went while its row
 * was read has left the row to another one.
 */
export async function openVersion(
  { store, kms }: Pick<VaultParts, 'store' | 'kms'>,
  secret: VaultSecretTable,
  version = secret.version,
): Promise<Uint8Array | null> {
  const context = contextOf({ ...identityOf(secret), id: secret.id }, version);
  for (;;) {
    const { keyId } = kms;
    const row = await findVersion(store.db, keyId, secret.id, version);
    if (!row) {
      if (store.shared) await refuseOldKey(store.db, [keyId]);
      return null;
    }
    try {
      return await unseal(kms, context, { dataKey: row.data_key, iv: row.iv, ciphertext: row.ciphertext });
    } catch (error) {
      if (kms.keyId === keyId) throw error;
    }
  }
}

/** When a secret that has its newest value since `from` is to be rotated: as its category says, or sooner. Null: never. */
export function rotationDueOf(category: Category, days: number | null, from: Date): string | null {
  const shortest = Math.min(category.rotationDays ?? Infinity, days ?? Infinity);
  return shortest === Infinity ? null : new Date(from.getTime() + shortest * 86_400_000).toISOString();
}

const dueFrom =
  (due: (days: number | null) => RawBuilder<string>) => (db: Db, values: { category: string; days: number | null }) =>
    db
      .updateTable('vault_secret')
      .set({
        rotation_due: sql<string | null>`(SELECT ${due(values.days)} FROM vault_version AS v
          WHERE v.secret = vault_secret.id AND v.version = vault_secret.version)`,
      })
      .where('category', '=', values.category);
// Null where neither says a number of days. Both have the same values in the same order.
const RESCHEDULE = statement(
  dueFrom((days) => {
    const shortest = sql`min(coalesce(rotation_days, ${days}), coalesce(${days}, rotation_days))`;
    return sql<string>`strftime('%Y-%m-%dT%H:%M:%fZ', v.created_at, '+' || ${shortest} || ' days')`;
  }),
  dueFrom((days) => {
    const shortest = sql`make_interval(days => least(rotation_days, ${days}::integer, ${days}::integer)::integer)`;
    return sql<string>`to_char((v.created_at::timestamptz AT TIME ZONE 'UTC') + ${shortest}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  }),
);

/** Due dates of a category whose schedule has changed, reckoned from the newest versions. `days`: null for never. */
export async function reschedule(db: Db, category: string, days: number | null): Promise<void> {
  await change(db, RESCHEDULE, { category, days });
}

const ADD_SECRET = statement((db, values: VaultSecretTable) =>
  db.insertInto('vault_secret').values({
    ...{ id: values.id, owner: values.owner, environment: values.environment, name: values.name },
    ...{ category: values.category, description: values.description, version: values.version },
    ...{ created_at: values.created_at, updated_at: values.updated_at, accessed_at: values.accessed_at },
    ...{ rotation_due: values.rotation_due, rotation_days: values.rotation_days },
  }),
);
// The category stays.
const raise = (db: Db, values: VaultSecretTable) =>
  db
    .updateTable('vault_secret')
    .set({
      ...{ version: values.version, description: values.description },
      ...{ updated_at: values.updated_at, rotation_due: values.rotation_due },
      rotation_days: values.rotation_days,
    })
    .where('owner', '=', values.owner)
    .where('environment', '=', values.environment)
    .where('name', '=', values.name)
    .where('id', '=', values.id);
const RAISE_SECRET = statement(raise);
// Of the version before it: another node may have been first.
const NEXT_SECRET = statement((db, values: VaultSecretTable) =>
  raise(db, values).where('version', '=', sql<number>`${values.version} - 1`),
);
const ADD_VERSION = statement((db, values: VaultVersionTable) =>
  db
    .insertInto('vault_version')
    .values({
      ...{ secret: values.secret, version: values.version, algorithm: values.algorithm },
      ...{ iv: values.iv, ciphertext: values.ciphertext },
      ...{ created_at: values.created_at, created_by: values.created_by },
    })
    .onConflict((conflict) => conflict.doNothing()),
);
const ADD_DATA_KEY = statement((db, values: Tables['vault_data_key']) =>
  db.insertInto('vault_data_key').values({
    ...{ secret: values.secret, version: values.version, key_id: values.key_id, data_key: values.data_key },
  }),
);
const DROP_VERSIONS = statement((db, values: { secret: string; to: number }) =>
  db.deleteFrom('vault_version').where('secret', '=', values.secret).where('version', '<=', values.to),
);

/** Puts a version there, of a secret that is new or has the one before it, under each KEK that is open; no more than `keep` stay. RENEWAL_RUNNING. */
export async function insertVersion(
  db: Db,
  kms: KmsProvider,
  secret: VaultSecretTable,
  sealed: Sealed,
  { by, keep }: { by: string; keep: number },
): Promise<void> {
  const changed = await change(db, secret.version === 1 ? ADD_SECRET : NEXT_SECRET, secret);
  if (changed === 0) throw overtaken('vault_secret');
  await insertSealed(db, kms, secret, sealed, by);
  await eraseOlder(db, secret, keep);
}

/** The version of a secret, under each KEK that is open, whether it is the newest yet or not. RENEWAL_RUNNING where one is there: it waits to become the newest. */
export async function insertSealed(
  db: Db,
  kms: KmsProvider,
  secret: VaultSecretTable,
  sealed: Sealed,
  by: string,
): Promise<void> {
  const { id, version, updated_at: at } = secret;
  const { algorithm, iv, ciphertext } = sealed;
  const row = { secret: id, version, algorithm, iv, ciphertext, created_at: at, created_by: by };
  if ((await change(db, ADD_VERSION, row)) === 0) throw new Refusal('RENEWAL_RUNNING');
  await insertDataKeys(db, kms, secret, sealed);
}

/** From here on this version is the newest. */
export async function setNewest(db: Db, secret: VaultSecretTable): Promise<void> {
  await change(db, RAISE_SECRET, secret);
}

export async function eraseOlder(db: Db, { id, version }: VaultSecretTable, keep: number): Promise<void> {
  if (version > keep) await change(db, DROP_VERSIONS, { secret: id, to: version - keep });
}

/** Under the KEKs that are open when it is written, whichever they were when it was sealed. */
export async function insertDataKeys(
  db: Db,
  kms: KmsProvider,
  { id: secret, version, ...identity }: VaultSecretTable,
  { keyId, dataKeys }: Sealed,
): Promise<void> {
  const context = contextOf({ ...(identity as SecretIdentity), id: secret }, version);
  const present = kms instanceof KeyRing ? await kms.broughtUp(dataKeys, context) : dataKeys;
  await refuseOldKey(
    db,
    present.map((wrapped) => wrappedKeyId(wrapped) ?? keyId),
  );
  for (const data_key of present) {
    const key_id = wrappedKeyId(data_key) ?? keyId;
    await change(db, ADD_DATA_KEY, { secret, version, key_id, data_key });
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

const tagsIn = (list: (json: string) => RawBuilder<string>) => (db: Db, values: { secrets: string }) =>
  db.selectFrom('vault_tag').selectAll().where('secret', 'in', list(values.secrets)).orderBy('tag');
const TAGS = statement(
  tagsIn((json) => sql<string>`(SELECT value FROM json_each(${json}))`),
  tagsIn((json) => sql<string>`(SELECT json_array_elements_text(${json}::json))`),
);

export async function tagsOf(db: Db, secrets: string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { secret, tag } of await rowsOf(db, TAGS, { secrets: JSON.stringify(secrets) })) {
    found.set(secret, [...(found.get(secret) ?? []), tag]);
  }
  return found;
}
