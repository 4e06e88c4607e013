import type { EmergencyHealth, EmergencyView } from '../contract/vault-emergency.ts';
import type { Right, Scope } from '../contract/vault.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { VaultEmergencyTable } from '../store/schema.ts';
import type { Db } from './parts.ts';

/** What is known of emergencies. That one is over is seen from the time, whether or not anybody has written it down yet. */

/** The emergency under which a principal acts now, by its id. A clock that was set back to before the ledger's newest row makes none live again. */
export async function liveEmergency(db: Db, principal: string, now: Date): Promise<string | null> {
  const found = await db
    .selectFrom('vault_emergency')
    .select(['id', 'expires_at'])
    .where('principal', '=', principal)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (!found) return null;
  const newest = await db.selectFrom('ledger').select('at').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  const time = [now.toISOString(), newest?.at ?? ''].toSorted().at(-1) ?? '';
  return found.expires_at > time ? found.id : null;
}

/** The one that nobody has reviewed yet, live or over. */
export function unreviewedEmergency(db: Db): Promise<VaultEmergencyTable | undefined> {
  return db.selectFrom('vault_emergency').selectAll().where('unreviewed', '=', 1).executeTakeFirst();
}

export async function emergencyHealth(db: Db, now: Date): Promise<EmergencyHealth> {
  const found = await unreviewedEmergency(db);
  const live = found?.ended_at === null && found.expires_at > now.toISOString();
  return { live: live ? 1 : 0, until: live ? found.expires_at : null, unreviewed: found ? 1 : 0 };
}

/** Rows that are about an emergency, and no use of it. */
const ABOUT = ['vault.emergency', 'vault.notified'];

/** How many rows of whoever broke the glass bear its mark. */
export async function operationsUnder(
  ledger: Ledger,
  { id, opened_row: from }: Pick<VaultEmergencyTable, 'id' | 'opened_row'>,
): Promise<number> {
  const rows = await ledger.read({ from, find: id });
  return rows.filter(({ kind, body }) => !ABOUT.includes(kind) && (body as { emergency?: unknown }).emergency === id)
    .length;
}

/** Of one principal, or of all; the newest first. */
export async function emergencyViews(
  { db, ledger }: { db: Db; ledger: Ledger },
  principal: string | null,
  now: Date,
): Promise<EmergencyView[]> {
  let query = db
    .selectFrom('vault_emergency as e')
    .innerJoin('vault_principal as p', 'p.id', 'e.principal')
    .selectAll('e')
    .select('p.name as subject');
  if (principal !== null) query = query.where('e.principal', '=', principal);
  const found = await query.orderBy('e.opened_row', 'desc').execute();
  const notices = await db.selectFrom('vault_notice').selectAll().orderBy('created_at').orderBy('notifier').execute();
  const at = now.toISOString();
  return Promise.all(
    found.map(async (row) => {
      const over = row.ended_at !== null || row.expires_at <= at;
      const remaining = over ? 0 : Math.ceil((new Date(row.expires_at).getTime() - now.getTime()) / 1000);
      const { reviewed_by: by, reviewed_at: reviewedAt, finding } = row;
      return {
        ...{ id: row.id, principal: row.subject, reason: row.reason },
        scope: { owner: row.owner, environment: row.environment, name: row.name } as Scope,
        rights: JSON.parse(row.rights) as Right[],
        ...{ openedAt: row.opened_at, expiresAt: row.expires_at, remainingSeconds: remaining },
        ...{ endedAt: over ? (row.ended_at ?? row.expires_at) : null, endedBy: row.ended_by },
        ended: row.ended ?? (over ? 'expired' : null),
        operations: await operationsUnder(ledger, row),
        review: by === null || reviewedAt === null ? null : { by, at: reviewedAt, finding: finding ?? '' },
        notices: notices
          .filter(({ emergency }) => emergency === row.id)
          .map(({ notifier, event, state }) => ({ notifier, event, state })),
      };
    }),
  );
}
