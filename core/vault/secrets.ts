import { randomUUID } from 'node:crypto';
import AsyncLock from 'async-lock';
import { sql } from 'kysely';
import {
  type Category,
  type Right,
  type SecretIdentity,
  type SecretView,
  VALUE_LIMIT,
  type VersionView,
} from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import { wipe } from '../process/guarded.ts';
import type { VaultSecretTable } from '../store/schema.ts';
import { anyRight } from './access.ts';
import type { SecretCache } from './cache.ts';
import { contextOf, isDamage, seal } from './envelope.ts';
import { heldBy } from './grants.ts';
import type { Act, Admission, Guard } from './guard.ts';
import { overtaken, untilFirst } from './overtaken.ts';
import { type Caller, type VaultParts, byOf, record, vaultRow } from './parts.ts';
import {
  OWN,
  findKept,
  findSecret,
  identityOf,
  insertVersion,
  openVersion,
  placeOf,
  rotationDueOf,
  setTags,
  tagsOf,
} from './rows.ts';
import { hashPassword, macToken, passwordFits, tokenFits } from './verifiers.ts';

export type Put = {
  identity: SecretIdentity;
  /** Of a new secret; of one that is there it stays what it is. */
  category?: string | undefined;
  description?: string | undefined;
  tags?: string[] | undefined;
  /** Shorter than the policy's, for this secret alone, from now on (days). */
  rotationDays?: number | undefined;
  purpose?: string | undefined;
  request?: string | undefined;
};

/** At one secret. `request`: what two people have approved. */
export type Look = { identity: SecretIdentity; purpose?: string | undefined; request?: string | undefined };

export type ListFilter = {
  owner?: string | undefined;
  environment?: string | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  /** What is to be rotated by now, alone. */
  due?: boolean | undefined;
  /** The last of the page before. */
  after?: SecretIdentity | undefined;
  limit: number;
};

/** Secrets behind the guard. Values are bytes; whoever gets one wipes it. */
export class Secrets {
  readonly #parts: VaultParts;
  readonly #guard: Guard;
  readonly #cache: SecretCache;
  /** One writer a secret, and one try at a time of each principal there. */
  readonly #lock = new AsyncLock({ maxPending: 10_000 });

  constructor(parts: VaultParts, guard: Guard, cache: SecretCache) {
    this.#parts = parts;
    this.#guard = guard;
    this.#cache = cache;
  }

  /**
   * Stores a version, durable when it answers; the caller wipes `value` (1 byte to 1 MiB). What the category protects by argon2id or HMAC never comes back.
   * VALUE_SIZE, CATEGORY_UNKNOWN, CATEGORY_OTHER, and what the guard and the KMS refuse.
   */
  async put(
    caller: Caller,
    wanted: Put,
    value: Uint8Array,
    action: 'put' | 'rotate' | 'import' = 'put',
  ): Promise<{ id: string; version: number }> {
    if (value.length < 1 || value.length > VALUE_LIMIT)
      throw new Refusal('VALUE_SIZE', { bytes: value.length, limit: VALUE_LIMIT });
    const { identity } = wanted;
    return this.#alone(identity, async () => {
      const { category: named, purpose, request } = wanted;
      const right: Right = action === 'rotate' ? 'ROTATE' : 'WRITE';
      const act: Act = { action, right, identity, decrypts: false, category: named, purpose, request };
      const admission = await this.#guard.admit(caller, act);
      const { secret } = admission;
      if (secret && named !== undefined && named !== secret.category) {
        throw new Refusal('CATEGORY_OTHER', { category: secret.category });
      }
      return this.#store(caller, wanted, { value, admission, named: secret?.category ?? named ?? '' });
    });
  }

  /** Does some work while nobody else writes at these places. */
  exclusively<T>(places: string[], work: () => Promise<T>): Promise<T> {
    return this.#lock.acquire(places, () => untilFirst(work));
  }

  #alone<T>(identity: SecretIdentity, work: () => Promise<T>): Promise<T> {
    return this.exclusively([placeOf(identity)], work);
  }

  /** The newest version's value, or an older one's as long as policy lets it count, in guarded memory. PURPOSE_MISSING, VAULT_RATE, SECRET_OVERDUE, VERSION_OVER, VAULT_REFUSED. */
  async get(
    caller: Caller,
    wanted: Look & { version?: number | 'previous' | undefined },
  ): Promise<{ secret: SecretView; version: number; value: Uint8Array }> {
    return untilFirst(() => this.#getNow(caller, wanted));
  }

  async #getNow(
    caller: Caller,
    wanted: Look & { version?: number | 'previous' | undefined },
  ): Promise<{ secret: SecretView; version: number; value: Uint8Array }> {
    const { identity, purpose, request } = wanted;
    const asked = wanted.version === 'previous' ? await this.#previous(identity) : wanted.version;
    const why = { purpose, request, version: asked };
    const act: Act = { action: 'get', right: 'READ', identity, decrypts: true, ...why };
    const admission = await this.#guard.admit(caller, act);
    const secret = present(admission);
    if (admission.category.protection !== 'envelope')
      throw new Refusal('SECRET_NOT_READABLE', { category: secret.category });
    const version = asked ?? secret.version;
    if (version < 1 || (await this.#isOver(secret, version, admission.category))) {
      return this.#guard.refuseOpenly(caller, act, secret, { reason: 'grace', code: 'VERSION_OVER' });
    }
    const access = await record(this.#parts.ledger, admission.rows, admission.also);
    const value = await this.#open(caller, act, { secret, version, access, category: admission.category });
    return { secret: (await this.#views([secret]))[0] ?? impossible(), version, value };
  }

  /** Whether a candidate is the value. Wrong ones are counted, and lock. The caller wipes it. VAULT_REFUSED for a wrong one, too. */
  async verify(caller: Caller, wanted: Look, candidate: Uint8Array): Promise<void> {
    const { identity, purpose, request } = wanted;
    const act: Act = { action: 'verify', right: 'READ', identity, decrypts: true, purpose, request };
    await this.exclusively([`${caller.principal.id} ${placeOf(identity)}`], async () => {
      const admission = await this.#guard.admit(caller, act);
      const secret = present(admission);
      const { protection } = admission.category;
      if (protection === 'envelope') throw new Refusal('SECRET_NOT_VERIFIED', { category: secret.category });
      const access = await record(this.#parts.ledger, admission.rows, admission.also);
      const kept = await this.#open(caller, act, {
        ...{ secret, version: secret.version },
        access,
        category: admission.category,
      });
      let fits: boolean;
      try {
        fits = protection === 'argon2id' ? await passwordFits(kept, candidate) : tokenFits(kept, candidate);
      } catch {
        return await this.#guard.failed(caller, act, secret, 'damaged', 'SECRET_DAMAGED', access);
      } finally {
        wipe(kept);
      }
      if (!fits) return this.#guard.failed(caller, act, secret, 'wrong', 'VALUE_WRONG', access);
    });
  }

  /** Secrets where the caller has any right, in order of owner, environment and name, without their values. */
  async list(caller: Caller, filter: ListFilter): Promise<{ secrets: SecretView[]; more: boolean }> {
    const { db } = this.#parts.store;
    const now = this.#parts.clock().toISOString();
    const scopes = (await heldBy(db, caller.principal.id, caller.emergency ?? null))
      .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
      .map(({ scope }) => scope);
    if (scopes.length === 0) return { secrets: [], more: false };
    let query = db.selectFrom('vault_secret').selectAll().where('owner', '!=', OWN);
    if (filter.owner !== undefined) query = query.where('owner', '=', filter.owner);
    if (filter.environment !== undefined) query = query.where('environment', '=', filter.environment);
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    const { tag, after } = filter;
    if (filter.due) query = query.where('rotation_due', '<=', now);
    if (tag !== undefined) {
      query = query.where('id', 'in', db.selectFrom('vault_tag').select('secret').where('tag', '=', tag));
    }
    if (after) {
      query = query.where(
        sql<boolean>`(owner, environment, name) > (${after.owner}, ${after.environment}, ${after.name})`,
      );
    }
    query = query.where((where) =>
      where.or(
        scopes.map(({ owner, environment, name }) =>
          where.and([
            ...(owner === '*' ? [] : [where('owner', '=', owner)]),
            ...(environment === '*' ? [] : [where('environment', '=', environment)]),
            ...(!name.endsWith('*')
              ? [where('name', '=', name)]
              : name === '*'
                ? []
                : [where('name', '>=', name.slice(0, -1)), where('name', '<', `${name.slice(0, -1)}\u{10FFFF}`)]),
            where.lit(true),
          ]),
        ),
      ),
    );
    const rows = await query
      .orderBy('owner')
      .orderBy('environment')
      .orderBy('name')
      .limit(filter.limit + 1)
      .execute();
    return { secrets: await this.#views(rows.slice(0, filter.limit)), more: rows.length > filter.limit };
  }

  /** The versions that are kept, newest first. No value is opened: any right on the secret will do. VAULT_REFUSED. */
  async versions(caller: Caller, { identity, purpose, request }: Look): Promise<VersionView[]> {
    const held = await heldBy(this.#parts.store.db, caller.principal.id, caller.emergency ?? null);
    const right = anyRight(held, identity, this.#parts.clock().toISOString()) ?? 'READ';
    const why = { purpose, request };
    const admission = await this.#guard.admit(caller, { action: 'versions', right, identity, decrypts: false, ...why });
    await record(this.#parts.ledger, admission.rows, admission.also);
    const secret = present(admission);
    const rows = await this.#parts.store.db
      .selectFrom('vault_version as v')
      .innerJoin('vault_data_key as d', (join) =>
        join.onRef('d.secret', '=', 'v.secret').onRef('d.version', '=', 'v.version'),
      )
      .select(['v.version', 'v.created_at', 'v.created_by', 'v.algorithm', 'd.key_id'])
      .where('v.secret', '=', secret.id)
      // One that waits to become the newest is none yet.
      .where('v.version', '<=', secret.version)
      .where('d.key_id', '=', this.#parts.kms.keyId)
      .orderBy('v.version', 'desc')
      .execute();
    return rows.map(({ version, created_at: createdAt, created_by: createdBy, algorithm, key_id: keyId }) => ({
      ...{ version, createdAt, createdBy, algorithm, keyId },
    }));
  }

  /** Sets tags, or what is said about a secret. VAULT_REFUSED. */
  async describe(
    caller: Caller,
    identity: SecretIdentity,
    said: { tags?: string[] | undefined; description?: string | undefined },
  ): Promise<void> {
    const action = said.tags ? 'tag' : 'describe';
    const admission = await this.#guard.admit(caller, { action, right: 'WRITE', identity, decrypts: false });
    const secret = present(admission);
    const { tags, description } = said;
    const at = this.#parts.clock().toISOString();
    const row = vaultRow(
      'vault.changed',
      { ...identity, secret: secret.id, description: description !== undefined, tags: tags ?? null, ...byOf(caller) },
      { secret: secret.id, principal: caller.principal.id },
    );
    await record(this.#parts.ledger, [...admission.rows, row], async (db) => {
      await admission.also(db);
      if (tags) await setTags(db, secret.id, tags);
      await db
        .updateTable('vault_secret')
        .set({ updated_at: at, ...(description === undefined ? {} : { description }) })
        .where('id', '=', secret.id)
        .execute();
    });
  }

  /** Erases a secret with all its versions: their data keys are gone, and so is what they opened. VAULT_REFUSED. */
  async delete(caller: Caller, wanted: Look): Promise<void> {
    const { identity, purpose, request } = wanted;
    await this.#alone(identity, async () => {
      const admission = await this.#guard.admit(caller, {
        ...{ action: 'delete', right: 'ADMIN', identity },
        decrypts: false,
        purpose,
        request,
      });
      const secret = present(admission);
      const row = vaultRow(
        'vault.deleted',
        { ...identity, secret: secret.id, versions: secret.version, ...byOf(caller) },
        { secret: secret.id, principal: caller.principal.id },
      );
      await record(this.#parts.ledger, [...admission.rows, row], async (db) => {
        await admission.also(db);
        const { numDeletedRows } = await db.deleteFrom('vault_secret').where('id', '=', secret.id).executeTakeFirst();
        if (numDeletedRows === 0n) throw overtaken('vault_secret');
      });
      this.#parts.store.flush();
    });
  }

  /** Nought where there is none: no version has that number. */
  async #previous(identity: SecretIdentity): Promise<number> {
    const secret = await findSecret(this.#parts.store.db, identity);
    return Math.max((secret?.version ?? 0) - 1, 0);
  }

  /** Whether a version has counted long enough since another took its place. */
  async #isOver(secret: VaultSecretTable, version: number, { graceMinutes }: Category): Promise<boolean> {
    if (graceMinutes === null || version >= secret.version) return false;
    const next = await findKept(this.#parts.store.db, secret.id, version + 1);
    const since = next ? new Date(next.created_at).getTime() : 0;
    return since + graceMinutes * 60_000 <= this.#parts.clock().getTime();
  }

  /**
   * `access`: the row that allowed it, durable by now. What does not open is recorded and told as any refusal. STORE_OVERTAKEN where the version went since then, by a deletion or by newer ones:
   * the next look finds what is there now.
   */
  async #open(
    caller: Caller,
    act: Act,
    asked: { secret: VaultSecretTable; version: number; access: number; category: Category },
  ): Promise<Uint8Array> {
    const { secret, version, access, category } = asked;
    if (version > secret.version) return this.#guard.failed(caller, act, secret, 'damaged', 'VERSION_MISSING', access);
    const failed = (code: string) => this.#guard.failed(caller, act, secret, 'damaged', code, access);
    const open = () => openVersion(this.#parts, secret, version);
    const context = contextOf({ ...identityOf(secret), id: secret.id }, version);
    const cached = { id: secret.id, version, context, class: category.cache, reader: caller.principal.name };
    // Older versions are erased when policy says so: only the newest is kept besides the store.
    const value = await (version === secret.version ? this.#cache.value(cached, open) : open()).catch(
      (error: unknown) => {
        if (!isDamage(error)) throw error;
        return failed(error.code);
      },
    );
    if (value) return value;
    const present = await findSecret(this.#parts.store.db, identityOf(secret));
    if (present?.id !== secret.id || present.version !== secret.version) throw overtaken('vault_version');
    return failed('VERSION_MISSING');
  }

  async #store(
    caller: Caller,
    wanted: Put,
    { value, admission, named }: { value: Uint8Array; admission: Admission; named: string },
  ): Promise<{ id: string; version: number }> {
    const { kms, ledger, clock } = this.#parts;
    const { identity, tags } = wanted;
    const { secret: before, category } = admission;
    const now = clock();
    const at = now.toISOString();
    const days = wanted.rotationDays ?? before?.rotation_days ?? null;
    const secret: VaultSecretTable = {
      ...(before ?? { ...identity, id: randomUUID(), created_at: at, accessed_at: null }),
      category: named,
      description: wanted.description ?? before?.description ?? '',
      version: (before?.version ?? 0) + 1,
      updated_at: at,
      rotation_due: rotationDueOf(category, days, now),
      rotation_days: days,
    };
    const kept = await protect(category, value);
    const sealed = await seal(kms, contextOf({ ...identity, id: secret.id }, secret.version), kept).finally(() => {
      if (kept !== value) wipe(kept);
    });
    const row = vaultRow(
      'vault.stored',
      {
        ...identity,
        ...{
          secret: secret.id,
          category: named,
          version: secret.version,
          key: sealed.keyId,
          algorithm: sealed.algorithm,
        },
        ...{ bytes: kept.length, rotationDue: secret.rotation_due, ...byOf(caller) },
      },
      { secret: secret.id, principal: caller.principal.id },
    );
    await record(ledger, [...admission.rows, row], async (db) => {
      await admission.also(db);
      await insertVersion(db, kms, secret, sealed, { by: caller.principal.name, keep: category.keepVersions });
      if (tags) await setTags(db, secret.id, tags);
    });
    return { id: secret.id, version: secret.version };
  }

  async #views(rows: VaultSecretTable[]): Promise<SecretView[]> {
    const tags = await tagsOf(
      this.#parts.store.db,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({
      ...identityOf(row),
      ...{ id: row.id, category: row.category, description: row.description, tags: tags.get(row.id) ?? [] },
      ...{ version: row.version, createdAt: row.created_at, updatedAt: row.updated_at, accessedAt: row.accessed_at },
      rotationDue: row.rotation_due,
    }));
  }
}

function protect({ protection }: Category, value: Uint8Array): Promise<Uint8Array> {
  if (protection === 'argon2id') return hashPassword(value);
  return Promise.resolve(protection === 'hmac' ? macToken(value) : value);
}

function present({ secret }: Admission): VaultSecretTable {
  return secret ?? impossible();
}

function impossible(): never {
  throw new Error('the guard admitted to a secret that is not there');
}
