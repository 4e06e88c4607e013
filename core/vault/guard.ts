import type { AccessRule, Category, Right, SecretIdentity, VaultPolicy } from '../contract/vault.ts';
import { type ErrorCode, Refusal } from '../contract/errors.ts';
import type { VaultSecretTable } from '../store/schema.ts';
import { change, statement } from '../store/statement.ts';
import { verdict } from './access.ts';
import { approvalsOf } from './approvals.ts';
import { heldBy } from './grants.ts';
import type { Reason } from './kinds.ts';
import { type Caller, type Db, type VaultParts, type VaultRow, byOf, record, vaultRow } from './parts.ts';
import type { Policies } from './policies.ts';
import { OWN, findSecret, identityOf, placeOf } from './rows.ts';
import { type Uses, countFailure, countRead, failuresWith, usesOf } from './uses.ts';

const ACCESSED = statement((db, values: SecretIdentity & { id: string; at: string }) =>
  db
    .updateTable('vault_secret')
    .set({ accessed_at: values.at })
    .where('owner', '=', values.owner)
    .where('environment', '=', values.environment)
    .where('name', '=', values.name)
    .where('id', '=', values.id),
);

/** What somebody wants to do at a secret. `decrypts`: its value is opened for it. `request`: what two people have approved. */
export type Act = {
  action:
    | 'get'
    | 'verify'
    | 'put'
    | 'rotate'
    | 'tag'
    | 'describe'
    | 'versions'
    | 'delete'
    | 'export'
    | 'import'
    | 'data-key'
    | 'open-data-key';
  right: Right;
  identity: SecretIdentity;
  decrypts: boolean;
  /** Of a secret that is not there yet. */
  category?: string | undefined;
  purpose?: string | undefined;
  request?: string | undefined;
  /** The newest, where nothing is said. */
  version?: number | undefined;
};

/** Allowed: these rows, and this change with them, come before the act, or with it. */
export type Admission = {
  secret: VaultSecretTable | null;
  category: Category;
  rows: VaultRow[];
  also: (db: Db) => Promise<void>;
};

/** The secret that somebody was admitted to, where the act is about one that is there. */
export function present({ secret }: Admission): VaultSecretTable {
  if (!secret) throw new Error('the guard admitted to a secret that is not there');
  return secret;
}

/**
 * Every use of a secret passes here: lock, grant, rule of the category, purpose, rate. What is refused is durable before the caller hears of it, and a caller hears
 * VAULT_REFUSED alone, whether the secret is not there or not for them. PURPOSE_MISSING, VAULT_RATE, SECRET_OVERDUE for whoever may; VAULT_REFUSED.
 */
export class Guard {
  readonly #parts: VaultParts;
  readonly #policies: Policies;

  constructor(parts: VaultParts, policies: Policies) {
    this.#parts = parts;
    this.#policies = policies;
  }

  async admit(caller: Caller, act: Act): Promise<Admission> {
    const { store, clock } = this.#parts;
    const now = clock();
    const { policy } = await this.#policies.present();
    if (act.identity.owner === OWN) throw new Refusal('VAULT_REFUSED');
    const secret = (await findSecret(store.db, act.identity)) ?? null;
    const held = await heldBy(store.db, caller.principal.id, caller.emergency ?? null);
    const { here, all } = await usesOf(store.db, caller.principal.id, placeOf(act.identity), now);
    const refused = (reason: Reason) => this.#refuse(caller, act, { secret, reason, uses: here, now, policy });

    if (here.lockedAt !== null) return refused('locked');
    const named = secret?.category ?? act.category;
    if (named === undefined) return refused('no-secret');
    const category = Object.hasOwn(policy.categories, named) ? policy.categories[named] : undefined;
    const rule = ruleOf(act, secret, category);
    const approvals = await this.#approvals(caller, act, secret, now);
    const need = { right: act.right, secret: act.identity, rule, approvals, now: now.toISOString() };
    const reason = verdict(caller.principal, held, need);
    if (reason) return refused(reason);
    if (!category) throw new Refusal('CATEGORY_UNKNOWN', { category: named });
    if (act.decrypts && category.purpose && act.purpose === undefined) throw new Refusal('PURPOSE_MISSING');
    if (act.decrypts && (here.reads >= policy.rate.perSecret || all.reads >= policy.rate.perPrincipal)) {
      await record(this.#parts.ledger, [
        this.#row(caller, act, secret, 'rate'),
        this.#alert(caller, act, secret, { alert: 'rate', count: all.reads }),
      ]);
      throw new Refusal('VAULT_RATE');
    }
    if (act.decrypts && category.overdue === 'refuse' && isOverdue(secret, now)) {
      return this.refuseOpenly(caller, act, secret, { reason: 'overdue', code: 'SECRET_OVERDUE' });
    }
    const rows = [this.#row(caller, act, secret, null)];
    if (act.decrypts) rows.push(...this.#unusual(caller, act, secret, { here, all, policy, now }));
    return {
      secret,
      category,
      rows,
      // What two people approved is used up by what needs it, and by nothing else.
      also: (db) =>
        this.#count(db, caller, act, { secret, now, request: rule === 'two-person' ? act.request : undefined }),
    };
  }

  /** What was allowed did not open, or a candidate was wrong: counted, recorded, and told as any refusal. Never returns. */
  async failed(
    caller: Caller,
    act: Act,
    secret: VaultSecretTable,
    reason: 'wrong' | 'damaged',
    code: string,
    access: number,
  ): Promise<never> {
    const { store, clock } = this.#parts;
    const now = clock();
    const { policy } = await this.#policies.present();
    const { here } = await usesOf(store.db, caller.principal.id, placeOf(act.identity), now);
    const failed = vaultRow(
      'vault.failed',
      { access, code, ...named(act), secret: secret.id, ...byOf(caller) },
      { secret: secret.id, principal: caller.principal.id },
    );
    const extra = [failed];
    if (reason === 'damaged') extra.push(this.#alert(caller, act, secret, { alert: 'damaged', count: 1 }));
    return this.#refuse(caller, act, { secret, reason, uses: here, now, policy, extra, again: false });
  }

  /** Whoever may otherwise is told why not now. Never returns. */
  async refuseOpenly(
    caller: Caller,
    act: Act,
    secret: VaultSecretTable | null,
    { reason, code }: { reason: Reason; code: ErrorCode },
  ): Promise<never> {
    await record(this.#parts.ledger, [this.#row(caller, act, secret, reason)]);
    throw new Refusal(code);
  }

  async #approvals(caller: Caller, act: Act, secret: VaultSecretTable | null, now: Date): Promise<number> {
    if (act.request === undefined || secret === null) return 0;
    return approvalsOf(this.#parts.store.db, act.request, {
      ...{
        principal: caller.principal.id,
        action: act.action,
        secret: secret.id,
        version: act.version ?? secret.version,
      },
      ...{ purpose: act.purpose ?? '', now: now.toISOString() },
    });
  }

  async #count(
    db: Db,
    caller: Caller,
    act: Act,
    { secret, now, request }: { secret: VaultSecretTable | null; now: Date; request: string | undefined },
  ): Promise<void> {
    const at = now.toISOString();
    if (request !== undefined) {
      const { numUpdatedRows } = await db
        .updateTable('vault_request')
        .set({ used_at: at })
        .where('id', '=', request)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      // Of two that come with it at the same time one is late.
      if (numUpdatedRows === 0n) throw new Refusal('VAULT_REFUSED');
    }
    if (!act.decrypts) return;
    await countRead(db, caller.principal.id, placeOf(act.identity), now);
    if (secret) await change(db, ACCESSED, { ...identityOf(secret), id: secret.id, at });
  }

  async #refuse(
    caller: Caller,
    act: Act,
    known: {
      secret: VaultSecretTable | null;
      reason: Reason;
      uses: Uses;
      now: Date;
      policy: VaultPolicy;
      extra?: VaultRow[];
      again?: boolean;
    },
  ): Promise<never> {
    const { secret, reason, uses, now, policy, extra = [], again = true } = known;
    const failures = failuresWith(uses, policy, now);
    const rows = again ? [this.#row(caller, act, secret, reason), ...extra] : extra;
    if (failures === policy.lockout.failures)
      rows.push(this.#alert(caller, act, secret, { alert: 'locked', count: failures }));
    else if (failures === policy.alerts.failures)
      rows.push(this.#alert(caller, act, secret, { alert: 'failures', count: failures }));
    const [principal, place] = [caller.principal.id, placeOf(act.identity)];
    await record(this.#parts.ledger, rows, (db) => countFailure(db, { principal, secret: place, policy, now }));
    throw new Refusal('VAULT_REFUSED');
  }

  #unusual(
    caller: Caller,
    act: Act,
    secret: VaultSecretTable | null,
    { here, all, policy, now }: { here: Uses; all: Uses; policy: VaultPolicy; now: Date },
  ): VaultRow[] {
    const { alerts } = policy;
    const found: VaultRow[] = [];
    const add = (alert: 'rate' | 'hour' | 'new-principal', count: number) =>
      found.push(this.#alert(caller, act, secret, { alert, count }));
    if (all.hourly + 1 === alerts.hourly) add('rate', all.hourly + 1);
    if (alerts.newPrincipal && here.total === 0) add('new-principal', 1);
    if (alerts.hours && !within(alerts.hours, now.getUTCHours())) add('hour', now.getUTCHours());
    return found;
  }

  #row(caller: Caller, act: Act, secret: VaultSecretTable | null, reason: Reason | null): VaultRow {
    return vaultRow(
      'vault.access',
      {
        ...{ action: act.action, ...named(act), secret: secret?.id ?? null },
        version: act.version ?? secret?.version ?? null,
        ...{ purpose: act.purpose ?? null, request: act.request ?? null, allowed: reason === null, reason },
        ...byOf(caller),
      },
      { secret: secret?.id ?? null, principal: caller.principal.id },
    );
  }

  #alert(
    caller: Caller,
    act: Act,
    secret: VaultSecretTable | null,
    { alert, count }: { alert: 'failures' | 'locked' | 'rate' | 'hour' | 'new-principal' | 'damaged'; count: number },
  ): VaultRow {
    return vaultRow(
      'vault.alert',
      { alert, ...named(act), secret: secret?.id ?? null, count, ...byOf(caller) },
      { secret: secret?.id ?? null, principal: caller.principal.id },
    );
  }
}

/**
 * The category's rule is about who gets at the value: whoever stores or administers has the right by grant alone. Two people guard every act, but the first: there
 * is nothing yet that they could approve.
 */
function ruleOf(act: Act, secret: VaultSecretTable | null, category: Category | undefined): AccessRule {
  if (!category || (!secret && !act.decrypts)) return 'granted';
  return act.decrypts || category.access === 'two-person' ? category.access : 'granted';
}

function isOverdue(secret: VaultSecretTable | null, now: Date): boolean {
  return typeof secret?.rotation_due === 'string' && secret.rotation_due <= now.toISOString();
}

function named({ identity: { owner, environment, name } }: Act): SecretIdentity {
  return { owner, environment, name };
}

/** Hours from one to the other, over midnight where they say so. */
function within({ from, to }: { from: number; to: number }, hour: number): boolean {
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}
