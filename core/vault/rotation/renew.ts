import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../../contract/errors.ts';
import { wipe } from '../../process/guarded.ts';
import type { VaultSecretTable } from '../../store/schema.ts';
import { type Sealed, isDamage, seal, unseal } from '../envelope.ts';
import type { VaultParts } from '../parts.ts';
import { findVersion, insertDataKeys } from '../rows.ts';
import type { Batch } from './rewrap.ts';
import { type Rotation, changeRotation } from './rotation.ts';
import { LONG, type Version, contextOfVersion, nextVersions } from './versions.ts';

/** Values that are open at a time. */
const VALUES = 100;

type Renewed = { version: Version; iv: Uint8Array; sealed: Sealed };

/**
 * Seals the next versions anew, each under a fresh data key that was tried before: the same value, the same version. Durable, with where to go on. What was erased or changed meanwhile stays as
 * it is, and so does what does not open.
 */
export async function renewNext({ store, kms }: Pick<VaultParts, 'store' | 'kms'>, rotation: Rotation): Promise<Batch> {
  const { keyId } = kms;
  const found = await nextVersions(store.db, keyId, rotation, VALUES)
    .innerJoin('vault_version as v', (join) =>
      join.onRef('v.secret', '=', 'd.secret').onRef('v.version', '=', 'd.version'),
    )
    .select((select) => [
      'v.iv',
      select
        .case()
        .when(select.fn<number>('length', ['v.ciphertext']), '<=', LONG)
        .then(select.ref('v.ciphertext'))
        .end()
        .as('ciphertext'),
    ])
    .execute();
  // A long one is done alone.
  const long = found.findIndex(({ ciphertext }) => !ciphertext);
  const versions = long < 0 ? found : found.slice(0, Math.max(long, 1));
  const last = versions.at(-1);
  if (!last) return { last: null, damaged: [] };
  const damaged: Version[] = [];
  const renewed: Renewed[] = [];
  for (const version of versions) {
    const ciphertext =
      version.ciphertext ?? (await findVersion(store.db, keyId, version.secret, version.version))?.ciphertext;
    if (!ciphertext) continue;
    const sealed = await renew(kms, version, { iv: version.iv, ciphertext }).catch((error: unknown) => {
      if (!isDamage(error)) throw error;
      damaged.push(version);
      return null;
    });
    if (sealed) renewed.push({ version, iv: version.iv, sealed });
  }
  await store.write((db) =>
    db.transaction().execute(async (transaction) => {
      for (const { version: wanted, iv, sealed } of renewed) {
        const { secret, version, owner, environment, name } = wanted;
        const { numUpdatedRows } = await transaction
          .updateTable('vault_version')
          .set({ iv: sealed.iv, ciphertext: sealed.ciphertext })
          .where('secret', '=', secret)
          .where('version', '=', version)
          .where('iv', '=', iv)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) continue;
        await transaction
          .deleteFrom('vault_data_key')
          .where('secret', '=', secret)
          .where('version', '=', version)
          .execute();
        const place = { id: secret, version, owner, environment, name } as VaultSecretTable;
        await insertDataKeys(transaction, kms, place, sealed);
      }
      await changeRotation(transaction, rotation.id, {
        ...{ after_secret: last.secret, after_version: last.version, done: rotation.done + versions.length },
      });
    }),
  );
  return { last, damaged };
}

async function renew(
  kms: VaultParts['kms'],
  version: Version,
  { iv, ciphertext }: { iv: Uint8Array; ciphertext: Uint8Array },
): Promise<Sealed> {
  const context = contextOfVersion(version);
  const value = await unseal(kms, context, { dataKey: version.data_key, iv, ciphertext });
  let again: Uint8Array | null = null;
  try {
    const sealed = await seal(kms, context, value);
    again = await unseal(kms, context, { ...sealed, dataKey: sealed.dataKeys[0] ?? new Uint8Array(0) });
    if (again.length !== value.length || !timingSafeEqual(again, value)) throw new Refusal('SECRET_DAMAGED');
    return sealed;
  } finally {
    wipe(value, again);
  }
}
