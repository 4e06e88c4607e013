import type { RenewalView } from '../contract/vault-renewal.ts';
import { type RotationPlan, type TakenPlan, rotationPlanSchema, takenPlanSchema } from '../contract/rotation-plan.ts';
import type { Category, SecretIdentity } from '../contract/vault.ts';
import type { VaultRenewalTable, VaultSecretTable } from '../store/schema.ts';
import type { Db } from './parts.ts';
import { identityOf } from './rows.ts';

/** A rotation of which nothing more will become. */
export const ENDED = ['activated', 'rolled-back'] as const;

/** The one that has begun and not ended: there is no second one of a secret. */
export function findOpen(db: Db, secret: string): Promise<VaultRenewalTable | undefined> {
  return db
    .selectFrom('vault_renewal')
    .selectAll()
    .where('secret', '=', secret)
    .where('state', 'not in', ENDED)
    .executeTakeFirst();
}

export function findNewest(db: Db, secret: string): Promise<VaultRenewalTable | undefined> {
  return db
    .selectFrom('vault_renewal')
    .selectAll()
    .where('secret', '=', secret)
    .orderBy('started_at', 'desc')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** A secret's own plan, else its category's; null for one that rotates by hand. */
export async function planOf(
  db: Db,
  secret: VaultSecretTable,
  category: Category,
): Promise<{ plan: RotationPlan | null; own: boolean }> {
  const row = await db.selectFrom('vault_plan').select('plan').where('secret', '=', secret.id).executeTakeFirst();
  return row
    ? { plan: rotationPlanSchema.parse(JSON.parse(row.plan)), own: true }
    : { plan: category.plan, own: false };
}

/** Of one rotation. */
export function parsePlan(json: string): TakenPlan {
  return takenPlanSchema.parse(JSON.parse(json));
}

/** What is to be rotated by `now` and has a plan, its own or that of one of these categories, and what was interrupted: the longest due first. */
export async function findDue(
  db: Db,
  { now, categories, limit }: { now: string; categories: string[]; limit: number },
): Promise<SecretIdentity[]> {
  const rows = await db
    .selectFrom('vault_secret as s')
    .selectAll('s')
    .where((eb) =>
      eb.or([
        eb.exists(
          eb
            .selectFrom('vault_renewal as r')
            .select('r.id')
            .whereRef('r.secret', '=', 's.id')
            .where('r.state', 'not in', ENDED),
        ),
        eb.and([
          eb('s.rotation_due', '<=', now),
          eb.or([
            eb.exists(eb.selectFrom('vault_plan as p').select('p.secret').whereRef('p.secret', '=', 's.id')),
            ...(categories.length > 0 ? [eb('s.category', 'in', categories)] : []),
          ]),
        ]),
      ]),
    )
    .orderBy('s.rotation_due')
    .orderBy('s.id')
    .limit(limit)
    .execute();
  return rows.map(identityOf);
}

export function viewOf(row: VaultRenewalTable, secret: SecretIdentity): RenewalView {
  const { id, state, version, plan, detail, told, started_at: startedAt, updated_at: updatedAt } = row;
  const { owner, environment, name } = secret;
  const rotator = parsePlan(plan).rotator.name;
  return { id, secret: { owner, environment, name }, state, version, rotator, detail, told, startedAt, updatedAt };
}
