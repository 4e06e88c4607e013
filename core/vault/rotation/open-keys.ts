import { Refusal } from '../../contract/errors.ts';
import { type Vault, activeKey } from '../vault.ts';
import type { NextKeys } from './next-key.ts';
import { type Rotation, keyOf, openRotation } from './rotation.ts';

/** The keys that are to be open now, where another node may have made, turned to or given up one. What does not open without `secret` opens when this vault is unlocked again. */
export async function followKeys(
  { store, kms }: Vault['parts'],
  keys: NextKeys,
  secret: Uint8Array | null,
): Promise<void> {
  const [rotation, active] = [await openRotation(store.db), await activeKey(store.db)];
  if (!active) return;
  const open = async (id: string) => {
    if (!kms.key(id)) kms.add(await keys.open(await keyOf(store.db, id), secret));
  };
  try {
    await open(active.id);
    if (rotation) await openOther({ store, kms }, keys, rotation, secret);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  if (!kms.key(active.id)) return;
  if (kms.keyId !== active.id) kms.turnTo(active.id);
  const other = rotation ? otherKey(rotation) : null;
  for (const id of kms.keyIds) if (id !== active.id && id !== other) await kms.drop(id);
}

/** The key beside the active one, where it is not open yet. What opening it refuses. */
export async function openOther(
  { store, kms }: Pick<Vault['parts'], 'store' | 'kms'>,
  keys: NextKeys,
  rotation: Rotation,
  secret: Uint8Array | null,
): Promise<void> {
  const other = otherKey(rotation);
  if (other === null || kms.key(other)) return;
  const opened = await keys.open(await keyOf(store.db, other), secret);
  kms.add(opened);
}

/** Beside the active key, while a rotation is where it is. */
function otherKey({ what, phase, old_key, new_key }: Rotation): string | null {
  if (what === 'dek' || !['re-encryption', 'verification', 'grace'].includes(phase)) return null;
  return phase === 'grace' ? old_key : new_key;
}
