import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CACHE_CLASSES, CACHE_MINUTES, type CacheClass, type CacheHealth } from '../contract/vault-cache-policy.ts';
import type { EncryptionContext } from '../kms/provider.ts';
import type { Ledger, NewRow } from '../ledger/ledger.ts';
import { type GcmParts, IV_BYTES, openBytes, sealWith } from '../process/aes-gcm.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { additional } from './envelope.ts';
import { VAULT_KINDS } from './kinds.ts';

/** A cache that other holders share. What it has not, or does not answer, it answers null to. Values are the caller's, who wipes them. */
export type SharedCache = {
  readonly state: CacheHealth['distributed'];
  get(id: string, context: EncryptionContext): Promise<Uint8Array | null>;
  put(id: string, context: EncryptionContext, value: Uint8Array, ttlMs: number): Promise<void>;
  drop(ids: string[]): void;
};

/** The newest version of one secret, for whoever has passed the guard, and whose read is a row by now. `reader`: a principal's name. */
export type Cached = { id: string; version: number; context: EncryptionContext; class: CacheClass; reader: string };

type Entry = { version: number; class: CacheClass; sealed: GcmParts | null; readers: Set<string> };
/** `value`: for whoever departed, when it has landed. */
type Flight = {
  version: number;
  readers: Set<string>;
  current: boolean;
  landed: Promise<GcmParts | null>;
  value: Uint8Array | null;
};

const ENTRIES = 10_000;
/** Of all values together. */
const BYTES = 64 * 1024 * 1024;

/**
 * Values that were opened, for as long as their class allows (`CACHE_MINUTES`), each encrypted under a key of this process, which is drawn anew each time and wiped with
 * it. It is asked after the guard, and knows nobody's rights. Who asks while another's decryption is under way waits for that one: one decryption for all.
 * What the ledger says of a secret, a grant, a policy or a logout makes it forget.
 */
export class SecretCache {
  readonly #key = guarded(32);
  readonly #entries: LRUCache<string, Entry>;
  readonly #flights = new Map<string, Flight>();
  readonly #counts = CACHE_CLASSES.map((cache) => ({ cache, hits: 0, joined: 0, misses: 0 }));
  #shared: SharedCache | null = null;
  /** Values that were sealed: no IV comes twice under the key. */
  #sealed = 0n;
  #open = true;

  /** `now`: milliseconds of a clock that nobody sets. */
  constructor(now: () => number = () => performance.now()) {
    const random = randomBytes(this.#key.length);
    this.#key.set(random);
    wipe(random);
    this.#entries = new LRUCache({
      ...{ max: ENTRIES, maxSize: BYTES, sizeCalculation: ({ sealed }) => 1 + (sealed?.ciphertext.length ?? 0) },
      ...{ perf: { now }, ttlResolution: 0 },
    });
  }

  /** Null: there is none, and none is shared. What is shared with other holders is theirs still. */
  share(shared: SharedCache | null): void {
    this.clear();
    this.#shared = shared;
  }

  /** A copy of the value in guarded memory, which the caller wipes; null where `open` finds none. Throws what `open` throws. */
  async value(wanted: Cached, open: () => Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    const { id, version, context, reader } = wanted;
    if (CACHE_MINUTES[wanted.class] === 0 || this.#isClosed()) return open();
    const entry = this.#entries.get(id);
    const known = entry?.version === version ? entry : null;
    known?.readers.add(reader);
    const kept = known?.sealed && openBytes(this.#key, known.sealed, additional(context));
    if (kept) {
      this.#count(wanted, 'hits');
      return kept;
    }
    const under = this.#flights.get(id);
    const flight = under?.version === version ? under : this.#depart(wanted, open);
    flight.readers.add(reader);
    if (flight === under) this.#count(wanted, 'joined');
    const landed = await flight.landed;
    if (flight !== under && flight.value) return flight.value;
    // It may have been closed meanwhile, and its key wiped.
    if (!landed || this.#isClosed()) return open();
    return openBytes(this.#key, landed, additional(context)) ?? open();
  }

  /** The same ledger: what its durable rows say is forgotten here before their caller hears. */
  over(ledger: Ledger): Ledger {
    return {
      ...ledger,
      append: async (rows, also) => {
        const appended = await ledger.append(rows, also);
        for (const row of rows) this.#heed(row);
        return appended;
      },
    };
  }

  /** Everything of this process's, and of Redis what this process put there. */
  clear(): void {
    for (const flight of this.#flights.values()) flight.current = false;
    this.#flights.clear();
    this.#drop([...this.#entries.keys()]);
    this.#entries.clear();
  }

  /** What has outlived its time goes: nobody may ask for it again. */
  purge(): void {
    this.#entries.purgeStale();
  }

  close(): void {
    this.clear();
    this.#open = false;
    wipe(this.#key);
  }

  health(): CacheHealth {
    const classes = this.#counts.filter(({ cache }) => cache !== 'none').map((counts) => ({ ...counts }));
    return { classes, entries: this.#entries.size, distributed: this.#shared?.state ?? 'none' };
  }

  /** One decryption, for all who ask until it has landed. */
  #depart(wanted: Cached, open: () => Promise<Uint8Array | null>): Flight {
    const { id, version } = wanted;
    const readers = new Set<string>();
    const flight: Flight = { version, readers, current: true, landed: Promise.resolve(null), value: null };
    flight.landed = this.#fetch(wanted, open, flight).finally(() => {
      if (this.#flights.get(id) === flight) this.#flights.delete(id);
    });
    this.#flights.set(id, flight);
    return flight;
  }

  async #fetch(wanted: Cached, open: () => Promise<Uint8Array | null>, flight: Flight): Promise<GcmParts | null> {
    const { id, version, context } = wanted;
    const shared = wanted.class === 'distributed' ? this.#shared : null;
    const found = (await shared?.get(id, context)) ?? null;
    this.#count(wanted, found ? 'hits' : 'misses');
    const value = found ?? (await open());
    if (!value) return null;
    try {
      if (this.#isClosed()) return null;
      const sealed = this.#seal(value, context);
      const ttl = CACHE_MINUTES[wanted.class] * 60_000;
      // What was forgotten while it was on its way is not kept.
      if (isWanted(flight)) {
        const entry = { version, class: wanted.class, sealed: shared ? null : sealed, readers: flight.readers };
        this.#entries.set(id, entry, { ttl });
        if (shared && !found) await shared.put(id, context, value, ttl);
        // Forgotten while it was put there: the drop may have come first.
        if (!isWanted(flight)) shared?.drop([id]);
      }
      if (this.#isClosed()) return null;
      flight.value = value;
      return sealed;
    } finally {
      if (flight.value !== value) wipe(value);
    }
  }

  #heed({ kind, body }: NewRow): void {
    if (kind === 'vault.stored' || kind === 'vault.deleted') {
      const { secret } = VAULT_KINDS[kind].parse(body);
      this.#forget([secret]);
      // Another holder may have put it there.
      this.#shared?.drop([secret]);
    } else if (kind === 'vault.policy' || kind === 'vault.key') {
      this.clear();
    } else if (kind === 'vault.revoke') {
      this.#forgetOf(VAULT_KINDS[kind].parse(body).subject);
    } else if (kind === 'vault.principal') {
      const { subject, change } = VAULT_KINDS[kind].parse(body);
      if (change === 'disabled') this.#forgetOf(subject);
    } else if (kind === 'vault.login') {
      const { principal, result } = VAULT_KINDS[kind].parse(body);
      if (result === 'out') this.#forgetOf(principal, 'distributed');
    } else if (kind === 'vault.emergency') {
      const said = VAULT_KINDS[kind].parse(body);
      if (said.event === 'expired' || said.event === 'revoked') this.#forgetOf(said.subject);
    }
  }

  /** What this principal has read, of one class or of all. */
  #forgetOf(reader: string, of?: CacheClass): void {
    const entries = [...this.#entries.entries()].filter(([, entry]) => of === undefined || entry.class === of);
    const flights = [...this.#flights.entries()];
    this.#forget([...entries, ...flights].filter(([, { readers }]) => readers.has(reader)).map(([id]) => id));
  }

  #forget(ids: string[]): void {
    for (const id of ids) {
      const flight = this.#flights.get(id);
      if (flight) flight.current = false;
      this.#flights.delete(id);
    }
    this.#drop(ids);
    for (const id of ids) this.#entries.delete(id);
  }

  #drop(ids: string[]): void {
    const shared = ids.filter((id) => this.#entries.peek(id, { allowStale: true })?.class === 'distributed');
    if (shared.length > 0) this.#shared?.drop(shared);
  }

  #seal(value: Uint8Array, context: EncryptionContext): GcmParts {
    this.#sealed += 1n;
    const iv = Buffer.alloc(IV_BYTES);
    iv.writeBigUInt64BE(this.#sealed, IV_BYTES - 8);
    return sealWith(this.#key, iv, value, additional(context));
  }

  #isClosed(): boolean {
    return !this.#open;
  }

  #count({ class: cache }: Cached, what: 'hits' | 'joined' | 'misses'): void {
    const counts = this.#counts.find((one) => one.cache === cache);
    if (counts) counts[what] += 1;
  }
}

/** Nothing has made it be forgotten meanwhile. */
function isWanted({ current }: Flight): boolean {
  return current;
}
