import type { RotationView } from '../../contract/vault-rotation.ts';
import type { VaultKeyTable, VaultRotationTable } from '../../store/schema.ts';
import type { VaultBody } from '../kinds.ts';
import { type Db, type VaultRow, vaultRow } from '../parts.ts';
import { kekBackupSchema } from './next-key.ts';

/** A rotation as the store has it: everything that goes on after a crash stands in this row. */

export type Rotation = VaultRotationTable;
type Event = VaultBody<'vault.rotation'>['event'];
/** Who commands; the vault itself where policy does. */
export type By = { principal: string; address: string; agent: string };

export function openRotation(db: Db): Promise<Rotation | undefined> {
  return db.selectFrom('vault_rotation').selectAll().where('finished_at', 'is', null).executeTakeFirst();
}

/** The one under way, else the newest. */
export function shownRotation(db: Db): Promise<Rotation | undefined> {
  return db
    .selectFrom('vault_rotation')
    .selectAll()
    .orderBy((order) => order.case().when('finished_at', 'is', null).then(0).else(1).end())
    .orderBy('started_at', 'desc')
    .executeTakeFirst();
}

export async function changeRotation(db: Db, id: string, changes: Partial<Rotation>): Promise<void> {
  await db.updateTable('vault_rotation').set(changes).where('id', '=', id).execute();
}

/** A phase begins at the first version. */
export const FROM_THE_START = { after_secret: '', after_version: 0, done: 0 } as const;

export function eventRow(
  rotation: Rotation,
  event: Event,
  said: { by?: By; versions?: number; detail?: string; to?: string } = {},
): VaultRow {
  const { id, what, old_key: from, new_key, backup, done } = rotation;
  return vaultRow('vault.rotation', {
    ...{ rotation: id, what, event, from, to: said.to ?? new_key, versions: said.versions ?? done },
    ...{ detail: said.detail ?? null, backup: event === 'prepared' ? backupOf(backup) : null },
    ...(said.by ?? byOfRotation(rotation)),
  });
}

/** What the phases do by themselves is done for whoever commanded last. */
function byOfRotation({ started_by }: Rotation): By {
  return JSON.parse(started_by) as By;
}

export function backupOf(text: string | null) {
  return text === null ? null : kekBackupSchema.parse(JSON.parse(text));
}

/** What becomes of a KEK. */
export function keyRow(
  { id, provider }: Pick<VaultKeyTable, 'id' | 'provider'>,
  state: VaultKeyTable['state'],
): VaultRow {
  return vaultRow('vault.key', { key: id, provider, state });
}

export async function keyOf(db: Db, id: string): Promise<VaultKeyTable> {
  return db.selectFrom('vault_key').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** Versions done a second, since when. */
export type Pace = { phase: string; since: number; from: number };

export function viewOf(
  rotation: Rotation,
  { running, pace, now }: { running: boolean; pace: Pace | null; now: number },
): RotationView {
  const { done, total, phase } = rotation;
  const seconds = pace && pace.phase === phase && running ? (now - pace.since) / 1000 : 0;
  const rate = pace && seconds > 0 && done > pace.from ? (done - pace.from) / seconds : null;
  const backup = backupOf(rotation.backup);
  return {
    ...{ id: rotation.id, what: rotation.what, phase, from: rotation.old_key, to: rotation.new_key, done, total },
    ...{ running, paused: rotation.paused !== 0, stopped: rotation.stopped },
    perSecond: rate === null ? null : Math.round(rate),
    secondsLeft: rate === null ? null : Math.ceil(Math.max(total - done, 0) / rate),
    ...{ graceUntil: rotation.grace_until, startedAt: rotation.started_at, finishedAt: rotation.finished_at },
    startedBy: byOfRotation(rotation).principal,
    backup: backup && { file: backup.file, sha256: backup.sha256, masterKey: backup.masterKey },
  };
}
