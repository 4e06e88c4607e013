import { sql } from 'kysely';
import type { AlertView, VaultHealth } from '../contract/vault-keeping.ts';
import type { Environment, SecretIdentity } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import { parseCheckpoint } from '../ledger/checkpoint.ts';
import { LEDGER_KINDS } from '../ledger/kinds.ts';
import { holds } from './access.ts';
import { emergencyHealth } from './emergency-state.ts';
import { heldBy } from './grants.ts';
import { VAULT_KINDS } from './kinds.ts';
import type { Caller, Db, VaultParts } from './parts.ts';
import { OWN } from './rows.ts';
import { activeKey, checkKey } from './vault.ts';

/** How long before a rotation is due it is said to be soon. */
const SOON_DAYS = 30;
const NEWEST = 10;

/** Whoever has some grant may see that all is well. Counts and states name nobody. VAULT_REFUSED. */
export async function refuseStrangers({ store, clock }: VaultParts, caller: Caller): Promise<void> {
  const now = clock().toISOString();
  const held = await heldBy(store.db, caller.principal.id);
  if (!held.some(({ expiresAt }) => expiresAt === null || expiresAt > now)) throw new Refusal('VAULT_REFUSED');
}

/** The state of a vault as counts, by indexes and kept counters: it takes as long for a million secrets as for ten. */
export async function stateOf(parts: VaultParts): Promise<Omit<VaultHealth, 'alerts'>> {
  const { store, ledger, clock, cache } = parts;
  const { db } = store;
  const now = clock();
  const soon = new Date(now.getTime() + SOON_DAYS * 86_400_000);
  const counts = await db
    .selectFrom('vault_count')
    .selectAll()
    .where('secrets', '>', 0)
    .orderBy('category')
    .orderBy('environment')
    .execute();
  const due = async (from: Date | null, to: Date) => {
    let query = db
      .selectFrom('vault_secret')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('rotation_due', '<=', to.toISOString());
    if (from) query = query.where('rotation_due', '>', from.toISOString());
    return (await query.executeTakeFirst())?.count ?? 0;
  };
  const locked = await countLocked(db).executeTakeFirst();
  // As the index says it, word for word.
  const open = await db
    .selectFrom('vault_renewal')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(sql<boolean>`state NOT IN ('activated', 'rolled-back')`)
    .executeTakeFirst();
  const { size, root } = await ledger.head();
  return {
    secrets: counts.map(({ category, environment, secrets: count }) => ({
      ...{ category, environment: environment as Environment, count },
    })),
    rotation: { overdue: await due(null, now), soon: await due(now, soon), open: open?.count ?? 0 },
    key: await keyHealth(parts),
    ledger: { size, root: Buffer.from(root).toString('hex'), ...(await keptOf(parts)) },
    locked: locked?.count ?? 0,
    emergency: await emergencyHealth(db, now),
    cache: cache?.health() ?? { classes: [], entries: 0, distributed: 'none' },
  };
}

/** How far the ledger is signed, and how much of it is in segments. */
async function keptOf({ store, ledger }: VaultParts): Promise<{ signed: number; sealed: number }> {
  const [row] = await ledger.read({ kind: 'ledger.checkpoint', limit: 1, inStore: true });
  const checkpoint = row && parseCheckpoint(LEDGER_KINDS['ledger.checkpoint'].parse(row.body).body);
  const segment = await store.db
    .selectFrom('ledger_segment')
    .select(({ fn }) => fn.max('last').as('last'))
    .executeTakeFirst();
  return { signed: checkpoint?.size ?? 0, sealed: segment?.last ?? 0 };
}

/** Principals that are locked somewhere. Of an expression SQLite looks at those that are, and not through all uses in the order of their principals. */
export function countLocked(db: Db) {
  return db
    .selectFrom('vault_use')
    .select(sql<number>`count(DISTINCT principal || '')`.as('count'))
    .where('locked_at', 'is not', null);
}

/** What is wrong with the key is said and not thrown: whoever asks whether all is well gets an answer. */
async function keyHealth({ store, kms }: VaultParts): Promise<VaultHealth['key']> {
  const { ok, detail, provider, keyId } = await kms.healthCheck();
  const state = (await activeKey(store.db))?.state ?? null;
  try {
    if (ok) await checkKey(store, kms);
    return { id: keyId, provider, state, ok, detail };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { id: keyId, provider, state, ok: false, detail: error.code };
  }
}

/** The newest alerts about secrets that the caller administers, the newest first. `before`: older than this row. `inStore`: those in no segment. */
export async function alertsFor(
  { store, ledger, clock }: VaultParts,
  caller: Caller,
  { limit = NEWEST, before, inStore }: { limit?: number; before?: number | undefined; inStore?: boolean } = {},
): Promise<AlertView[]> {
  const now = clock().toISOString();
  const held = await heldBy(store.db, caller.principal.id);
  const found: AlertView[] = [];
  if (!held.some(({ rights }) => rights.includes('ADMIN'))) return found;
  for (let to = before === undefined ? undefined : before - 1; found.length < limit && (to ?? 1) > 0;) {
    const rows = await ledger.read({ kind: 'vault.alert', to, limit, inStore });
    for (const { seq, at, body } of rows.reverse()) {
      const { alert, owner, environment, name, count, principal, address } = VAULT_KINDS['vault.alert'].parse(body);
      const secret: SecretIdentity = { owner, environment, name };
      if (owner === OWN || holds(held, 'ADMIN', secret, now)) {
        found.push({ seq, at, alert, secret, count, principal, address });
      }
    }
    if (rows.length < limit) break;
    to = (rows.at(-1)?.seq ?? 1) - 1;
  }
  return found.slice(0, limit);
}

export async function health(parts: VaultParts, caller: Caller): Promise<VaultHealth> {
  await refuseStrangers(parts, caller);
  return { ...(await stateOf(parts)), alerts: await alertsFor(parts, caller, { inStore: true }) };
}
