import { setTimeout as wait } from 'node:timers/promises';
import { RESP_TYPES, createClient } from '@redis/client';
import type { CacheHealth, RedisPlace } from '../contract/vault-cache-policy.ts';
import { Refusal } from '../contract/errors.ts';
import type { EncryptionContext, KmsProvider } from '../kms/provider.ts';
import { joinParts, openBytes, sealBytes, splitParts } from '../process/aes-gcm.ts';
import { wipe } from '../process/guarded.ts';
import type { SharedCache } from './cache.ts';
import { additional } from './envelope.ts';

/** A Redis that says nothing for so long is away, and is not asked for a while (milliseconds). */
const SILENCE_MS = 250;
const SILENCE_PARTS = 5;
const PAUSE_MS = 1000;
/** The key of what is in there is drawn anew after so long (seconds). */
const KEY_SECONDS = 24 * 3600;
/** Secrets that were dropped while it was away, at most: the rest outlives its time there, unread. */
const OWED = 10_000;

/**
 * Values that several holders of one vault share in a Redis: iv || ciphertext || tag, AES-256-GCM, bound to what the value is bound to in the vault. The key is a data key of the
 * KEK, which lies there wrapped: a holder opens it once. Redis sees UUIDs, lengths and times. While it is away everything goes on without it.
 */
export class RedisCache implements SharedCache {
  readonly #kms: Pick<KmsProvider, 'generateDataKey' | 'decrypt'>;
  readonly #vault: string;
  readonly #now: () => number;
  readonly #client: ReturnType<typeof clientOf>;
  readonly #owed = new Set<string>();
  #key: Promise<Uint8Array> | null = null;
  #pausedUntil = 0;
  #keyRead = -Infinity;

  /** `vault`: its ledger's origin. The caller wipes `password`. */
  constructor(
    place: RedisPlace,
    password: Uint8Array | null,
    {
      kms,
      vault,
      now = () => performance.now(),
    }: { kms: Pick<KmsProvider, 'generateDataKey' | 'decrypt'>; vault: string; now?: () => number },
  ) {
    this.#kms = kms;
    this.#vault = vault;
    this.#now = now;
    this.#client = clientOf(place, password);
    // It connects again by itself, later and later; whoever asks meanwhile hears nothing of it.
    this.#client.on('error', () => undefined);
    this.#client.on('ready', () => {
      this.#pausedUntil = 0;
      this.#pay();
    });
    void this.#client.connect().catch(() => undefined);
  }

  get state(): CacheHealth['distributed'] {
    return this.#client.isReady && this.#now() >= this.#pausedUntil ? 'ready' : 'away';
  }

  async get(id: string, context: EncryptionContext): Promise<Uint8Array | null> {
    return this.#try(async () => {
      const bytes = await this.#client.get(this.#place(id));
      const parts = bytes && splitParts(bytes);
      if (!parts) return null;
      const value = openBytes(await this.#keyOf(), parts, additional(context));
      if (!value) this.#forgetKey();
      return value;
    });
  }

  async put(id: string, context: EncryptionContext, value: Uint8Array, ttlMs: number): Promise<void> {
    await this.#try(async () => {
      const sealed = Buffer.from(joinParts(sealBytes(await this.#keyOf(), value, additional(context))));
      await this.#client.set(this.#place(id), sealed, { expiration: { type: 'PX', value: ttlMs } });
      return null;
    });
  }

  drop(ids: string[]): void {
    for (const id of ids) if (this.#owed.size < OWED) this.#owed.add(id);
    this.#pay();
  }

  /** What it was told to drop is dropped if it answers, and the key is wiped. */
  async close(): Promise<void> {
    if (this.#owed.size > 0) await this.#unlink();
    const key = this.#key;
    this.#key = null;
    wipe(await key?.catch(() => null));
    this.#client.destroy();
  }

  #pay(): void {
    if (this.#owed.size > 0) void this.#unlink();
  }

  async #unlink(): Promise<void> {
    const ids = [...this.#owed];
    await this.#try(async () => {
      await this.#client.unlink(ids.map((id) => this.#place(id)));
      for (const id of ids) this.#owed.delete(id);
      return null;
    });
  }

  /** Null where it is away, or says nothing in time. */
  async #try<T>(work: () => Promise<T | null>): Promise<T | null> {
    if (this.state !== 'ready') return null;
    const stop = new AbortController();
    const silence = this.#silence(stop.signal);
    const working = work();
    try {
      const done = await Promise.race([working, silence]);
      if (done !== 'silent') return done;
      this.#pausedUntil = this.#now() + PAUSE_MS;
      // What comes too late is nobody's.
      working
        .then((late) => {
          if (late instanceof Uint8Array) wipe(late);
        })
        .catch(() => undefined);
      return null;
    } catch {
      return null;
    } finally {
      stop.abort();
      silence.catch(() => undefined);
    }
  }

  /** In parts: where this process itself was busy for longer, that was one of them, and Redis has the others to answer in. */
  async #silence(signal: AbortSignal): Promise<'silent'> {
    for (let part = 0; part < SILENCE_PARTS; part += 1) await wait(SILENCE_MS / SILENCE_PARTS, undefined, { signal });
    return 'silent';
  }

  /** The key that lies there, or a new one, which is the others' then as well. */
  #keyOf(): Promise<Uint8Array> {
    return (this.#key ??= this.#readKey().catch((error: unknown) => {
      this.#key = null;
      throw error;
    }));
  }

  async #readKey(): Promise<Uint8Array> {
    const place = `claviger:${this.#vault}:key`;
    const context = { use: 'cache', vault: this.#vault };
    const wrapped = await this.#client.get(place);
    if (wrapped) {
      const opened = await this.#kms.decrypt(wrapped, context).catch((error: unknown) => {
        // Of a KEK that is gone, or no key at all.
        if (error instanceof Refusal && ['KMS_UNOPENED', 'KMS_KEY_UNKNOWN'].includes(error.code)) return null;
        throw error;
      });
      if (opened) return opened;
      await this.#client.unlink(place);
    }
    const { plaintext, ciphertext } = await this.#kms.generateDataKey(context);
    wipe(plaintext);
    const expiration = { type: 'EX', value: KEY_SECONDS } as const;
    await this.#client.set(place, Buffer.from(ciphertext), { expiration, condition: 'NX' });
    const kept = await this.#client.get(place);
    if (!kept) throw new Error('the key is not kept');
    return this.#kms.decrypt(kept, context);
  }

  /** Something there is under another key than this one: at most once a second the key is read anew. */
  #forgetKey(): void {
    if (this.#now() - this.#keyRead < PAUSE_MS) return;
    this.#keyRead = this.#now();
    const key = this.#key;
    this.#key = null;
    void key?.then(wipe).catch(() => undefined);
  }

  #place(id: string): string {
    return `claviger:${this.#vault}:${id}`;
  }
}

function clientOf(place: RedisPlace, password: Uint8Array | null) {
  const { user: username } = place;
  const socket =
    'socket' in place
      ? { path: place.socket, tls: false as const }
      : { host: place.host, port: place.port, tls: true as const, ...(place.ca === undefined ? {} : { ca: place.ca }) };
  return createClient({
    socket: { ...socket, connectTimeout: 2000 },
    ...{
      disableOfflineQueue: true,
      commandsQueueMaxLength: 1000,
      disableClientInfo: true,
      maintNotifications: 'disabled',
    },
    ...(username === undefined ? {} : { username }),
    // The client takes a string: here alone the password is one.
    ...(password ? { password: new TextDecoder().decode(password) } : {}),
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}
