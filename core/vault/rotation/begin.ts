import { Refusal } from '../../contract/errors.ts';
import { newRoot } from '../data-root.ts';
import { type VaultParts, record } from '../parts.ts';
import { type By, FROM_THE_START, type Rotation, eventRow, openRotation } from './rotation.ts';
import { countUnder } from './versions.ts';

/** A rotation has begun, as far as the store goes: phase 1 makes its key. ROTATION_RUNNING. */
export async function beginRotation(
  parts: VaultParts,
  by: By,
  wanted: Pick<Rotation, 'id' | 'what' | 'phase' | 'place' | 'grace_hours'>,
): Promise<Rotation> {
  const { keyId } = parts.kms;
  const rotation: Rotation = {
    ...wanted,
    ...{ old_key: keyId, new_key: wanted.what === 'dek' ? keyId : null, ...FROM_THE_START },
    ...{ total: await countUnder(parts.store.db, keyId), paused: 0, stopped: null, grace_until: null, backup: null },
    ...{ started_by: JSON.stringify(by), started_at: parts.clock().toISOString(), finished_at: null },
  };
  // What is outside goes under a new key with the data keys.
  const root = wanted.what === 'dek' ? await newRoot(parts) : null;
  const rows = [eventRow(rotation, 'started', { versions: rotation.total }), ...(root ? [root.row] : [])];
  await record(parts.ledger, rows, async (db) => {
    // Of two at the same time one is late.
    if (await openRotation(db)) throw new Refusal('ROTATION_RUNNING');
    await db.insertInto('vault_rotation').values(rotation).execute();
    await root?.write(db);
  });
  return rotation;
}
