import { Refusal } from '../contract/errors.ts';
import type { RotationPlan } from '../contract/rotation-plan.ts';
import type { RenewalOutputs } from '../contract/vault-renewal.ts';
import type { SecretIdentity } from '../contract/vault.ts';
import { EVERYTHING, requireAdmin } from './grants.ts';
import { type Caller, byOf, record, vaultRow } from './parts.ts';
import { findNewest, planOf, viewOf } from './renewal-rows.ts';
import { findKept, findSecret, rotationDueOf } from './rows.ts';
import type { Look } from './secret-views.ts';
import type { Vault } from './vault.ts';

/**
 * How one secret rotates, and how often: sooner than its category says, never later. What is left out stays; null is as the category says. Answers when it is due now. ADMIN of everything,
 * since a plan says what the holder runs and where it connects. VAULT_REFUSED, ROTATOR_MISFIT.
 */
export async function setPlan(
  { parts, policies }: Vault,
  caller: Caller,
  identity: SecretIdentity,
  wanted: { plan?: RotationPlan | null | undefined; days?: number | null | undefined },
): Promise<string | null> {
  await requireAdmin(parts, caller, EVERYTHING, 'rotation plan');
  const { store, ledger } = parts;
  const secret = await findSecret(store.db, identity);
  const version = secret && (await findKept(store.db, secret.id, secret.version));
  if (!version) throw new Refusal('VAULT_REFUSED');
  const category = await policies.category(secret.category);
  if (wanted.plan && category.protection !== 'envelope') {
    throw new Refusal('ROTATOR_MISFIT', { category: secret.category });
  }
  const own = await planOf(store.db, secret, category);
  const plan = wanted.plan === undefined ? (own.own ? own.plan : null) : wanted.plan;
  const days = wanted.days === undefined ? secret.rotation_days : wanted.days;
  const due = rotationDueOf(category, days, new Date(version.created_at));
  const { owner, environment, name } = identity;
  const row = vaultRow(
    'vault.plan',
    { owner, environment, name, secret: secret.id, plan, days, rotationDue: due, ...byOf(caller) },
    { secret: secret.id, principal: caller.principal.id },
  );
  await record(ledger, [row], async (db) => {
    await db.deleteFrom('vault_plan').where('secret', '=', secret.id).execute();
    if (plan)
      await db
        .insertInto('vault_plan')
        .values({ secret: secret.id, plan: JSON.stringify(plan) })
        .execute();
    await db
      .updateTable('vault_secret')
      .set({ rotation_days: days, rotation_due: due })
      .where('id', '=', secret.id)
      .execute();
  });
  return due;
}

/** For whoever has any right on the secret, as its versions are. VAULT_REFUSED. */
export async function showRenewal(
  { parts: { store }, policies, secrets }: Vault,
  caller: Caller,
  wanted: Look,
): Promise<RenewalOutputs['vault.renewal']> {
  const { identity } = wanted;
  const versions = await secrets.versions(caller, wanted);
  const secret = await findSecret(store.db, identity);
  if (!secret) throw new Refusal('VAULT_REFUSED');
  const category = await policies.category(secret.category);
  const { plan, own } = await planOf(store.db, secret, category);
  const days = Math.min(category.rotationDays ?? Infinity, secret.rotation_days ?? Infinity);
  const newest = await findNewest(store.db, secret.id);
  return {
    ...{ plan, own, days: days === Infinity ? null : days, due: secret.rotation_due },
    newest: newest ? viewOf(newest, identity) : null,
    versions,
  };
}
