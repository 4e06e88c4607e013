import { type Category, type VaultPolicy, emergencyIn, vaultPolicySchema } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import { EVERYTHING, requireAdmin } from './grants.ts';
import { type Caller, type Db, type VaultParts, byOf, isFromHere, record, vaultRow } from './parts.ts';
import { OWN, reschedule } from './rows.ts';

/** The policy in force, and its changes: each is a row of the ledger with all that it says. */
export class Policies {
  readonly #parts: VaultParts;
  #present: { version: number; policy: VaultPolicy } | null = null;

  constructor(parts: VaultParts) {
    this.#parts = parts;
  }

  /** VAULT_NEW where none was ever set. */
  async present(): Promise<{ version: number; policy: VaultPolicy }> {
    const { db, shared } = this.#parts.store;
    if (this.#present && (!shared || this.#present.version === (await newestVersion(db)))) return this.#present;
    const row = await db
      .selectFrom('vault_policy')
      .select(['version', 'policy'])
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!row) throw new Refusal('VAULT_NEW');
    return (this.#present = { version: row.version, policy: vaultPolicySchema.parse(JSON.parse(row.policy)) });
  }

  /** CATEGORY_UNKNOWN. */
  async category(name: string): Promise<Category> {
    const { policy } = await this.present();
    const category = Object.hasOwn(policy.categories, name) ? policy.categories[name] : undefined;
    if (!category) throw new Refusal('CATEGORY_UNKNOWN', { category: name });
    return category;
  }

  /** Sets the policy `version`, the one after the present. A category that some secret has stays. VAULT_REFUSED, POLICY_OUTDATED, CATEGORY_USED. */
  async change(caller: Caller, version: number, policy: VaultPolicy): Promise<void> {
    const { store, ledger, clock } = this.#parts;
    await requireAdmin(this.#parts, caller, EVERYTHING, 'policy change');
    const { version: present, policy: before } = await this.present();
    // Programs and files of the holder's machine are named from there alone.
    if (!isFromHere(caller) && local(before) !== local(policy)) throw new Refusal('VAULT_REFUSED');
    if (version !== present + 1) throw new Refusal('POLICY_OUTDATED', { version: present });
    const used = await store.db
      .selectFrom('vault_secret')
      .select('category')
      .distinct()
      .where('owner', '!=', OWN)
      .execute();
    const gone = used.find(({ category }) => !Object.hasOwn(policy.categories, category));
    if (gone) throw new Refusal('CATEGORY_USED', { category: gone.category });
    const { principal } = caller;
    const row = vaultRow('vault.policy', { version, policy, ...byOf(caller) }, { principal: principal.id });
    const values = { version, at: clock().toISOString(), changed_by: principal.name, policy: JSON.stringify(policy) };
    await record(ledger, [row], async (db) => {
      await db.insertInto('vault_policy').values(values).execute();
      for (const [name, { rotationDays }] of Object.entries(policy.categories)) {
        if (rotationDays !== before.categories[name]?.rotationDays) await reschedule(db, name, rotationDays);
      }
    });
    this.#present = null;
  }
}

/** What a policy makes the holder do on its own machine. */
function local(policy: VaultPolicy): string {
  const { redis } = policy;
  const programs = emergencyIn(policy).notifiers.filter(({ kind }) => kind !== 'smtp');
  return JSON.stringify([programs, redis && 'socket' in redis ? redis.socket : null]);
}

/** Another node may have set it. */
async function newestVersion(db: Db): Promise<number> {
  const row = await db
    .selectFrom('vault_policy')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}
