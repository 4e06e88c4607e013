import { sql } from 'kysely';
import type { VaultPolicy } from '../contract/vault.ts';
import { change, rowsOf, statement } from '../store/statement.ts';
import type { Db } from './parts.ts';

/**
 * What a principal did at one secret, or at all together: how often in this minute and this hour, and how often in vain. It stands in the store, so that
 * neither a limit nor a lock is forgotten when the holder starts again.
 */

/** In the place of a secret: all of them together. */
const ALL = '';

export type Uses = {
  reads: number;
  hourly: number;
  failures: number;
  failingSince: string | null;
  lockedAt: string | null;
  total: number;
};

const minuteOf = (now: Date) => Math.floor(now.getTime() / 60_000);
const hourOf = (now: Date) => Math.floor(now.getTime() / 3_600_000);

const USES = statement((db, values: { principal: string; secret: string }) =>
  db
    .selectFrom('vault_use')
    .selectAll()
    .where('principal', '=', values.principal)
    .where('secret', 'in', [values.secret, ALL]),
);

/** `secret`: how a principal names it, which is there for one that does not exist as well. */
export async function usesOf(db: Db, principal: string, secret: string, now: Date): Promise<{ here: Uses; all: Uses }> {
  const rows = await rowsOf(db, USES, { principal, secret });
  const [minute, hour] = [minuteOf(now), hourOf(now)];
  const uses = (place: string): Uses => {
    const row = rows.find((one) => one.secret === place);
    return {
      reads: row?.minute === minute ? row.reads : 0,
      hourly: row?.hour === hour ? row.hourly : 0,
      failures: row?.failures ?? 0,
      failingSince: row?.failing_since ?? null,
      lockedAt: row?.locked_at ?? null,
      total: row?.total ?? 0,
    };
  };
  return { here: uses(secret), all: uses(ALL) };
}

const COUNT_READ = statement(
  (
    db,
    { principal, secret, minute, hour }: Record<'principal' | 'secret', string> & Record<'minute' | 'hour', number>,
  ) => {
    const fresh = {
      ...{ principal, minute, reads: 1, hour, hourly: 1 },
      ...{ failures: 0, failing_since: null, locked_at: null, total: 1 },
    };
    return db
      .insertInto('vault_use')
      .values([
        { ...fresh, secret },
        { ...fresh, secret: ALL },
      ])
      .onConflict((conflict) =>
        conflict.columns(['principal', 'secret']).doUpdateSet({
          reads: sql<number>`CASE WHEN vault_use.minute = ${minute} THEN vault_use.reads + 1 ELSE 1 END`,
          minute,
          hourly: sql<number>`CASE WHEN vault_use.hour = ${hour} THEN vault_use.hourly + 1 ELSE 1 END`,
          hour,
          total: sql<number>`vault_use.total + 1`,
        }),
      );
  },
);

/** Counts one read, at the secret and at all together. In the transaction of the row that says so. */
export async function countRead(db: Db, principal: string, secret: string, now: Date): Promise<void> {
  await change(db, COUNT_READ, { principal, secret, minute: minuteOf(now), hour: hourOf(now) });
}

/** How many failures there are with one more; those of before the lockout's minutes are forgotten. */
export function failuresWith({ failures, failingSince }: Uses, policy: VaultPolicy, now: Date): number {
  const age = failingSince === null ? Infinity : now.getTime() - new Date(failingSince).getTime();
  return age < policy.lockout.minutes * 60_000 ? failures + 1 : 1;
}

/** Counts one failure, and locks at the threshold. In the transaction of the row that says so. */
export async function countFailure(
  db: Db,
  { principal, secret, policy, now }: { principal: string; secret: string; policy: VaultPolicy; now: Date },
): Promise<void> {
  const at = now.toISOString();
  const from = new Date(now.getTime() - policy.lockout.minutes * 60_000).toISOString();
  const counts = { minute: 0, reads: 0, hour: 0, hourly: 0, total: 0 };
  const failures = sql<number>`CASE WHEN vault_use.failing_since > ${from} THEN vault_use.failures + 1 ELSE 1 END`;
  await db
    .insertInto('vault_use')
    .values({
      ...{ principal, secret, ...counts, failures: 1, failing_since: at },
      locked_at: policy.lockout.failures <= 1 ? at : null,
    })
    .onConflict((conflict) =>
      conflict.columns(['principal', 'secret']).doUpdateSet({
        failures,
        failing_since: sql<string>`CASE WHEN vault_use.failing_since > ${from} THEN vault_use.failing_since ELSE ${at} END`,
        locked_at: sql<string | null>`CASE WHEN vault_use.locked_at IS NOT NULL THEN vault_use.locked_at
          WHEN (${failures}) >= ${policy.lockout.failures} THEN ${at} ELSE NULL END`,
      }),
    )
    .execute();
}

/** A success: failures begin anew. A lock stays. */
export async function forgetFailures(db: Db, principal: string, secret: string): Promise<void> {
  await db
    .updateTable('vault_use')
    .set({ failures: 0, failing_since: null })
    .where('principal', '=', principal)
    .where('secret', '=', secret)
    .where('failures', '>', 0)
    .execute();
}

/** Takes every lock of a principal off. */
export async function unlock(db: Db, principal: string): Promise<void> {
  await db
    .updateTable('vault_use')
    .set({ locked_at: null, failures: 0, failing_since: null })
    .where('principal', '=', principal)
    .execute();
}
