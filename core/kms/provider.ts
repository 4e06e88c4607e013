/**
 * What a vault needs of a key-management service: its KEK encrypts data keys, and never leaves. `local.ts` and
 * `pkcs11.ts` make one; the shape is that of AWS KMS, Google Cloud KMS and Vault transit (README.md).
 */

/**
 * What a ciphertext is bound to: owner, environment, name, id, version. Canonical JSON (RFC 8785) of the record is the
 * additional data, so the order of its entries means nothing. Never secret: services write it into their logs.
 */
export type EncryptionContext = Readonly<Record<string, string>>;

/**
 * `plaintext`: 32 bytes in guarded memory, which the caller wipes. `ciphertext`: the same, encrypted by the KEK. `beside`: by the others of a ring, while one takes the
 * place of another (key-ring.ts).
 */
export type DataKey = { plaintext: Uint8Array; ciphertext: Uint8Array; beside?: Uint8Array[] };

/** `detail`: why not, as an error code and its cause; null where all is well. */
export type KmsHealth = { ok: boolean; provider: KmsProvider['name']; keyId: string; detail: string | null };

/** Bytes that `encrypt` takes, at least and at most: what AWS KMS takes. What is larger goes under a data key. */
export const PLAINTEXT_BYTES = { least: 1, most: 4096 } as const;
/** A context's canonical JSON has at most so many bytes: with the plaintext, what an HSM key of Google Cloud takes. */
export const CONTEXT_LIMIT = 4096;

/**
 * One KEK. Every method refuses INPUT_INVALID (limits above), and KMS_CLOSED after `close`; a provider of a token, what
 * the token refuses as well. Calls may run at the same time.
 */
export interface KmsProvider {
  readonly name: 'local' | 'pkcs11' | 'aws' | 'gcp' | 'vault';
  /** Which KEK encrypts: a UUID v4; of a remote service, its ARN or resource name. */
  readonly keyId: string;
  /** Answers a ciphertext that says by itself which KEK opens it (docs/formats/wrapped-key.md). The caller wipes `plaintext`. */
  encrypt(plaintext: Uint8Array, context: EncryptionContext): Promise<Uint8Array>;
  /** The plaintext in guarded memory, which the caller wipes. KMS_KEY_UNKNOWN (another KEK); KMS_UNOPENED for all else that does not open. */
  decrypt(ciphertext: Uint8Array, context: EncryptionContext): Promise<Uint8Array>;
  /** A fresh AES-256 key, in the clear and encrypted. */
  generateDataKey(context: EncryptionContext): Promise<DataKey>;
  /** A data key made and opened again. Never throws; a closed provider is not well. */
  healthCheck(): Promise<KmsHealth>;
  /** Wipes what it holds, and lets go of the token. May be called twice. */
  close(): Promise<void>;
}
