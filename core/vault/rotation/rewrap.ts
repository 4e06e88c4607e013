import { sql } from 'kysely';
import type { KmsProvider } from '../../kms/provider.ts';
import { wipe } from '../../process/guarded.ts';
import { isDamage, unseal } from '../envelope.ts';
import type { VaultParts } from '../parts.ts';
import { findVersion } from '../rows.ts';
import { type Rotation, changeRotation } from './rotation.ts';
import { LONG, type Place, type Version, contextOfVersion, isNotUnder, nextVersions } from './versions.ts';

/** What a batch came to. `damaged`: what does not open, whichever KEK is asked. */
export type Batch = { last: Place | null; damaged: Version[] };

/**
 * Wraps the next data keys that lack it under the new KEK, and keeps them beside those under the old one: what was there stays as it is. Durable, with where to go on. A version that was
 * erased meanwhile gets none.
 */
export async function rewrapNext(
  { store }: Pick<VaultParts, 'store'>,
  rotation: Rotation & { new_key: string },
  { from, to }: { from: KmsProvider; to: KmsProvider },
): Promise<Batch> {
  const { old_key, new_key } = rotation;
  const versions = await nextVersions(store.db, old_key, rotation).where(isNotUnder(new_key)).execute();
  const last = versions.at(-1);
  if (!last) return { last: null, damaged: [] };
  const damaged: Version[] = [];
  const wrapped = await allOf(versions, async (version) => {
    const context = contextOfVersion(version);
    const plaintext = await from.decrypt(version.data_key, context).catch((error: unknown) => {
      if (!isDamage(error)) throw error;
      damaged.push(version);
      return null;
    });
    if (!plaintext) return null;
    try {
      return {
        secret: version.secret,
        version: version.version,
        key_id: new_key,
        data_key: await to.encrypt(plaintext, context),
      };
    } finally {
      wipe(plaintext);
    }
  });
  await store.write((db) =>
    db.transaction().execute(async (transaction) => {
      const there = await nextVersions(transaction, old_key, rotation, versions.length)
        .clearSelect()
        .select(['d.secret', 'd.version'])
        .where(isNotUnder(new_key))
        .execute();
      const still = new Set(there.map(placeText));
      const values = wrapped.filter((one) => one !== null).filter((one) => still.has(placeText(one)));
      if (values.length > 0) await transaction.insertInto('vault_data_key').values(values).execute();
      await changeRotation(transaction, rotation.id, {
        ...{ after_secret: last.secret, after_version: last.version, done: rotation.done + values.length },
      });
    }),
  );
  return { last, damaged };
}

/** Opens the next versions under the KEK `by`, down to the value, and forgets them. Durable, where to go on. */
export async function proveNext(
  { store }: Pick<VaultParts, 'store'>,
  rotation: Rotation,
  by: KmsProvider,
): Promise<Batch> {
  const versions = await nextVersions(store.db, by.keyId, rotation)
    .innerJoin('vault_version as v', (join) =>
      join.onRef('v.secret', '=', 'd.secret').onRef('v.version', '=', 'd.version'),
    )
    .select((select) => [
      'v.iv',
      select
        .case()
        .when(select.fn('length', ['v.ciphertext']), '<=', LONG)
        .then(select.ref('v.ciphertext'))
        .end()
        .as('ciphertext'),
    ])
    .execute();
  const last = versions.at(-1);
  if (!last) return { last: null, damaged: [] };
  const damaged: Version[] = [];
  const prove = async (version: Version, iv: Uint8Array, ciphertext: Uint8Array) => {
    const sealed = { dataKey: version.data_key, iv, ciphertext };
    const value = await unseal(by, contextOfVersion(version), sealed).catch((error: unknown) => {
      if (!isDamage(error)) throw error;
      damaged.push(version);
      return null;
    });
    wipe(value);
  };
  await allOf(versions, async (version) => {
    if (version.ciphertext) await prove(version, version.iv, version.ciphertext);
  });
  for (const version of versions.filter(({ ciphertext }) => !ciphertext)) {
    const row = await findVersion(store.db, by.keyId, version.secret, version.version);
    if (row) await prove({ ...version, data_key: row.data_key }, row.iv, row.ciphertext);
  }
  await store.write((db) =>
    changeRotation(db, rotation.id, {
      ...{ after_secret: last.secret, after_version: last.version, done: rotation.done + versions.length },
    }),
  );
  return { last, damaged };
}

/** Erases the next data keys under the KEK `key`. Durable, with where to go on. */
export async function eraseNext({ store }: Pick<VaultParts, 'store'>, rotation: Rotation, key: string): Promise<Batch> {
  const versions = await nextVersions(store.db, key, rotation, 1000).execute();
  const last = versions.at(-1);
  if (!last) return { last: null, damaged: [] };
  await store.write((db) =>
    db.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom('vault_data_key')
        .where('key_id', '=', key)
        .where(sql<boolean>`(secret, version) > (${rotation.after_secret}, ${rotation.after_version})`)
        .where(sql<boolean>`(secret, version) <= (${last.secret}, ${last.version})`)
        .execute();
      await changeRotation(transaction, rotation.id, {
        ...{ after_secret: last.secret, after_version: last.version, done: rotation.done + versions.length },
      });
    }),
  );
  return { last, damaged: [] };
}

const placeText = ({ secret, version }: Place) => `${secret} ${version}`;

/** All at once, so that calls to a token share its messages; every one has ended before the first refusal is thrown. */
async function allOf<T, R>(all: T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const settled = await Promise.allSettled(all.map(work));
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
