import AsyncLock from 'async-lock';
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
import type { SecretCache } from './cache.ts';
import { contextOf, isDamage } from './envelope.ts';
import { type Act, type Guard, present } from './guard.ts';
import { type Put, storeVersion } from './new-version.ts';
import { overtaken, untilFirst } from './overtaken.ts';
import { type Caller, type VaultParts, byOf, record, vaultRow } from './parts.ts';
import { findKept, findSecret, identityOf, openVersion, placeOf, setTags } from './rows.ts';
import { type ListFilter, type Look, listSecrets, listVersions, viewsOf } from './secret-views.ts';
import { passwordFits, tokenFits } from './verifiers.ts';

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
      return storeVersion(this.#parts, caller, wanted, { value, admission, named: secret?.category ?? named ?? '' });
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
    // Before the row is written: what is asked after a sync takes several times as long.
    const [view] = await viewsOf(this.#parts.store.db, [secret]);
    if (!view) throw new Error('a secret without a view');
    const access = await record(this.#parts.ledger, admission.rows, admission.also);
    const value = await this.#open(caller, act, { secret, version, access, category: admission.category });
    return { secret: view, version, value };
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
  list(caller: Caller, filter: ListFilter): Promise<{ secrets: SecretView[]; more: boolean }> {
    return listSecrets(this.#parts, caller, filter);
  }

  /** The versions that are kept, newest first. No value is opened: any right on the secret will do. VAULT_REFUSED. */
  versions(caller: Caller, wanted: Look): Promise<VersionView[]> {
    return listVersions(this.#parts, this.#guard, caller, wanted);
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
      await this.#parts.store.flush();
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
    const now = await findSecret(this.#parts.store.db, identityOf(secret));
    if (now?.id !== secret.id || now.version !== secret.version) throw overtaken('vault_version');
    return failed('VERSION_MISSING');
  }
}
