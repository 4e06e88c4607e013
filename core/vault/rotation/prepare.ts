import type { KmsProvider } from '../../kms/provider.ts';
import type { VaultKeyTable } from '../../store/schema.ts';
import { record } from '../parts.ts';
import { type Vault, checkOf, sealCheck } from '../vault.ts';
import type { NextKeys } from './next-key.ts';
import { FROM_THE_START, type Rotation, changeRotation, eventRow, keyRow } from './rotation.ts';
import { countUnder } from './versions.ts';

/**
 * Phase 1: the new KEK is made where it was planned, tried, and durable beside the old one. From then on each data key is made under both. Interrupted, it is done again from the beginning:
 * nothing depends on a key that the store does not name. The caller wipes `secret`.
 */
export async function prepare(
  { store, ledger, kms, clock, mode }: Vault['parts'],
  rotation: Rotation,
  keys: NextKeys,
  secret: Uint8Array | null,
): Promise<void> {
  const made = await keys.make(rotation.place ?? '', secret);
  try {
    const check = await sealCheck(made.kms);
    const key: VaultKeyTable = {
      ...{ id: made.kms.keyId, provider: made.kms.name, place: made.place, mode, state: 'next' },
      ...{ check_value: check, created_at: clock().toISOString() },
    };
    await checkOf(key, made.kms);
    await recordNext(key);
  } catch (error) {
    await made.kms.close();
    throw error;
  }
  kms.add(made.kms satisfies KmsProvider);

  async function recordNext(key: VaultKeyTable): Promise<void> {
    const backup = made.backup && JSON.stringify(made.backup);
    const changes = { phase: 're-encryption' as const, new_key: key.id, place: made.place, backup, ...FROM_THE_START };
    const total = await countUnder(store.db, rotation.old_key);
    const prepared = { ...rotation, ...changes };
    await record(ledger, [keyRow(key, 'next'), eventRow(prepared, 'prepared', { versions: total })], async (db) => {
      await db.insertInto('vault_key').values(key).execute();
      await changeRotation(db, rotation.id, { ...changes, total });
    });
  }
}
