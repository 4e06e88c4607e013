import type { SecretCache } from './cache.ts';
import { openCredential } from './credentials.ts';
import { wipe } from '../process/guarded.ts';
import type { VaultParts } from './parts.ts';
import type { Policies } from './policies.ts';
import type { RedisCache } from './redis-cache.ts';
import { OWN } from './rows.ts';

/** By this name `vault.setOutsidePassword` takes the password of Redis. */
const REDIS = 'redis';

/** Redis' client is the largest library of core's, and most vaults name no Redis: it is read when one does. */
const redis = () => import('./redis-cache.ts');

/** The Redis that policy names now, with the password that the vault has for it now. */
export class CacheSharing {
  readonly #parts: VaultParts;
  readonly #policies: Policies;
  readonly #cache: SecretCache;
  #redis: RedisCache | null = null;
  #known = JSON.stringify([null, null]);

  constructor(parts: VaultParts, policies: Policies, cache: SecretCache) {
    this.#parts = parts;
    this.#policies = policies;
    this.#cache = cache;
  }

  /** Where either has changed, another one takes its place; nobody waits until it answers. */
  async follow(): Promise<void> {
    const place = (await this.#policies.present()).policy.redis ?? null;
    const kept = await this.#parts.store.db
      .selectFrom('vault_secret')
      .select('version')
      .where('owner', '=', OWN)
      .where('name', '=', `outside/${REDIS}`)
      .executeTakeFirst();
    const known = JSON.stringify([place, place && (kept?.version ?? null)]);
    if (known === this.#known) return;
    const before = this.#redis;
    const password = place && (await openCredential(this.#parts, REDIS, 'outside'));
    try {
      const vault = await this.#parts.ledger.origin();
      this.#redis = place && new (await redis()).RedisCache(place, password, { kms: this.#parts.kms, vault });
    } finally {
      wipe(password);
    }
    this.#known = known;
    this.#cache.share(this.#redis);
    await before?.close();
  }

  async close(): Promise<void> {
    this.#cache.share(null);
    await this.#redis?.close();
    this.#redis = null;
    this.#known = '';
  }
}
