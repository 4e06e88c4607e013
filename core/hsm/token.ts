/**
 * A token in the field's terms: what a ceremony needs of an HSM. `pkcs11/` is the real one, `software/` serves training.
 * Every method refuses with a coded `Refusal`; none ever gives out a secret key. Runs inside a token process only.
 */

export type KeyAlgorithm = 'EC-P256' | 'EC-P384' | 'RSA-3072' | 'RSA-4096';

/** What a key pair is for; it decides the template's usages. All sign; `ca` and `service` differ in being backed up. */
export type KeyPurpose = 'ca' | 'service';

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
};

export interface Token {
  info(): TokenInfo;
  /** PIN and security officer PIN as bytes; the caller wipes them. PIN_WRONG, PIN_LOCKED. */
  login(pin: Uint8Array, securityOfficerPin: Uint8Array | null): void;
  inventory(): KeyRecord[];
  /** Everything it holds, of whatever class: "certificate root-2026". */
  contents(): string[];
  /** Fresh random bytes of the token, written into `into`. */
  random(into: Uint8Array): void;
  /** KEY_EXISTS if the label is taken; TOKEN_LIED if what is read back differs from the template. */
  generateKey(spec: { label: string; algorithm: KeyAlgorithm; purpose: KeyPurpose }): KeyRecord;
  /**
   * The master key: WRAP and UNWRAP only, trusted, private, non-extractable. The caller wipes `key` (32 bytes).
   * PIN_SOURCE if the token needs the security officer for it and the login named none.
   */
  importMasterKey(label: string, key: Uint8Array): KeyRecord;
  /** ECDSA over SHA-256/384 (by curve) as DER SEQUENCE{r, s}, or RSASSA-PKCS1-v1_5 with SHA-256/384. */
  sign(label: string, message: Uint8Array, hash: 'SHA-256' | 'SHA-384'): Uint8Array;
  /** RFC 5649 (CKM_AES_KEY_WRAP_PAD) of the PKCS#8 of a `ca` key. */
  wrap(masterKeyLabel: string, label: string): { mechanism: 'RFC5649'; blob: Uint8Array };
  /** The opposite: a private key that signs and is not extractable, under a new label. BACKUP_UNOPENED. */
  unwrap(masterKeyLabel: string, blob: Uint8Array, spec: { label: string; algorithm: KeyAlgorithm }): KeyRecord;
  /** Destroys a key and its public half and reads back that they are gone. KEY_MISSING. */
  destroy(label: string): void;
  close(): void;
}
