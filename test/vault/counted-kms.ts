import { LocalKms } from '../../core/kms/local.ts';
import type { EncryptionContext } from '../../core/kms/provider.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { bytes } from './sample-vault.ts';

/** A KEK that counts what it opens for secrets of callers, and waits with it where a test wants it to. */
export class CountedKms extends LocalKms {
  opened = 0;
  #gate: Promise<void> | null = null;

  constructor() {
    super('7d444840-9dc0-41d1-b245-5ffdce74fad2', guardedCopy(bytes('a key-encryption key for testing')));
  }

  /** Nothing is opened until the answer is called. */
  hold(): () => void {
    const gate = Promise.withResolvers<undefined>();
    this.#gate = gate.promise;
    return () => {
      this.#gate = null;
      gate.resolve(undefined);
    };
  }

  override async decrypt(ciphertext: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
    if (context['owner'] !== '.vault' && context['use'] === undefined) {
      this.opened += 1;
      await this.#gate;
    }
    return super.decrypt(ciphertext, context);
  }
}
