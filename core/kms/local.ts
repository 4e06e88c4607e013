import { Refusal } from '../contract/errors.ts';
import { joinParts, openBytes, sealBytes, splitParts } from '../process/aes-gcm.ts';
import { wipe } from '../process/guarded.ts';
import { checkHealth, freshDataKey } from './data-key.ts';
import type { Derivation } from './derivation.ts';
import { unlockKeystore } from './keystore.ts';
import type { DataKey, EncryptionContext, KmsHealth, KmsProvider } from './provider.ts';
import { checkPlaintext, contextBytes, readWrappedKey, writeWrappedKey } from './wrapped-key.ts';

/**
 * The KEK of a software keystore, in guarded memory of this process. Every answer is there at once: its promise is
 * resolved already, so that a batch costs what its encryptions cost.
 */
export class LocalKms implements KmsProvider {
  readonly name = 'local';
  readonly keyId: string;
  #kek: Uint8Array | null;

  /** `kek`: 32 guarded bytes, from now on the provider's, which wipes them. */
  constructor(keyId: string, kek: Uint8Array) {
    this.keyId = keyId;
    this.#kek = kek;
  }

  /** The caller wipes the passphrase. Refuses what `unlockKeystore` refuses. */
  static async open(keystore: string, passphrase: Uint8Array, floor?: Derivation): Promise<LocalKms> {
    const { keyId, kek } = await unlockKeystore(keystore, passphrase, floor);
    return new LocalKms(keyId, kek);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is that of remote services as well
  async encrypt(plaintext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
    checkPlaintext(plaintext);
    return writeWrappedKey(this.keyId, joinParts(sealBytes(this.#open(), plaintext, contextBytes(context))));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async decrypt(ciphertext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
    const additionalData = contextBytes(context);
    const kek = this.#open();
    const parts = splitParts(readWrappedKey(this.keyId, ciphertext));
    const plaintext = parts && openBytes(kek, parts, additionalData);
    if (!plaintext) throw new Refusal('KMS_UNOPENED');
    return plaintext;
  }

  generateDataKey(context: EncryptionContext): Promise<DataKey> {
    return freshDataKey((plaintext) => this.encrypt(plaintext, context));
  }

  healthCheck(): Promise<KmsHealth> {
    return checkHealth(this);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async close(): Promise<void> {
    wipe(this.#kek);
    this.#kek = null;
  }

  #open(): Uint8Array {
    if (!this.#kek) throw new Refusal('KMS_CLOSED', { keyId: this.keyId });
    return this.#kek;
  }
}
