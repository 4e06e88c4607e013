import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

type Sealed = { iv: Uint8Array; ciphertext: Uint8Array; tag: Uint8Array };

const ENTRIES = 1000;

/** Values of one connection for a while, encrypted by a key that is this connection's and drawn anew each time: what is swapped or dumped of the cache alone tells nothing. */
export class ValueCache {
  readonly #key = randomBytes(32);
  readonly #entries = new LRUCache<string, Sealed>({ max: ENTRIES, ttlAutopurge: false });

  /** `ttlMs`: how long it counts. The caller keeps `value`. */
  keep(place: string, value: Uint8Array, ttlMs: number): void {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    cipher.setAAD(Buffer.from(place));
    const ciphertext = Buffer.concat([cipher.update(value), cipher.final()]);
    this.#entries.set(place, { iv, ciphertext, tag: cipher.getAuthTag() }, { ttl: ttlMs });
  }

  /** A copy, which the caller wipes. */
  find(place: string): Uint8Array | null {
    const sealed = this.#entries.get(place);
    if (!sealed) return null;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.iv, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.tag);
    const plain = decipher.update(sealed.ciphertext);
    decipher.final();
    const value = Uint8Array.from(plain);
    plain.fill(0);
    return value;
  }

  /** The key goes, and with it everything. */
  clear(): void {
    this.#entries.clear();
    this.#key.fill(0);
  }
}
