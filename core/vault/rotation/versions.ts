import { sql } from 'kysely';
import type { SecretIdentity } from '../../contract/vault.ts';
import type { EncryptionContext } from '../../kms/provider.ts';
import { contextOf } from '../envelope.ts';
import { type Db, type VaultRow, vaultRow } from '../parts.ts';
import type { By, Rotation } from './rotation.ts';

/** Versions in the order in which every phase goes over them: a batch at a time, after the last one that was done. */

/** Rows of one transaction: some milliseconds in which no other call is answered. */
export const BATCH = 250;
/** Longer ciphertexts are read one by one (bytes). */
export const LONG = 65_536;

export type Place = { secret: string; version: number };
export type Version = Place & { owner: string; environment: string; name: string; data_key: Uint8Array };

/** The next data keys under the KEK `key`. */
export function nextVersions(db: Db, key: string, { after_secret, after_version }: Rotation, limit = BATCH) {
  return db
    .selectFrom('vault_data_key as d')
    .innerJoin('vault_secret as s', 's.id', 'd.secret')
    .select(['d.secret', 'd.version', 'd.data_key', 's.owner', 's.environment', 's.name'])
    .where('d.key_id', '=', key)
    .where(sql<boolean>`(d.secret, d.version) > (${after_secret}, ${after_version})`)
    .orderBy('d.secret')
    .orderBy('d.version')
    .limit(limit);
}

/** In a query of data keys `d`: that their version has none under `key`. */
export const isNotUnder = (key: string) =>
  sql<boolean>`NOT EXISTS (SELECT 1 FROM vault_data_key o WHERE o.secret = d.secret AND o.version = d.version AND o.key_id = ${key})`;

/** Whether some version has a data key under `key` and none under `other`. */
export async function someLack(db: Db, key: string, other: string): Promise<boolean> {
  const found = await db
    .selectFrom('vault_data_key as d')
    .select('d.secret')
    .where('d.key_id', '=', key)
    .where(isNotUnder(other))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

export async function countUnder(db: Db, key: string): Promise<number> {
  const { count } = await db
    .selectFrom('vault_data_key')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('key_id', '=', key)
    .executeTakeFirstOrThrow();
  return count;
}

export function contextOfVersion({ secret: id, version, owner, environment, name }: Version): EncryptionContext {
  return contextOf({ ...({ owner, environment, name } as SecretIdentity), id }, version);
}

/** What does not open: somebody is to be told which it is. */
export function damageRow({ secret, owner, environment, name, version }: Version, by: By): VaultRow {
  const identity = { owner, environment, name } as SecretIdentity;
  return vaultRow('vault.alert', { alert: 'damaged', ...identity, secret, count: version, ...by }, { secret });
}
