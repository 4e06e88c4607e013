import { createHash, randomBytes } from 'node:crypto';
import AsyncLock from 'async-lock';
import { Refusal } from '../contract/errors.ts';
import { guarded, wipe } from '../process/guarded.ts';
import type { VaultPrincipalTable } from '../store/schema.ts';
import { openCredential } from './credentials.ts';
import { liveEmergency } from './emergency-state.ts';
import { type Caller, type Db, type VaultParts, record, vaultRow } from './parts.ts';
import type { Policies } from './policies.ts';
import { principalOf, totpOf } from './principals.ts';
import { countFailure, forgetFailures, usesOf } from './uses.ts';
import { hashPassword, passwordFits, tokenFits } from './verifiers.ts';

/** Where a call comes from, as the holder sees it, and what it calls itself. */
export type Origin = { address: string; agent: string };

const LOGIN = '.login';
const SESSION_BYTES = 32;
const TOKEN = /^clv_([0-9a-f-]{36})_[A-Za-z0-9_-]{43}$/;

type Session = { principal: string; begun: number; used: number };
type Way = 'password' | 'token' | 'certificate' | 'uid' | 'code';

/**
 * Who somebody is. People: password and one-time code, for a session that ends by itself. Services: a token, a client certificate, or the user they run as.
 * Every refusal is LOGIN_REFUSED, whatever was wrong; failures are counted and lock, across restarts, until an administrator unlocks.
 */
export class Logins {
  readonly #parts: VaultParts;
  readonly #policies: Policies;
  readonly #sessions = new Map<string, Session>();
  readonly #lock = new AsyncLock({ maxPending: 1000 });

  constructor(parts: VaultParts, policies: Policies) {
    this.#parts = parts;
    this.#policies = policies;
  }

  /** A session's token in guarded memory, which the caller wipes, as they wipe `password`. */
  async begin(name: string, password: Uint8Array, code: string, origin: Origin): Promise<Uint8Array> {
    return this.#lock.acquire(name, async () => {
      const row = await this.#byName(name);
      const counter = row && (await this.#fits(row, password, code));
      if (!row) wipe(await hashPassword(password));
      if (!row || counter === null || counter === undefined) return this.#refused(row, 'password', origin);
      const token = guarded(SESSION_BYTES);
      const random = randomBytes(SESSION_BYTES);
      token.set(random);
      wipe(random);
      await this.#say(row, 'in', 'password', origin, counter);
      const now = this.#parts.clock().getTime();
      const { hours } = (await this.#policies.present()).policy.session;
      for (const [key, { begun }] of this.#sessions) if (now - begun > hours * 3_600_000) this.#sessions.delete(key);
      this.#sessions.set(digest(token), { principal: row.id, begun: now, used: now });
      return token;
    });
  }

  /** The caller behind a session's token. SESSION_OVER. */
  async session(token: Uint8Array, origin: Origin): Promise<Caller> {
    const key = digest(token);
    const session = this.#sessions.get(key);
    const { session: limits } = (await this.#policies.present()).policy;
    const now = this.#parts.clock().getTime();
    const over =
      !session || now - session.begun > limits.hours * 3_600_000 || now - session.used > limits.idleMinutes * 60_000;
    const row = over ? undefined : await this.#byId(session.principal);
    if (!session || !row) {
      this.#sessions.delete(key);
      throw new Refusal('SESSION_OVER');
    }
    session.used = now;
    const emergency = await liveEmergency(this.#parts.store.db, row.id, new Date(now));
    return { principal: principalOf(row), ...origin, emergency };
  }

  /** The second factor once more, besides a session: a code that was never taken. `spend` stands in the transaction of `work`: it is taken then. LOGIN_REFUSED. */
  async withCode<T>(caller: Caller, code: string, work: (spend: (db: Db) => Promise<void>) => Promise<T>): Promise<T> {
    const { principal, address, agent } = caller;
    return this.#lock.acquire(principal.name, async () => {
      const row = await this.#byId(principal.id);
      const key = row && (await openCredential(this.#parts, row.id, 'totp'));
      let counter: number | null;
      try {
        counter = row && key && !(await this.#isLocked(row)) ? this.#counterOf(row, key, code) : null;
      } finally {
        wipe(key);
      }
      if (!row || counter === null) return this.#refused(row, 'code', { address, agent });
      const taken = counter;
      return work((db) => spend(db, row.id, taken));
    });
  }

  /** Ends one session. */
  async end(token: Uint8Array, origin: Origin): Promise<void> {
    const session = this.#sessions.get(digest(token));
    const row = session && (await this.#byId(session.principal));
    this.#sessions.delete(digest(token));
    if (row) await this.#say(row, 'out', 'password', origin);
  }

  /** The caller behind a service's token. Only failures are rows: what a service does is one anyhow. */
  async token(token: Uint8Array, origin: Origin): Promise<Caller> {
    const id = TOKEN.exec(new TextDecoder().decode(token))?.[1];
    const row = id === undefined ? undefined : await this.#byId(id);
    const kept = row && !(await this.#isLocked(row)) ? await openCredential(this.#parts, row.id, 'token') : null;
    try {
      if (!row || !kept || !tokenFits(kept, token)) return await this.#refused(row, 'token', origin);
      return { principal: principalOf(row), ...origin };
    } finally {
      wipe(kept);
    }
  }

  /** The caller behind a client certificate (SHA-256 of its DER, hex), or a user number that the system vouches for. */
  async known(by: { certificate: string } | { uid: number }, origin: Origin): Promise<Caller> {
    const [column, value] = 'uid' in by ? (['uid', by.uid] as const) : (['certificate', by.certificate] as const);
    const row = await this.#parts.store.db
      .selectFrom('vault_principal')
      .selectAll()
      .where(column, '=', value)
      .where('disabled', '=', 0)
      .executeTakeFirst();
    if (!row) return this.#refused(undefined, column, origin);
    return { principal: principalOf(row), ...origin };
  }

  /** The counter of the code, where password and code are right and the code was not taken before; else null. */
  async #fits(row: VaultPrincipalTable, password: Uint8Array, code: string): Promise<number | null> {
    const [hash, key] = [
      await openCredential(this.#parts, row.id, 'password'),
      await openCredential(this.#parts, row.id, 'totp'),
    ];
    try {
      // Both are tried in any case: which of them was wrong is nobody's to learn.
      const right = hash !== null && (await passwordFits(hash, password));
      if (!right || !key || row.kind !== 'person' || (await this.#isLocked(row))) return null;
      return this.#counterOf(row, key, code);
    } finally {
      wipe(hash, key);
    }
  }

  /** Null for a code that is wrong, or not newer than the last that was taken. */
  #counterOf(row: VaultPrincipalTable, key: Uint8Array, code: string): number | null {
    const totp = totpOf(row.name, key);
    const timestamp = this.#parts.clock().getTime();
    const delta = totp.validate({ token: code, timestamp, window: 1 });
    if (delta === null) return null;
    const counter = totp.counter({ timestamp }) + delta;
    return row.totp_counter !== null && counter <= row.totp_counter ? null : counter;
  }

  async #isLocked(row: VaultPrincipalTable): Promise<boolean> {
    const { here } = await usesOf(this.#parts.store.db, row.id, LOGIN, this.#parts.clock());
    return here.lockedAt !== null;
  }

  async #refused(row: VaultPrincipalTable | undefined, way: Way, origin: Origin): Promise<never> {
    const { policy } = await this.#policies.present();
    const now = this.#parts.clock();
    const result = row && (await this.#isLocked(row)) ? 'locked' : 'refused';
    // A name that is nobody's may be a password typed into the wrong line.
    const body = { result, way, principal: row?.name ?? 'nobody', ...origin } as const;
    await record(this.#parts.ledger, [vaultRow('vault.login', body, { principal: row?.id ?? null })], async (db) => {
      if (row) await countFailure(db, { principal: row.id, secret: LOGIN, policy, now });
    });
    throw new Refusal('LOGIN_REFUSED');
  }

  async #say(
    row: VaultPrincipalTable,
    result: 'in' | 'out',
    way: Way,
    origin: Origin,
    counter?: number,
  ): Promise<void> {
    const body = { result, way, principal: row.name, ...origin };
    await record(this.#parts.ledger, [vaultRow('vault.login', body, { principal: row.id })], async (db) => {
      if (counter !== undefined) await spend(db, row.id, counter);
    });
  }

  #byName(name: string): Promise<VaultPrincipalTable | undefined> {
    return this.#parts.store.db
      .selectFrom('vault_principal')
      .selectAll()
      .where('name', '=', name)
      .where('disabled', '=', 0)
      .executeTakeFirst();
  }

  #byId(id: string): Promise<VaultPrincipalTable | undefined> {
    return this.#parts.store.db
      .selectFrom('vault_principal')
      .selectAll()
      .where('id', '=', id)
      .where('disabled', '=', 0)
      .executeTakeFirst();
  }
}

/** A code is taken: it, and those before it, count no more, and failures begin anew. */
async function spend(db: Db, principal: string, counter: number): Promise<void> {
  await forgetFailures(db, principal, LOGIN);
  const { numUpdatedRows } = await db
    .updateTable('vault_principal')
    .set({ totp_counter: counter })
    .where('id', '=', principal)
    .where((where) => where.or([where('totp_counter', 'is', null), where('totp_counter', '<', counter)]))
    .executeTakeFirst();
  // Of two that come with it at the same time, wherever, one is late.
  if (numUpdatedRows === 0n) throw new Refusal('LOGIN_REFUSED');
}

/** Sessions are known by a hash: a copy of the table lets nobody in. */
function digest(token: Uint8Array): string {
  return createHash('sha256').update(token).digest('hex');
}
