import canonicalize from 'canonicalize';
import type { SecretIdentity } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import type { EncryptionContext, KmsProvider } from '../kms/provider.ts';
import { wrappedKeyId } from '../kms/wrapped-key.ts';
import { TAG_BYTES, openBytes, sealBytes } from '../process/aes-gcm.ts';
import { wipe } from '../process/guarded.ts';

/**
 * AES-256-GCM (NIST SP 800-38D) under a data key of its own, which the KEK `keyId` encrypts, and while a KEK is rotated the other one too. `ciphertext` ends with the
 * tag, 16 bytes.
 */
export type Sealed = {
  keyId: string;
  algorithm: 'AES-256-GCM';
  /** Each names the KEK that opens it. */
  dataKeys: Uint8Array[];
  iv: Uint8Array;
  ciphertext: Uint8Array;
};

/** Which version of which secret: a row that is moved to another place does not open there. */
export function contextOf(secret: SecretIdentity & { id: string }, version: number): EncryptionContext {
  const { owner, environment, name, id } = secret;
  return { owner, environment, name, id, version: String(version) };
}

/** Seals a value under a fresh data key; the caller wipes `value`. A data key seals one value: no IV can come twice under it. */
export async function seal(kms: KmsProvider, context: EncryptionContext, value: Uint8Array): Promise<Sealed> {
  const { plaintext: key, ciphertext: dataKey, beside = [] } = await kms.generateDataKey(context);
  try {
    const { iv, ciphertext, tag } = sealBytes(key, value, additional(context));
    const keyId = wrappedKeyId(dataKey) ?? kms.keyId;
    const dataKeys = [dataKey, ...beside];
    return { keyId, algorithm: 'AES-256-GCM', dataKeys, iv, ciphertext: Buffer.concat([ciphertext, tag]) };
  } finally {
    wipe(key);
  }
}

/** The value, in memory that is guarded, which the caller wipes. SECRET_DAMAGED, and what the KMS refuses. */
export async function unseal(
  kms: Pick<KmsProvider, 'decrypt'>,
  context: EncryptionContext,
  sealed: { dataKey: Uint8Array; iv: Uint8Array; ciphertext: Uint8Array },
): Promise<Uint8Array> {
  const { iv, ciphertext: all } = sealed;
  const key = await kms.decrypt(sealed.dataKey, context);
  try {
    const end = Math.max(all.length - TAG_BYTES, 0);
    const parts = { iv, ciphertext: all.subarray(0, end), tag: all.subarray(end) };
    const value = key.length === 32 ? openBytes(key, parts, additional(context)) : null;
    if (!value) throw new Refusal('SECRET_DAMAGED');
    return value;
  } finally {
    wipe(key);
  }
}

/** Whether it is the sealed value that is at fault. A KMS that is away is no fault of the secret, and worth another try. */
export function isDamage(error: unknown): error is Refusal {
  return error instanceof Refusal && ['SECRET_DAMAGED', 'KMS_UNOPENED', 'KMS_KEY_UNKNOWN'].includes(error.code);
}

/** A context as additional data: canonical JSON (RFC 8785). */
export function additional(context: EncryptionContext): Uint8Array {
  return new TextEncoder().encode(canonicalize(context));
}
