import { randomUUID } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import type { TakenPlan } from '../contract/rotation-plan.ts';
import type { Category, SecretIdentity } from '../contract/vault.ts';
import { identityOfPlace } from '../contract/secret-place.ts';
import type { ForeseenView, RenewalState, RenewalView } from '../contract/vault-renewal.ts';
import { wipe } from '../process/guarded.ts';
import { TAG_BYTES } from '../process/aes-gcm.ts';
import type { Rotator } from '../rotators/rotator.ts';
import { rotatorOf } from '../rotators/rotators.ts';
import type { VaultRenewalTable, VaultSecretTable } from '../store/schema.ts';
import { contextOf, isDamage, seal } from './envelope.ts';
import type { Admission } from './guard.ts';
import { type Caller, type Db, type VaultRow, byOf, record, vaultRow } from './parts.ts';
import { findOpen, parsePlan, planOf, viewOf } from './renewal-rows.ts';
import {
  eraseOlder,
  findKept,
  identityOf,
  insertSealed,
  openVersion,
  placeOf,
  rotationDueOf,
  setNewest,
} from './rows.ts';
import type { Vault } from './vault.ts';

export type Wanted = {
  identity: SecretIdentity;
  purpose?: string | undefined;
  request?: string | undefined;
  /** Also while the version before still counts. */
  urgent?: boolean | undefined;
  /** Undoes one that was interrupted; else the version before becomes the newest again. */
  back?: boolean | undefined;
};

/** One rotation under way. `by`: whose rights its rotator has. */
type Job = { by: Caller; secret: VaultSecretTable; category: Category; row: VaultRenewalTable; plan: TakenPlan };

/** Going back without a plan draws nothing, and tells nobody. */
const BY_HAND: TakenPlan = { rotator: { name: 'hand' }, after: null };

/**
 * A secret's way from one version to the next: intended, applied, verified by using it, activated; or rolled back. Each step is durable before the next begins, and each may come
 * again, so a rotation that was interrupted anywhere goes on where it was. Until it is activated nobody is given the new version; the one before stays where policy says so.
 */
export class Renewals {
  readonly #vault: Vault;
  readonly #programs: string;

  /** `programs`: the folder of programs that rotators may run. */
  constructor(vault: Vault, programs: string) {
    this.#vault = vault;
    this.#programs = programs;
  }

  /**
   * Rotates now, or goes on with what was interrupted. ROTATOR_NONE, RENEWAL_GRACE, VERSION_OVER (nothing to go back to), RENEWAL_ROLLED_BACK; ROTATOR_FAILED where not even rolling
   * back worked, which the next call tries again; what the guard refuses, here and where the rotator reads another secret.
   */
  async rotate(caller: Caller, wanted: Wanted): Promise<RenewalView> {
    const place = placeOf(wanted.identity);
    const { store } = this.#vault.parts;
    const renewal = await this.#vault.secrets.exclusively([place], () =>
      store.alone(`renewal of ${place}`, () => this.#rotateAlone(caller, wanted)),
    );
    // Another node is at it.
    if (!renewal) throw new Refusal('RENEWAL_RUNNING');
    return renewal;
  }

  async #rotateAlone(caller: Caller, wanted: Wanted): Promise<RenewalView> {
    const { secret, category } = await this.#admit(caller, wanted);
    const { db } = this.#vault.parts.store;
    const found = await findOpen(db, secret.id);
    const of = { by: caller, secret, category };
    const job = found
      ? { ...of, row: found, plan: parsePlan(found.plan) }
      : await this.#begin(of, await this.#planNow(secret, category, wanted), wanted.back ?? false);
    const undo = found !== undefined && (wanted.back ?? false);
    if (undo && job.row.state !== 'rolling-back') await this.#step(job, 'rolling-back', 'asked for');
    await this.#drive(job);
    if (job.row.state === 'rolled-back' && !undo) {
      throw new Refusal('RENEWAL_ROLLED_BACK', { secret: placeOf(wanted.identity), detail: job.row.detail ?? '' });
    }
    return viewOf(job.row, wanted.identity);
  }

  /** What `rotate` would do, as far as can be seen without changing anything. What two people approved is left for it. */
  async foresee(caller: Caller, wanted: Wanted): Promise<ForeseenView> {
    const { secret, category } = await this.#admit(caller, wanted, false);
    const found = await findOpen(this.#vault.parts.store.db, secret.id);
    const plan = found ? parsePlan(found.plan) : await this.#planNow(secret, category, wanted);
    const row = found ?? this.#newRow(secret, plan);
    const rotator = this.#rotatorOf({ by: caller, secret, category, row, plan });
    const { owner, environment, name } = wanted.identity;
    const does = await rotator.foresee();
    return { secret: { owner, environment, name }, version: row.version, rotator: plan.rotator.name, does };
  }

  /** `acts`: or looks what it would do. */
  async #admit(
    caller: Caller,
    { identity, purpose, request }: Wanted,
    acts = true,
  ): Promise<{ secret: VaultSecretTable; category: Category }> {
    const act = { action: 'rotate', right: 'ROTATE', identity, decrypts: false, purpose, request } as const;
    const { secret, category, rows, also }: Admission = await this.#vault.guard.admit(caller, act);
    if (!secret) throw new Error('the guard admitted to a secret that is not there');
    await record(this.#vault.parts.ledger, rows, acts ? also : undefined);
    return { secret, category };
  }

  /** ROTATOR_NONE, RENEWAL_GRACE. */
  async #planNow(secret: VaultSecretTable, category: Category, { urgent, back }: Wanted): Promise<TakenPlan> {
    const { store, clock } = this.#vault.parts;
    const { plan } = await planOf(store.db, secret, category);
    if (!plan && back) return BY_HAND;
    if (!plan) throw new Refusal('ROTATOR_NONE', { category: secret.category });
    const newest = await findKept(store.db, secret.id, secret.version);
    if (category.graceMinutes !== null && secret.version > 1 && newest && !urgent && !back) {
      const until = new Date(new Date(newest.created_at).getTime() + category.graceMinutes * 60_000);
      if (until > clock()) throw new Refusal('RENEWAL_GRACE', { at: until.toISOString() });
    }
    return plan;
  }

  #newRow(secret: VaultSecretTable, plan: TakenPlan): VaultRenewalTable {
    const at = this.#vault.parts.clock().toISOString();
    return {
      ...{ id: randomUUID(), secret: secret.id, version: secret.version + 1, state: 'intended' },
      ...{ plan: JSON.stringify(plan), detail: null, told: null, started_at: at, updated_at: at },
    };
  }

  /** The next value, sealed as the next version and given to nobody yet. */
  async #begin(of: Omit<Job, 'row' | 'plan'>, plan: TakenPlan, back: boolean): Promise<Job> {
    const { kms, ledger } = this.#vault.parts;
    const job: Job = { ...of, plan, row: this.#newRow(of.secret, plan) };
    const { secret, row, by } = job;
    const next = back ? await this.#openVersion(job, row.version - 2) : await this.#rotatorOf(job).prepare();
    if (!next) throw new Refusal('VERSION_OVER');
    try {
      const sealed = await seal(kms, contextOf({ ...identityOf(secret), id: secret.id }, row.version), next);
      const version = { ...secret, version: row.version, updated_at: row.updated_at };
      await record(ledger, [this.#row(job, 'intended', back ? 'back' : null)], async (db) => {
        await insertSealed(db, kms, version, sealed, by.principal.name);
        await db.insertInto('vault_renewal').values(row).execute();
      });
      return job;
    } finally {
      wipe(next);
    }
  }

  /** From where it is to its end. */
  async #drive(job: Job): Promise<void> {
    const rotator = this.#rotatorOf(job);
    if (job.row.state !== 'rolling-back') {
      try {
        await this.#forward(job, rotator);
      } catch (error) {
        // What is not the rotator's failure, nor the value's, is no reason to undo anything.
        const failed = error instanceof Refusal && (error.code.startsWith('ROTATOR_') || isDamage(error));
        if (!failed) throw error;
        const { step = '', detail = '' } = error.params;
        await this.#step(job, 'rolling-back', `${error.code} ${step} ${detail}`.trim(), [this.#alert(job)]);
      }
    }
    if (job.row.state === 'verified') await this.#activate(job);
    if (job.row.state !== 'rolling-back') return;
    await rotator.rollBack();
    await this.#step(job, 'rolled-back', job.row.detail, [], async (db) => {
      await db
        .deleteFrom('vault_version')
        .where('secret', '=', job.secret.id)
        .where('version', '=', job.row.version)
        .execute();
    });
  }

  async #forward(job: Job, rotator: Rotator): Promise<void> {
    const next = await this.#openVersion(job, job.row.version, false);
    if (!next) throw new Refusal('SECRET_DAMAGED');
    try {
      if (job.row.state === 'intended') {
        await rotator.apply(next);
        await this.#step(job, 'applied');
      }
      if (job.row.state === 'applied') {
        await rotator.verify(next);
        await this.#step(job, 'verified');
      }
    } finally {
      wipe(next);
    }
  }

  async #activate(job: Job): Promise<void> {
    const { store, kms, clock } = this.#vault.parts;
    const { by, category, plan } = job;
    const now = clock();
    const { version } = job.row;
    const secret: VaultSecretTable = {
      ...{ ...job.secret, version, updated_at: now.toISOString() },
      rotation_due: rotationDueOf(category, job.secret.rotation_days, now),
    };
    const kept = await findKept(store.db, secret.id, version);
    if (!kept) throw new Error('the version of a rotation is gone');
    const stored = vaultRow(
      'vault.stored',
      {
        ...{ ...identityOf(secret), secret: secret.id, category: secret.category, version, key: kms.keyId },
        ...{ algorithm: kept.algorithm, bytes: kept.ciphertext.length - TAG_BYTES, rotationDue: secret.rotation_due },
        ...byOf(by),
      },
      { secret: secret.id, principal: by.principal.id },
    );
    job.row.told = plan.after ? 'due' : null;
    await this.#step(job, 'activated', null, [stored], async (db) => {
      await setNewest(db, secret);
      // It counts from now on, and the one before it begins to be an older one.
      await db
        .updateTable('vault_version')
        .set({ created_at: secret.updated_at })
        .where('secret', '=', secret.id)
        .where('version', '=', version)
        .execute();
      await eraseOlder(db, secret, category.keepVersions);
    });
  }

  /** The step is durable, with whatever else belongs to it, when this answers. */
  async #step(
    job: Job,
    state: RenewalState,
    detail: string | null = null,
    rows: VaultRow[] = [],
    also: (db: Db) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const { ledger, clock } = this.#vault.parts;
    const row = { ...job.row, state, detail, updated_at: clock().toISOString() };
    await record(ledger, [this.#row(job, state, detail), ...rows], async (db) => {
      await db
        .updateTable('vault_renewal')
        .set({ state, detail, told: row.told, updated_at: row.updated_at })
        .where('id', '=', row.id)
        .execute();
      await also(db);
    });
    job.row = row;
  }

  #rotatorOf(job: Job): Rotator {
    return rotatorOf(job.plan.rotator, {
      secret: placeOf(identityOf(job.secret)),
      programs: this.#programs,
      open: (what) => {
        if (what === 'present') return this.#openVersion(job, job.row.version - 1);
        return what === 'before' ? this.#openVersion(job, job.row.version - 2) : this.#openOther(job, what.secret);
      },
    });
  }

  /** For the rotator alone; `told`: the ledger says so first. Null where there is no such version. */
  async #openVersion(job: Job, version: number, told = true): Promise<Uint8Array | null> {
    const { parts } = this.#vault;
    if (version < 1 || !(await findKept(parts.store.db, job.secret.id, version))) return null;
    if (told) await record(parts.ledger, [this.#row(job, 'opened', `version ${version}`)]);
    return openVersion(parts, job.secret, version);
  }

  /** As whoever rotates may read it. */
  async #openOther(job: Job, place: string): Promise<Uint8Array> {
    const purpose = `rotation of ${placeOf(identityOf(job.secret))}`;
    const { value } = await this.#vault.secrets.get(job.by, { identity: identityOfPlace(place), purpose });
    return value;
  }

  #row({ by, secret, row, plan }: Job, step: RenewalState | 'opened', detail: string | null): VaultRow {
    return vaultRow(
      'vault.renewal',
      {
        ...{ rotation: row.id, ...identityOf(secret), secret: secret.id, step, version: row.version },
        ...{ rotator: plan.rotator.name, detail: detail?.slice(0, 500) ?? null, ...byOf(by) },
      },
      { secret: secret.id, principal: by.principal.id },
    );
  }

  #alert({ by, secret }: Job): VaultRow {
    return vaultRow(
      'vault.alert',
      { alert: 'rotation', ...identityOf(secret), secret: secret.id, count: 1, ...byOf(by) },
      { secret: secret.id, principal: by.principal.id },
    );
  }
}
