import { Refusal } from '../contract/errors.ts';
import type { SecretIdentity } from '../contract/vault.ts';
import type { RenewalOutcome, RenewalView } from '../contract/vault-renewal.ts';
import { type News, sendNews } from '../rotators/news.ts';
import type { VaultRenewalTable, VaultSecretTable } from '../store/schema.ts';
import { holds } from './access.ts';
import { heldBy } from './grants.ts';
import { type Caller, type VaultRow, record, vaultRow } from './parts.ts';
import type { Renewals } from './renewal.ts';
import { findDue, findNewest, parsePlan, viewOf } from './renewal-rows.ts';
import { OWN, findSecret, identityOf, placeOf } from './rows.ts';
import type { Vault } from './vault.ts';

/** What failed is not tried again by itself before (milliseconds). */
const SPARED_MS = 60 * 60_000;
const AT_ONCE = 1000;
/** How rows name what the vault does of its own accord. */
const ITSELF = { principal: OWN, address: 'holder', agent: 'rotation' };

type Parts = { vault: Vault; renewals: Renewals; programs: string };

/**
 * Rotates what is due and has a plan, and ends what was interrupted, of what the caller may rotate: one after another, and the failure of one is no other's. `sparing`: not what has failed
 * within the hour.
 */
export async function rotateDue(
  { vault, renewals }: Parts,
  caller: Caller,
  { limit, dryRun, sparing = false }: { limit: number; dryRun: boolean; sparing?: boolean },
): Promise<RenewalOutcome[]> {
  const { store, clock } = vault.parts;
  const now = clock();
  const { policy } = await vault.policies.present();
  const planned = Object.entries(policy.categories).filter(([, { plan }]) => plan !== null);
  const categories = planned.map(([name]) => name);
  const held = await heldBy(store.db, caller.principal.id);
  const outcomes: RenewalOutcome[] = [];
  for (const secret of await findDue(store.db, { now: now.toISOString(), categories, limit: AT_ONCE })) {
    if (outcomes.length === limit) break;
    if (!holds(held, 'ROTATE', secret, now.toISOString())) continue;
    if (sparing && (await hasJustFailed(vault, secret, now))) continue;
    const outcome: RenewalOutcome = { secret, renewal: null, foreseen: null, code: null };
    try {
      if (dryRun) outcome.foreseen = await renewals.foresee(caller, { identity: secret });
      else outcome.renewal = await renewals.rotate(caller, { identity: secret });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      outcome.code = error.code;
    }
    outcomes.push(outcome);
  }
  return outcomes;
}

async function hasJustFailed({ parts: { store } }: Vault, secret: SecretIdentity, now: Date): Promise<boolean> {
  const found = await findSecret(store.db, secret);
  const newest = found && (await findNewest(store.db, found.id));
  if (newest?.state !== 'rolled-back' && newest?.state !== 'rolling-back') return false;
  return new Date(newest.updated_at).getTime() + SPARED_MS > now.getTime();
}

/** Tells, outside, of rotations that nobody has been told of yet: after a crash a second time, rather than never. Answers the one that is asked for. */
export async function tellRenewals(
  { vault, programs }: Parts,
  asked: RenewalView | null = null,
): Promise<RenewalView | null> {
  const { db } = vault.parts.store;
  let rows = db.selectFrom('vault_renewal').selectAll().where('told', '=', 'due').orderBy('updated_at');
  if (asked) rows = rows.where('id', '=', asked.id);
  let view = asked;
  for (const row of await rows.execute()) {
    const secret = await db.selectFrom('vault_secret').selectAll().where('id', '=', row.secret).executeTakeFirst();
    if (secret) view = viewOf(await tellOne(vault, row, secret, programs), identityOf(secret));
  }
  return view;
}

async function tellOne(
  vault: Vault,
  row: VaultRenewalTable,
  secret: VaultSecretTable,
  programs: string,
): Promise<VaultRenewalTable> {
  const { after, rotator } = parsePlan(row.plan);
  const identity = identityOf(secret);
  const place = placeOf(identity);
  const news: News = { event: 'rotated', rotation: row.id, secret: place, version: row.version, at: row.updated_at };
  let failed: string | null = null;
  try {
    if (after) await sendNews(after, news, programs);
  } catch (error) {
    // Where it goes and what was answered there is not for the ledger.
    failed = error instanceof Refusal ? error.code : 'nobody took it';
  }
  const told = failed === null ? 'done' : 'failed';
  const rows = [
    vaultRow(
      'vault.renewal',
      {
        ...{ rotation: row.id, ...identity, secret: secret.id, step: 'told', version: row.version },
        ...{ rotator: rotator.name, detail: failed, ...ITSELF },
      },
      { secret: secret.id },
    ),
    ...(failed === null ? [] : [alertRow('hook', secret)]),
  ];
  await record(vault.parts.ledger, rows, async (db) => {
    await db.updateTable('vault_renewal').set({ told }).where('id', '=', row.id).execute();
  });
  return { ...row, told };
}

/** What a holder does by itself, again and again: as the principal of the policy it rotates what is due; it tells what is to be told; it raises an alert of what is overdue, once a due date. */
export async function lookAfterRenewals(parts: Parts): Promise<void> {
  const caller = await automaticCaller(parts.vault);
  if (caller) await rotateDue(parts, caller, { limit: AT_ONCE, dryRun: false, sparing: true });
  await tellRenewals(parts);
  await alertOverdue(parts.vault);
}

async function automaticCaller({ parts: { store }, policies }: Vault): Promise<Caller | null> {
  const name = (await policies.present()).policy.rotation.principal;
  if (name === null) return null;
  const found = await store.db
    .selectFrom('vault_principal')
    .selectAll()
    .where('name', '=', name)
    .where('kind', '=', 'service')
    .where('disabled', '=', 0)
    .executeTakeFirst();
  if (!found) return null;
  const { id, kind, system } = found;
  const { address, agent } = ITSELF;
  return { principal: { id, name, kind, system: system !== 0 }, address, agent };
}

async function alertOverdue({ parts: { store, ledger, clock } }: Vault): Promise<void> {
  const overdue = await store.db
    .selectFrom('vault_secret as s')
    .selectAll('s')
    .where('s.rotation_due', '<=', clock().toISOString())
    .where('s.owner', '!=', OWN)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('vault_due_told as t')
            .select('t.secret')
            .whereRef('t.secret', '=', 's.id')
            .whereRef('t.due', '=', 's.rotation_due'),
        ),
      ),
    )
    .limit(AT_ONCE)
    .execute();
  if (overdue.length === 0) return;
  const rows = overdue.map((secret) => alertRow('overdue', secret));
  await record(ledger, rows, async (db) => {
    for (const { id, rotation_due: due } of overdue) {
      await db
        .insertInto('vault_due_told')
        .values({ secret: id, due: due ?? '' })
        .onConflict((conflict) => conflict.column('secret').doUpdateSet({ due: due ?? '' }))
        .execute();
    }
  });
}

function alertRow(alert: 'overdue' | 'hook', secret: VaultSecretTable): VaultRow {
  return vaultRow(
    'vault.alert',
    { alert, ...identityOf(secret), secret: secret.id, count: 1, ...ITSELF },
    { secret: secret.id },
  );
}
