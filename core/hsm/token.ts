/**
 * A token in the field's terms: what a ceremony needs of an HSM. `pkcs11/` is the real one, `software/` serves training.
 * Every method refuses with a coded `Refusal`; none ever gives out a secret key. Runs inside a token process only.
 */

export const KEY_ALGORITHMS = ['EC-P256', 'EC-P384', 'EC-P521', 'RSA-3072', 'RSA-4096', 'Ed25519'] as const;

/** A key pair. Ed25519 where the token has it. */
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/**
 * What a key is for; it decides the template's usages. `ca` and `service` sign, and differ in being backed up. `kek`
 * (AES-256) encrypts and decrypts with AES-GCM, never wraps or unwraps, and is backed up like a CA key.
 */
export type KeyPurpose = 'ca' | 'service' | 'kek';

export type KeySpec =
  | { label: string; algorithm: KeyAlgorithm; purpose: 'ca' | 'service' }
  | { label: string; algorithm: 'AES-256'; purpose: 'kek' };

export type SignatureHash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/**
 * How a key is wrapped under the master key. `RFC5649`: AES key wrap with padding, of any key. `RFC3394`: without, for
 * a `kek` on a token that has no other. `YUBIHSM-AES-CCM`: the native wrap of a YubiHSM 2, which only another one opens.
 */
export const WRAP_MECHANISMS = ['RFC5649', 'RFC3394', 'YUBIHSM-AES-CCM'] as const;
export type WrapMechanism = (typeof WRAP_MECHANISMS)[number];
/**
 * Wraps of a whole object: what comes back is the object that went in, with its id, its label and what it may do. The
 * others carry the key alone, which comes back under a new label and never leaves again.
 */
export const OBJECT_WRAPS: ReadonlySet<WrapMechanism> = new Set<WrapMechanism>(['YUBIHSM-AES-CCM']);
/** A backup: what it was wrapped by is what opens it. */
export type Wrapped = { mechanism: WrapMechanism; blob: Uint8Array };
/** What a backup comes back as. Of an object wrap, `label` is the one that it had, and so is `id` (hex), where it is known. */
export type BackupSpec = {
  label: string;
  algorithm: KeyAlgorithm | 'AES-256';
  id?: string | undefined;
  as?: 'copy' | 'original' | undefined;
};
/**
 * `copy`: kept, and it does not leave again. `original`: kept, and wrapped again under a trusted key like the one that was lost.
 * `session`: gone with the session. What an object wrap brings back is what it was.
 */
export type ComesBackAs = 'copy' | 'original' | 'session';

/** What a key pair signs, or a KEK opens, to show that it is the one that was wrapped. */
export type BackupChallenge =
  { message: Uint8Array; hash: SignatureHash | null } | { encrypted: Encrypted; additionalData: Uint8Array };

/** AES-256-GCM (NIST SP 800-38D): iv 12 bytes, ciphertext || tag (16 bytes). */
export type Encrypted = { iv: Uint8Array; ciphertext: Uint8Array };

/**
 * What a token may or may not be able to do. `back up`: to wrap such a key under the master key, and to take it back; a
 * token that cannot do both makes no `ca` key of that kind. Inventory, reading attributes and destroying every token can.
 */
export const OPERATIONS = [
  'random',
  ...KEY_ALGORITHMS.map((algorithm) => `generate ${algorithm}` as const),
  'generate AES-256',
  ...KEY_ALGORITHMS.map((algorithm) => `sign ${algorithm}` as const),
  'encrypt',
  'decrypt',
  'keep CA keys to trusted wrapping',
  'import master key',
  'import by transport key',
  ...KEY_ALGORITHMS.map((algorithm) => `back up ${algorithm}` as const),
  'back up AES-256',
  'keep data',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/**
 * `native`: by this mechanism of the token. `emulated`: the token process does a part that holds no key, and says which.
 * `refused`: for want of this mechanism or ability, before the token is touched.
 */
export type Capability =
  { is: 'native'; by: string } | { is: 'emulated'; by: string } | { is: 'refused'; lacks: string };
export type Capabilities = Record<Operation, Capability>;

/** How a master key comes into a token: in the clear, or encrypted under a key that the token makes for it once. */
export type ImportWay = 'in the clear' | 'by transport key';

/** What the token says about tries that are left, before the next one (CKF_USER_PIN_COUNT_LOW, FINAL_TRY, LOCKED). */
export type PinState = 'fine' | 'low' | 'final-try' | 'locked';

/** What a token says it holds, read back from it (PKCS#11 5.7.5 C_GetAttributeValue), never what was asked for. */
export type KeyRecord = {
  label: string;
  /** Hex of CKA_ID. */
  id: string;
  kind: 'private' | 'secret';
  /** `other`: something a ceremony does not make. */
  algorithm: KeyAlgorithm | 'AES-256' | 'other';
  /** SubjectPublicKeyInfo, DER; null for a secret key, and for a private key whose public half the token does not hold. */
  publicKey: Uint8Array | null;
  attributes: KeyAttributes;
};

export type KeyAttributes = {
  token: boolean;
  private: boolean;
  sensitive: boolean;
  alwaysSensitive: boolean;
  extractable: boolean;
  neverExtractable: boolean;
  local: boolean;
  trusted: boolean;
  wrapWithTrusted: boolean;
  sign: boolean;
  encrypt: boolean;
  decrypt: boolean;
  derive: boolean;
  wrap: boolean;
  unwrap: boolean;
};

export type TokenInfo = {
  kind: 'pkcs11' | 'software';
  label: string;
  manufacturer: string;
  model: string;
  serial: string;
  firmware: string;
  /** Module path, or folder of the software token. */
  location: string;
  /** False for a software token that has no PIN yet: the first login sets it. */
  initialised: boolean;
  /** Whether importing a trusted master key needs the security officer's PIN as well. */
  needsSecurityOfficer: boolean;
  pinState: PinState;
  securityOfficerPinState: PinState;
  /** Whether PINs are typed at the token itself (a PIN pad), never here: CKF_PROTECTED_AUTHENTICATION_PATH. */
  protectedAuthenticationPath: boolean;
};

export interface Token {
  info(): TokenInfo;
  /** Per operation: native, emulated (how), or refused. What is refused here is refused there: MECHANISM_MISSING. */
  capabilities(): Capabilities;
  /**
   * PIN and security officer PIN as bytes; the caller wipes them. A null `pin`: typed at the token's own pad. After a
   * session was lost this opens a new one. PIN_WRONG, PIN_LOCKED, PIN_SOURCE (no pad).
   */
  login(pin: Uint8Array | null, securityOfficerPin: Uint8Array | null): void;
  inventory(): KeyRecord[];
  /** One key, as the token tells it now. KEY_MISSING, KEY_AMBIGUOUS. */
  read(label: string): KeyRecord;
  /** Everything it holds, of whatever class: "certificate root-2026". */
  contents(): string[];
  /** Fresh random bytes of the token, written into `into`. */
  random(into: Uint8Array): void;
  /** KEY_EXISTS if the label is taken; TOKEN_LIED if what is read back differs from the template. */
  generateKey(spec: KeySpec): KeyRecord;
  /**
   * The master key: WRAP and UNWRAP only, trusted, private, non-extractable. The caller wipes `key` (32 bytes).
   * PIN_SOURCE if the token needs the security officer for it and the login named none. `only`: this way and no other;
   * without it, in the clear where the token takes that, else by transport key.
   */
  importMasterKey(label: string, key: Uint8Array, only?: ImportWay): KeyRecord;
  /**
   * ECDSA as DER SEQUENCE{r, s}, RSASSA-PKCS1-v1_5 (RFC 8017 8.2), or Ed25519 (RFC 8032 5.1.6), which hashes itself:
   * `hash` is null there and nowhere else, INPUT_INVALID.
   */
  sign(label: string, message: Uint8Array, hash: SignatureHash | null): Uint8Array;
  /** AES-256-GCM under a `kek`, with an IV of the token process's own. The caller wipes `plain`. */
  encrypt(label: string, plain: Uint8Array, additionalData: Uint8Array): Encrypted;
  /** The plain bytes in guarded memory, which the caller wipes. CIPHERTEXT_UNOPENED. */
  decrypt(label: string, encrypted: Encrypted, additionalData: Uint8Array): Uint8Array;
  /** The PKCS#8 of a `ca` key, or the 32 bytes of a `kek`, under the master key: by RFC 5649 where the token has it. */
  wrap(masterKeyLabel: string, label: string): Wrapped;
  /**
   * The opposite, under a label that is free: a private key that signs, or a `kek`, as a copy unless `as` says otherwise. What an
   * object wrap brings back is as extractable as it was, and one of another label or id is BACKUP_UNOPENED. KEY_EXISTS;
   * MECHANISM_MISSING on a token that does not open what was wrapped so.
   */
  unwrap(masterKeyLabel: string, wrapped: Wrapped, spec: BackupSpec): KeyRecord;
  /**
   * Takes a backup back as an object of this session alone, which meets the challenge and is destroyed; nothing of it is kept.
   * The signature, or what a KEK opened (guarded; the caller wipes it). BACKUP_UNOPENED, MECHANISM_MISSING: also for the wrap
   * of a whole object, which would come back in the place of the original.
   */
  proveBackup(masterKeyLabel: string, wrapped: Wrapped, spec: BackupSpec, challenge: BackupChallenge): Uint8Array;
  /** Bytes that are no secret, as they were last kept under this label; null if nothing is. */
  readData(label: string): Uint8Array | null;
  /** Keeps bytes under a label in place of what was there; whole, or not at all. KEY_EXISTS if a key has that label. */
  writeData(label: string, bytes: Uint8Array): void;
  /** Destroys a key and its public half and reads back that they are gone. KEY_MISSING. */
  destroy(label: string): void;
  close(): void;
}
