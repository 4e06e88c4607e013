import { randomFillSync, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { guardedBriefly, wipe } from '../process/guarded.ts';
import type { DataKey, KmsHealth, KmsProvider } from './provider.ts';

const DATA_KEY_BYTES = 32;

/** A data key from the operating system's random numbers, encrypted by `encrypt`. The caller wipes its plaintext. */
export async function freshDataKey(encrypt: (plaintext: Uint8Array) => Promise<Uint8Array>): Promise<DataKey> {
  const plaintext = randomFillSync(guardedBriefly(DATA_KEY_BYTES));
  try {
    return { plaintext, ciphertext: await encrypt(plaintext) };
  } catch (error) {
    wipe(plaintext);
    throw error;
  }
}

/** Makes a data key, opens it again and compares. */
export async function checkHealth(kms: KmsProvider): Promise<KmsHealth> {
  const context = { purpose: 'claviger health check', keyId: kms.keyId };
  const { name: provider, keyId } = kms;
  try {
    const { plaintext, ciphertext } = await kms.generateDataKey(context);
    let opened: Uint8Array | null = null;
    try {
      opened = await kms.decrypt(ciphertext, context);
      const ok = opened.length === plaintext.length && timingSafeEqual(opened, plaintext);
      return { ok, provider, keyId, detail: ok ? null : 'another data key came back' };
    } finally {
      wipe(plaintext, opened);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const cause = error.params['detail'] ?? error.params['ckr'];
    return { ok: false, provider, keyId, detail: cause === undefined ? error.code : `${error.code}: ${cause}` };
  }
}
