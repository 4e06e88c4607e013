import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { SecretIdentity } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import type { EncryptionContext, KmsProvider } from '../kms/provider.ts';
import { guarded, wipe } from '../process/guarded.ts';

/** AES-256-GCM (NIST SP 800-38D) under a data key of its own. `ciphertext` ends with the tag, 16 bytes. */
export type Sealed = {
  keyId: string;
  algorithm: 'AES-256-GCM';
  dataKey: Uint8Array;
  iv: Uint8Array;
  ciphertext: Uint8Array;
};

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Which version of which secret: a row that is moved to another place does not open there. */
export function contextOf(secret: SecretIdentity & { id: string }, version: number): EncryptionContext {
  const { owner, environment, name, id } = secret;
  return { owner, environment, name, id, version: String(version) };
}

/** Seals a value under a fresh data key; the caller wipes `value`. A data key seals one value: its IV cannot come twice. */
export async function seal(kms: KmsProvider, context: EncryptionContext, value: Uint8Array): Promise<Sealed> {
  const { plaintext: key, ciphertext: dataKey } = await kms.generateDataKey(context);
  try {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    cipher.setAAD(additional(context));
    const ciphertext = Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()]);
    return { keyId: kms.keyId, algorithm: 'AES-256-GCM', dataKey, iv, ciphertext };
  } finally {
    wipe(key);
  }
}

/** The value, in guarded memory, which the caller wipes. SECRET_DAMAGED, and what the KMS refuses. */
export async function unseal(kms: KmsProvider, context: EncryptionContext, sealed: Sealed): Promise<Uint8Array> {
  const key = await kms.decrypt(sealed.dataKey, context);
  try {
    const end = sealed.ciphertext.length - TAG_BYTES;
    if (end < 0 || sealed.iv.length !== IV_BYTES || key.length !== 32) throw new Refusal('SECRET_DAMAGED');
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(additional(context));
    decipher.setAuthTag(sealed.ciphertext.subarray(end));
    const opened = decipher.update(sealed.ciphertext.subarray(0, end));
    try {
      decipher.final();
      const value = guarded(end);
      value.set(opened);
      return value;
    } catch {
      throw new Refusal('SECRET_DAMAGED');
    } finally {
      wipe(opened);
    }
  } finally {
    wipe(key);
  }
}

function additional(context: EncryptionContext): Uint8Array {
  return new TextEncoder().encode(canonicalize(context));
}
