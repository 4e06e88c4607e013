import { Refusal } from '../../contract/errors.ts';
import type { KmsProvider } from '../../kms/provider.ts';
import { type VaultRow, record } from '../parts.ts';
import type { Vault } from '../vault.ts';
import type { NextKeys } from './next-key.ts';
import { renewNext } from './renew.ts';
import { type Batch, eraseNext, proveNext, rewrapNext } from './rewrap.ts';
import { FROM_THE_START, type Rotation, changeRotation, eventRow, keyOf, keyRow } from './rotation.ts';
import { activate } from './turns.ts';
import { countUnder, damageRow, someLack } from './versions.ts';

type Parts = Vault['parts'];

/** One batch, or the step from one phase to the next. Each is durable by itself. ROTATION_DAMAGED, ROTATION_KEY_AWAY, and what a token refuses. */
export async function advance(parts: Parts, rotation: Rotation, keys: NextKeys): Promise<void> {
  if (rotation.what === 'dek') return renewal(parts, rotation);
  if (rotation.phase === 're-encryption') return reEncryption(parts, rotation);
  if (rotation.phase === 'verification') return verification(parts, rotation);
  if (rotation.phase === 'clean-up') return destruction(parts, rotation, keys, rotation.old_key);
  if (rotation.phase === 'roll-back') return destruction(parts, rotation, keys, rotation.new_key);
}

/** Phase 2. */
async function reEncryption(parts: Parts, rotation: Rotation): Promise<void> {
  const { old_key, new_key } = rotation;
  if (new_key === null) throw new Error('a rotation without its new key');
  const [from, to] = [keyIn(parts, old_key), keyIn(parts, new_key)];
  const { last, damaged } = await rewrapNext(parts, { ...rotation, new_key }, { from, to });
  await refuseDamage(parts, rotation, damaged);
  if (last) return;
  // What a holder stored that had not opened the new key lies before the place where this one is.
  if (await someLack(parts.store.db, old_key, new_key)) {
    return changeRotation(parts.store.db, rotation.id, { after_secret: '', after_version: 0 });
  }
  await next(parts, rotation, 're-encrypted', {
    phase: 'verification',
    total: await countUnder(parts.store.db, new_key),
  });
}

/** Phase 3, and 4 when every one has opened. */
async function verification(parts: Parts, rotation: Rotation): Promise<void> {
  const batch = await proveNext(parts, rotation, keyIn(parts, rotation.new_key));
  await refuseDamage(parts, rotation, batch.damaged);
  if (batch.last) return;
  await record(parts.ledger, [eventRow(rotation, 'verified')]);
  if (!(await activate(parts, rotation)))
    await changeRotation(parts.store.db, rotation.id, { phase: 're-encryption', ...FROM_THE_START });
}

/** Phase 5, and the way back: what is under that key goes, and then the key. */
async function destruction(parts: Parts, rotation: Rotation, keys: NextKeys, victim: string | null): Promise<void> {
  const { store, ledger, clock } = parts;
  if (victim !== null && (await eraseNext(parts, rotation, victim)).last) return;
  const key = victim === null ? null : await keyOf(store.db, victim);
  const back = rotation.phase === 'roll-back';
  await keys.destroy(key?.place ?? rotation.place ?? '');
  const rows = [eventRow(rotation, back ? 'rolled-back' : 'finished'), ...(key ? [keyRow(key, 'destroyed')] : [])];
  await record(ledger, rows, async (db) => {
    if (key) await db.updateTable('vault_key').set({ state: 'destroyed' }).where('id', '=', key.id).execute();
    await changeRotation(db, rotation.id, {
      phase: back ? 'rolled-back' : 'finished',
      finished_at: clock().toISOString(),
    });
  });
  await store.flush();
}

async function renewal(parts: Parts, rotation: Rotation): Promise<void> {
  const { last, damaged } = await renewNext(parts, rotation);
  if (damaged.length > 0) await record(parts.ledger, damageRows(rotation, damaged));
  if (last) return;
  await next(parts, rotation, 'finished', {
    phase: 'finished',
    finished_at: parts.clock().toISOString(),
    done: rotation.done,
  });
  await parts.store.flush();
}

async function next(
  parts: Parts,
  rotation: Rotation,
  event: 're-encrypted' | 'finished',
  changes: Partial<Rotation>,
): Promise<void> {
  await record(parts.ledger, [eventRow(rotation, event)], (db) =>
    changeRotation(db, rotation.id, { ...FROM_THE_START, ...changes }),
  );
}

/** What does not open under either key stops the rotation before anything is given up for it. */
async function refuseDamage(parts: Parts, rotation: Rotation, damaged: Batch['damaged']): Promise<void> {
  if (damaged.length === 0) return;
  await record(parts.ledger, damageRows(rotation, damaged));
  const [first] = damaged;
  const secret = first ? `${first.owner}/${first.environment}/${first.name}` : '';
  // Once it is mended or erased, everything is looked at again.
  await changeRotation(parts.store.db, rotation.id, { after_secret: '', after_version: 0, done: 0 });
  throw new Refusal('ROTATION_DAMAGED', { secret, count: damaged.length });
}

function damageRows(rotation: Rotation, damaged: Batch['damaged']): VaultRow[] {
  const by = JSON.parse(rotation.started_by) as Parameters<typeof damageRow>[1];
  return damaged.map((version) => damageRow(version, by));
}

function keyIn({ kms }: Parts, id: string | null): KmsProvider {
  const key = id === null ? null : kms.key(id);
  if (!key) throw new Refusal('ROTATION_KEY_AWAY', { key: id ?? '' });
  return key;
}
