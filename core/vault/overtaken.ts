import { PostgresAdapter } from 'kysely';
import pRetry from 'p-retry';
import { Refusal } from '../contract/errors.ts';
import type { Db } from './parts.ts';

/** Where several nodes share a store: what was read before a transaction may be another's by the time it begins. */

/** How often, and how soon (milliseconds): whoever was first has written, so each time somebody gets on. */
const AGAIN = { retries: 20, minTimeout: 5, maxTimeout: 250, randomize: true };

export function overtaken(what: string): Refusal {
  return new Refusal('STORE_OVERTAKEN', { path: what, detail: 'changed' });
}

export function isOvertaken(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'STORE_OVERTAKEN';
}

/** Does some work again, from what is there now, when another node was first. */
export function untilFirst<T>(work: () => Promise<T>): Promise<T> {
  return pRetry(work, { ...AGAIN, shouldRetry: ({ error }) => isOvertaken(error) });
}

/** A version that is not under the KEK which is active now would be lost with the one before it. ROTATION_KEY_AWAY. */
export async function refuseOldKey(db: Db, keyIds: string[]): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  const active = await db.selectFrom('vault_key').select('id').where('state', '=', 'active').executeTakeFirst();
  if (active && !keyIds.includes(active.id)) throw new Refusal('ROTATION_KEY_AWAY', { key: active.id });
}
