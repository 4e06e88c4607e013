import { randomUUID } from 'node:crypto';
import type { EMERGENCY_RIGHTS } from '../contract/vault-emergency-policy.ts';
import type { EmergencyView } from '../contract/vault-emergency.ts';
import { type Scope, emergencyIn } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import type { VaultEmergencyTable } from '../store/schema.ts';
import { isListed, listedPeople } from './emergency-list.ts';
import { emergencyViews, operationsUnder, unreviewedEmergency } from './emergency-state.ts';
import { EVERYTHING, administers, heldBy, requireAdmin } from './grants.ts';
import type { Logins } from './login.ts';
import type { Notices } from './notices.ts';
import { type Caller, type Db, type VaultParts, type VaultRow, byOf, record, vaultRow } from './parts.ts';
import type { Policies } from './policies.ts';
import { OWN } from './rows.ts';

export type BreakGlass = {
  reason: string;
  /** A one-time code that was never taken. */
  code: string;
  minutes?: number | undefined;
  scope?: Scope | undefined;
  rights?: readonly (typeof EMERGENCY_RIGHTS)[number][] | undefined;
};

/**
 * Break-glass (story 04.2): somebody of the emergency list gives themselves rights for a while, by a second factor and a reason. It is told at once, marked in every row of
 * theirs, over by itself, and reviewed by another person before the next.
 */
export class Emergencies {
  readonly #parts: VaultParts;
  readonly #policies: Policies;
  readonly #logins: Logins;
  readonly #notices: Notices;

  constructor(parts: VaultParts, policies: Policies, logins: Logins, notices: Notices) {
    this.#parts = parts;
    this.#policies = policies;
    this.#logins = logins;
    this.#notices = notices;
  }

  /** VAULT_REFUSED for whoever is not on the list, EMERGENCY_LIMIT, EMERGENCY_UNREVIEWED, LOGIN_REFUSED for the code. Whom to tell is kept with the row. */
  async open(caller: Caller, wanted: BreakGlass): Promise<EmergencyView> {
    const { store, ledger, clock } = this.#parts;
    await this.#refuseStrangers(caller);
    const limits = emergencyIn((await this.#policies.present()).policy);
    const { reason, code, minutes = limits.minutes, scope = EVERYTHING, rights = limits.rights } = wanted;
    if (minutes > limits.minutes || rights.some((right) => !limits.rights.includes(right))) {
      throw new Refusal('EMERGENCY_LIMIT', { minutes: limits.minutes, rights: limits.rights.join(', ') });
    }
    await this.sweep();
    await refuseUnreviewed(store.db);
    const id = await this.#logins.withCode(caller, code, async (spend) => {
      const now = clock();
      const at = now.toISOString();
      const expiresAt = new Date(now.getTime() + minutes * 60_000).toISOString();
      const emergency = randomUUID();
      const grant = { ...scope, rights: JSON.stringify(rights), expires_at: expiresAt };
      const rows = [
        vaultRow(
          'vault.emergency',
          { event: 'opened', reason, scope, rights: [...rights], expiresAt, ...byOf(caller), emergency },
          { principal: caller.principal.id },
        ),
        this.#alert(caller, minutes),
      ];
      await record(ledger, rows, async (db, from) => {
        await refuseUnreviewed(db);
        await spend(db);
        await db
          .insertInto('vault_emergency')
          .values({
            ...{ id: emergency, principal: caller.principal.id, reason, ...grant, opened_at: at, unreviewed: 1 },
            ...{ opened_row: from, ended_at: null, ended: null },
            ...{ ended_by: null, reviewed_at: null, reviewed_by: null, finding: null },
          })
          .execute();
        await db
          .insertInto('vault_grant')
          .values({
            ...{ id: randomUUID(), principal: caller.principal.id, ...grant, emergency },
            ...{ granted_by: caller.principal.name, created_at: at, revoked_at: null },
          })
          .execute();
        await this.#notices.queue(db, { emergency, event: 'opened', at }, limits.notifiers);
      });
      return emergency;
    });
    this.#notices.sendSoon();
    return (await this.#views(caller)).find((one) => one.id === id) ?? impossible();
  }

  /** Before its time: one's own, or anybody's by an administrator. EMERGENCY_UNKNOWN. */
  async end(caller: Caller, id: string): Promise<void> {
    await this.sweep();
    const found = await this.#seen(caller, id);
    if (found.ended_at !== null) throw new Refusal('EMERGENCY_UNKNOWN', { emergency: id });
    const subject = await this.#nameOf(found.principal);
    const row = vaultRow(
      'vault.emergency',
      { event: 'revoked', subject, ...byOf(caller), emergency: id },
      { principal: found.principal },
    );
    await this.#close(found, row, { ended: 'revoked', by: caller.principal.name });
    this.#notices.sendSoon();
  }

  /** Writes down what time has ended, however long ago: at each start, and every now and then. */
  async sweep(): Promise<void> {
    const found = await unreviewedEmergency(this.#parts.store.db);
    if (!found || found.ended_at !== null || found.expires_at > this.#parts.clock().toISOString()) return;
    const { id: emergency, principal, expires_at: expiresAt } = found;
    const subject = await this.#nameOf(principal);
    const row = vaultRow('vault.emergency', { event: 'expired', emergency, subject, expiresAt }, { principal });
    try {
      await this.#close(found, row, { ended: 'expired', by: null });
    } catch (error) {
      // Somebody has written it down at the same time.
      if (!(error instanceof Refusal) || error.code !== 'EMERGENCY_UNKNOWN') throw error;
    }
    this.#notices.sendSoon();
  }

  /**
   * What another person, who administers everything, found of it afterwards: `operations` is the number of rows under it that they have looked at. The glass can be broken
   * again then. VAULT_REFUSED, EMERGENCY_UNKNOWN, EMERGENCY_LIVE, EMERGENCY_OWN, EMERGENCY_REVIEWED, EMERGENCY_OPERATIONS.
   */
  async review(caller: Caller, id: string, said: { finding: string; operations: number }): Promise<void> {
    const { ledger, clock } = this.#parts;
    await this.sweep();
    await requireAdmin(this.#parts, caller, EVERYTHING, 'emergency review');
    const found = await this.#seen(caller, id);
    if (caller.principal.kind !== 'person' || found.principal === caller.principal.id)
      throw new Refusal('EMERGENCY_OWN');
    if (found.ended_at === null) throw new Refusal('EMERGENCY_LIVE', { at: found.expires_at });
    if (found.reviewed_at !== null) throw new Refusal('EMERGENCY_REVIEWED');
    const operations = await operationsUnder(ledger, found);
    if (operations !== said.operations) throw new Refusal('EMERGENCY_OPERATIONS', { operations });
    const { finding } = said;
    const subject = await this.#nameOf(found.principal);
    const body = { event: 'reviewed', subject, finding, operations, ...byOf(caller), emergency: id } as const;
    await record(ledger, [vaultRow('vault.emergency', body, { principal: found.principal })], async (db) => {
      const { numUpdatedRows } = await db
        .updateTable('vault_emergency')
        .set({ unreviewed: null, reviewed_at: clock().toISOString(), reviewed_by: caller.principal.name, finding })
        .where('id', '=', id)
        .where('unreviewed', '=', 1)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new Refusal('EMERGENCY_REVIEWED');
    });
  }

  /** One's own, and whether one is on the list; all of them, and the list, for an administrator. */
  async status(caller: Caller): Promise<{ emergencies: EmergencyView[]; listed: boolean; people: string[] | null }> {
    const { db } = this.#parts.store;
    const emergencies = await this.#views(caller);
    const listed = await isListed(db, caller.principal.id);
    return { emergencies, listed, people: (await this.#administers(caller)) ? await listedPeople(db) : null };
  }

  async #close(
    { id, principal }: VaultEmergencyTable,
    row: VaultRow,
    { ended, by }: { ended: 'expired' | 'revoked'; by: string | null },
  ): Promise<void> {
    const at = this.#parts.clock().toISOString();
    const { notifiers } = emergencyIn((await this.#policies.present()).policy);
    await record(this.#parts.ledger, [row], async (db) => {
      const { numUpdatedRows } = await db
        .updateTable('vault_emergency')
        .set({ ended_at: at, ended, ended_by: by })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new Refusal('EMERGENCY_UNKNOWN', { emergency: id });
      await db
        .updateTable('vault_grant')
        .set({ revoked_at: at })
        .where('principal', '=', principal)
        .where('emergency', '=', id)
        .execute();
      await this.#notices.queue(db, { emergency: id, event: 'ended', at }, notifiers);
    });
  }

  async #refuseStrangers(caller: Caller): Promise<void> {
    const { id, kind } = caller.principal;
    const because = kind !== 'person' ? 'no-person' : (await isListed(this.#parts.store.db, id)) ? null : 'not-listed';
    if (because === null) return;
    const body = { event: 'refused', because, ...byOf(caller) } as const;
    await record(this.#parts.ledger, [vaultRow('vault.emergency', body, { principal: id }), this.#alert(caller, 0)]);
    throw new Refusal('VAULT_REFUSED');
  }

  /** `minutes`: for how long; 0 for one that was refused. */
  #alert(caller: Caller, minutes: number): VaultRow {
    const place = { owner: OWN, environment: 'isolated', name: 'emergency' } as const;
    return vaultRow(
      'vault.alert',
      { alert: 'emergency', ...place, secret: null, count: minutes, ...byOf(caller) },
      { principal: caller.principal.id },
    );
  }

  /** EMERGENCY_UNKNOWN: none, or somebody else's and the caller is no administrator. */
  async #seen(caller: Caller, id: string): Promise<VaultEmergencyTable> {
    const { db } = this.#parts.store;
    const found = await db.selectFrom('vault_emergency').selectAll().where('id', '=', id).executeTakeFirst();
    if (found && (found.principal === caller.principal.id || (await this.#administers(caller)))) return found;
    throw new Refusal('EMERGENCY_UNKNOWN', { emergency: id });
  }

  async #administers(caller: Caller): Promise<boolean> {
    const { store, clock } = this.#parts;
    return administers(await heldBy(store.db, caller.principal.id), EVERYTHING, clock().toISOString());
  }

  async #views(caller: Caller): Promise<EmergencyView[]> {
    const { store, ledger, clock } = this.#parts;
    const of = (await this.#administers(caller)) ? null : caller.principal.id;
    return emergencyViews({ db: store.db, ledger }, of, clock());
  }

  async #nameOf(principal: string): Promise<string> {
    const { db } = this.#parts.store;
    const row = await db.selectFrom('vault_principal').select('name').where('id', '=', principal).executeTakeFirst();
    return row?.name ?? impossible();
  }
}

/** EMERGENCY_UNREVIEWED, while one is live or waits for its review. */
async function refuseUnreviewed(db: Db): Promise<void> {
  const found = await unreviewedEmergency(db);
  if (found) throw new Refusal('EMERGENCY_UNREVIEWED', { emergency: found.id });
}

function impossible(): never {
  throw new Error('an emergency without a principal');
}
