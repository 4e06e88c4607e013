import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { wipe } from '../process/guarded.ts';
import type { DataKey, EncryptionContext, KmsHealth, KmsProvider } from './provider.ts';
import { wrappedKeyId } from './wrapped-key.ts';

/**
 * The KEKs of a vault that are open: the one that is active, and while another takes its place, that one too. Each data key is made under all of them, and each of them
 * opens what it wrapped. The keys are the ring's from when they come in until they are taken out.
 */
export class KeyRing implements KmsProvider {
  readonly #keys = new Map<string, KmsProvider>();
  #active: KmsProvider;

  constructor(active: KmsProvider) {
    this.#active = active;
    this.#keys.set(active.keyId, active);
  }

  /** A ring of one key; a ring as it is. */
  static over(kms: KmsProvider): KeyRing {
    return kms instanceof KeyRing ? kms : new KeyRing(kms);
  }

  get name(): KmsProvider['name'] {
    return this.#active.name;
  }

  get keyId(): string {
    return this.#active.keyId;
  }

  /** One key of it alone; null where it is not open. */
  key(keyId: string): KmsProvider | null {
    return this.#keys.get(keyId) ?? null;
  }

  get keyIds(): string[] {
    return [...this.#keys.keys()];
  }

  add(kms: KmsProvider): void {
    this.#keys.set(kms.keyId, kms);
  }

  /** What encrypts from now on; it is in the ring. */
  turnTo(keyId: string): void {
    const kms = this.#keys.get(keyId);
    if (!kms) throw new Error(`${keyId} is not in the ring`);
    this.#active = kms;
  }

  /** Nothing is wrapped under it or opened by it any more. The active key stays. */
  async drop(keyId: string): Promise<void> {
    if (keyId === this.keyId) throw new Error('the active key stays');
    const kms = this.#keys.get(keyId);
    this.#keys.delete(keyId);
    await kms?.close();
  }

  encrypt(plaintext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
    return this.#active.encrypt(plaintext, context);
  }

  decrypt(ciphertext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
    const kms = this.#keys.get(wrappedKeyId(ciphertext) ?? '') ?? this.#active;
    return kms.decrypt(ciphertext, context);
  }

  async generateDataKey(context: EncryptionContext): Promise<DataKey> {
    const [active, others] = [this.#active, this.#others()];
    const made = await active.generateDataKey(context);
    if (others.length === 0) return made;
    try {
      const beside: Uint8Array[] = [];
      for (const other of others) beside.push(await wrapTried(other, made.plaintext, context));
      return { ...made, beside };
    } catch (error) {
      wipe(made.plaintext);
      throw error;
    }
  }

  /**
   * A data key as it was wrapped, under exactly the keys that are open now: what was sealed before a key came in, or was taken out, is brought up to date. KMS_KEY_UNKNOWN where none
   * of them opens it.
   */
  async broughtUp(wrapped: Uint8Array[], context: EncryptionContext): Promise<Uint8Array[]> {
    const live = wrapped.filter((one) => this.#keys.has(wrappedKeyId(one) ?? ''));
    const has = new Set(live.map(wrappedKeyId));
    const lacking = [...this.#keys.values()].filter(({ keyId }) => !has.has(keyId));
    if (lacking.length === 0) return live;
    const plaintext = await this.decrypt(live[0] ?? wrapped[0] ?? new Uint8Array(0), context);
    try {
      for (const kms of lacking) live.push(await wrapTried(kms, plaintext, context));
      return live;
    } finally {
      wipe(plaintext);
    }
  }

  healthCheck(): Promise<KmsHealth> {
    return this.#active.healthCheck();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#keys.values()].map((kms) => kms.close()));
  }

  #others(): KmsProvider[] {
    return [...this.#keys.values()].filter((kms) => kms !== this.#active);
  }
}

/** Wrapped, and opened again: nobody comes back to look at it before it has to open. */
async function wrapTried(kms: KmsProvider, plaintext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
  const wrapped = await kms.encrypt(plaintext, context);
  const again = await kms.decrypt(wrapped, context);
  const same = again.length === plaintext.length && timingSafeEqual(again, plaintext);
  wipe(again);
  if (!same) throw new Refusal('KMS_UNOPENED');
  return wrapped;
}
