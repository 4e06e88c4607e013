import { Refusal } from '../../contract/errors.ts';
import { type Db, record } from '../parts.ts';
import type { Vault } from '../vault.ts';
import {
  type By,
  FROM_THE_START,
  type Rotation,
  changeRotation,
  eventRow,
  keyOf,
  keyRow,
  openRotation,
} from './rotation.ts';
import { isOvertaken, overtaken } from '../overtaken.ts';
import { countUnder, someLack } from './versions.ts';

/** Where a rotation turns: each is one transaction, and its row of the ledger is in it. */

const HOUR_MS = 3_600_000;

/** Phase 4: the new KEK is the active one. Answers false where a version is not under it yet, and changes nothing. */
export async function activate({ store, ledger, kms, clock }: Vault['parts'], rotation: Rotation): Promise<boolean> {
  const { id, old_key, new_key } = rotation;
  if (new_key === null) throw new Error('a rotation without its new key');
  const [before, after] = [await keyOf(store.db, old_key), await keyOf(store.db, new_key)];
  const until = new Date(clock().getTime() + rotation.grace_hours * HOUR_MS).toISOString();
  const rows = [eventRow(rotation, 'activated'), keyRow(after, 'active'), keyRow(before, 'retiring')];
  if (await someLack(store.db, old_key, new_key)) return false;
  const turned = record(ledger, rows, async (db) => {
    // A node that has not opened the new key may have stored something since.
    if (store.shared && (await someLack(db, old_key, new_key))) throw overtaken('vault_data_key');
    await db.updateTable('vault_key').set({ state: 'retiring' }).where('id', '=', old_key).execute();
    await db.updateTable('vault_key').set({ state: 'active' }).where('id', '=', new_key).execute();
    await changeRotation(db, id, { phase: 'grace', grace_until: until, ...FROM_THE_START, total: 0 });
  });
  const isActive = await turned.then(
    () => true,
    (error: unknown) => {
      if (!isOvertaken(error)) throw error;
      return false;
    },
  );
  if (isActive) kms.turnTo(new_key);
  return isActive;
}

/** Phase 5 begins: from here there is no way back. */
export async function beginCleanUp({ store, ledger, kms }: Vault['parts'], id: string, by: By): Promise<void> {
  const rotation = await openRotation(store.db);
  if (rotation?.id !== id || rotation.phase !== 'grace') {
    throw new Refusal('ROTATION_NOT_ACTIVE', { phase: rotation?.phase ?? '-' });
  }
  const { old_key } = rotation;
  const total = await countUnder(store.db, old_key);
  await record(ledger, [eventRow(rotation, 'clean-up', { by, versions: total })], async (db) => {
    await refuseMoved(db, rotation);
    await changeRotation(db, id, {
      ...{ phase: 'clean-up', ...FROM_THE_START, total, paused: 0, stopped: null, started_by: JSON.stringify(by) },
    });
  });
  await kms.drop(old_key);
}

/**
 * The way back: the old KEK is the active one, if it was not all the time, and the new one is to go. Every version is under the old one too, whenever it was stored. ROTATION_NO_WAY_BACK,
 * ROTATION_KEY_AWAY.
 */
export async function beginRollBack({ store, ledger, kms }: Vault['parts'], id: string, by: By): Promise<void> {
  const rotation = await openRotation(store.db);
  if (rotation?.id !== id || ['clean-up', 'roll-back'].includes(rotation.phase))
    throw new Refusal('ROTATION_NO_WAY_BACK');
  const { old_key, new_key } = rotation;
  const wasActive = rotation.phase === 'grace' && new_key !== null;
  if (wasActive && (!kms.key(old_key) || (await someLack(store.db, new_key, old_key)))) {
    throw new Refusal('ROTATION_KEY_AWAY', { key: old_key });
  }
  const total = new_key === null ? 0 : await countUnder(store.db, new_key);
  const rows = [eventRow(rotation, 'roll-back', { by, versions: total })];
  if (wasActive) {
    rows.push(keyRow(await keyOf(store.db, old_key), 'active'), keyRow(await keyOf(store.db, new_key), 'retiring'));
  }
  await record(ledger, rows, async (db) => {
    await refuseMoved(db, rotation);
    if (wasActive) {
      await db.updateTable('vault_key').set({ state: 'retiring' }).where('id', '=', new_key).execute();
      await db.updateTable('vault_key').set({ state: 'active' }).where('id', '=', old_key).execute();
    }
    await changeRotation(db, id, {
      ...{ phase: 'roll-back', ...FROM_THE_START, total, paused: 0, stopped: null, grace_until: null },
      started_by: JSON.stringify(by),
    });
  });
  if (wasActive) kms.turnTo(old_key);
  if (new_key !== null) await kms.drop(new_key);
}

/** Another node may have turned it meanwhile. */
async function refuseMoved(db: Db, { id, phase }: Rotation): Promise<void> {
  const present = await openRotation(db);
  if (present?.id !== id || present.phase !== phase)
    throw new Refusal('ROTATION_NOT_ACTIVE', { phase: present?.phase ?? '-' });
}
