import { Refusal } from '../contract/errors.ts';
import { type VaultParts, record, vaultRow } from './parts.ts';
import type { Policies } from './policies.ts';
import { OWN } from './rows.ts';

const DAY_MS = 86_400_000;

/** What no checkpoint covers yet stays where it is; or another node is sealing, or has sealed the same rows. */
const NO_TROUBLE = ['LEDGER_NOT_SIGNED', 'LEDGER_SEALING', 'STORE_OVERTAKEN'];

/** The holder itself, where nobody asked for it. */
const BY = { principal: 'claviger', address: 'pipe', agent: 'claviger' };

/** Moves rows of the ledger that are older than policy keeps in the store to sealed segments, while a vault is open. */
export class Retention {
  readonly #parts: VaultParts;
  readonly #policies: Policies;
  readonly #ending = new AbortController();
  #sealing: Promise<void> | null = null;
  #trouble: string | null = null;

  constructor(parts: VaultParts, policies: Policies) {
    this.#parts = parts;
    this.#policies = policies;
  }

  /** What is due by now; who calls while that is under way waits for it. What is refused is an alert, once, and is tried again with the next look. */
  look(): Promise<void> {
    return (this.#sealing ??= this.#look().finally(() => (this.#sealing = null)));
  }

  /** Begins no further segment, and waits for the one that has begun. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#sealing?.catch(() => undefined);
  }

  async #look(): Promise<void> {
    const refused = await this.#seal();
    if (refused === this.#trouble) return;
    this.#trouble = refused;
    if (refused === null) return;
    const about = { owner: OWN, environment: 'isolated', name: 'ledger', secret: null, count: 1, ...BY } as const;
    await record(this.#parts.ledger, [vaultRow('vault.alert', { alert: 'retention', ...about })]);
  }

  /** The code of what was refused. */
  async #seal(): Promise<string | null> {
    const { ledger, clock } = this.#parts;
    const { ledgerDays } = (await this.#policies.present()).policy.retention;
    if (ledgerDays === null) return null;
    const kept = new Date(clock().getTime() - ledgerDays * DAY_MS);
    const month = new Date(Date.UTC(kept.getUTCFullYear(), kept.getUTCMonth()));
    try {
      await ledger.sealBefore(month.toISOString(), this.#ending.signal);
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return NO_TROUBLE.includes(error.code) ? null : error.code;
    }
  }
}
