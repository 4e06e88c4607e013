import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import type { VaultHealth } from '../contract/vault-keeping.ts';
import type { Ledger, NewRow } from '../ledger/ledger.ts';
import { VAULT_KINDS } from './kinds.ts';

/** Actions that open a value. */
const OPENING: readonly string[] = ['get', 'verify', 'export', 'open-data-key'];

/**
 * What the ledger's rows of this process come to, in numbers. No label names a secret or a principal: whoever may read metrics learns of neither, and no series
 * grows with them.
 */
export class Metrics {
  readonly #registry = openMetrics();
  readonly #access = this.#counter('access', 'Uses that were allowed', ['environment', 'action']);
  readonly #refused = this.#counter('refused', 'Uses that were refused', ['environment', 'reason']);
  readonly #decryptions = this.#counter('decryptions', 'Values that were opened for a caller', ['environment']);
  readonly #alerts = this.#counter('alerts', 'Alerts', ['alert']);
  readonly #logins = this.#counter('logins', 'Logins', ['way', 'result']);
  readonly #rotations = this.#counter('rotations', 'Rotations that ended', ['rotator', 'state']);
  readonly #secrets = this.#gauge('secrets', 'Secrets in the vault', ['category', 'environment']);
  readonly #rotation = this.#gauge('rotation', 'Secrets whose rotation is overdue, due soon, or begun and not ended', [
    'state',
  ]);
  readonly #locked = this.#gauge('locked_principals', 'Principals that are locked somewhere', []);
  readonly #emergencies = this.#gauge('emergencies', 'Emergency access that is live, or not reviewed yet', ['state']);
  readonly #cache = this.#counter('cache', 'Reads of what may be cached', ['class', 'result']);
  readonly #cacheEntries = this.#gauge('cache_entries', 'Values that are cached in this process', []);
  readonly #cacheShared = this.#gauge('cache_shared', 'Whether the Redis that policy names answers', ['state']);
  readonly #key = this.#gauge('key_healthy', 'Whether the key opens what it sealed', ['provider']);
  readonly #rows = this.#gauge('ledger_rows', 'Rows of the ledger', []);

  /** The same ledger, with its durable rows counted here. */
  over(ledger: Ledger): Ledger {
    return {
      ...ledger,
      append: async (rows, also) => {
        const appended = await ledger.append(rows, also);
        for (const row of rows) this.#count(row);
        return appended;
      },
    };
  }

  /** OpenMetrics 1.0 text. */
  text({ secrets, rotation, key, ledger, locked, emergency, cache }: Omit<VaultHealth, 'alerts'>): Promise<string> {
    this.#secrets.reset();
    for (const { category, environment, count } of secrets) this.#secrets.set({ category, environment }, count);
    this.#rotation.set({ state: 'overdue' }, rotation.overdue);
    this.#rotation.set({ state: 'soon' }, rotation.soon);
    this.#rotation.set({ state: 'open' }, rotation.open);
    this.#locked.set(locked);
    this.#cache.reset();
    for (const { cache: of, hits, joined, misses } of cache.classes) {
      for (const [result, count] of Object.entries({ hit: hits, joined, miss: misses })) {
        this.#cache.inc({ class: of, result }, count);
      }
    }
    this.#cacheEntries.set(cache.entries);
    this.#cacheShared.reset();
    if (cache.distributed !== 'none') this.#cacheShared.set({ state: cache.distributed }, 1);
    this.#emergencies.set({ state: 'live' }, emergency.live);
    this.#emergencies.set({ state: 'unreviewed' }, emergency.unreviewed);
    this.#key.set({ provider: key.provider }, key.ok ? 1 : 0);
    this.#rows.set(ledger.size);
    return this.#registry.metrics();
  }

  #count({ kind, body }: NewRow): void {
    if (kind === 'vault.access') {
      const { environment, action, allowed, reason } = VAULT_KINDS[kind].parse(body);
      if (allowed) this.#access.inc({ environment, action });
      else this.#refused.inc({ environment, reason: reason ?? '' });
      if (allowed && OPENING.includes(action)) this.#decryptions.inc({ environment });
    } else if (kind === 'vault.alert') {
      this.#alerts.inc({ alert: VAULT_KINDS[kind].parse(body).alert });
    } else if (kind === 'vault.renewal') {
      const { rotator, step } = VAULT_KINDS[kind].parse(body);
      if (step === 'activated' || step === 'rolled-back') this.#rotations.inc({ rotator, state: step });
    } else if (kind === 'vault.login') {
      const { way, result } = VAULT_KINDS[kind].parse(body);
      this.#logins.inc({ way, result });
    }
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name: `claviger_vault_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name: `claviger_vault_${name}`, help, labelNames, registers: [this.#registry] });
  }
}

function openMetrics(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
