import pkcs11, { type Template } from 'pkcs11js';
import type { BackupSpec, ComesBackAs, KeyAlgorithm, KeyAttributes, KeyPurpose } from '../token.ts';
import { CKK_EC_EDWARDS } from './version-3.ts';

/**
 * Every template that Claviger sends to a token, literally, and what must be read back of it.
 * Attributes: PKCS#11 v2.40 base, sections 4.4 to 4.10.
 */

const namedCurve = (der: string): Template => [{ type: pkcs11.CKA_EC_PARAMS, value: Buffer.from(der, 'hex') }];
const modulus = (bits: number): Template => [
  { type: pkcs11.CKA_MODULUS_BITS, value: bits },
  { type: pkcs11.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
];

/** DER of the named curve (RFC 5480 2.1.1.1, RFC 8410 3), or the modulus length. */
const PARAMETERS: Record<KeyAlgorithm, Template> = {
  'EC-P256': namedCurve('06082a8648ce3d030107'),
  'EC-P384': namedCurve('06052b81040022'),
  'EC-P521': namedCurve('06052b81040023'),
  'RSA-3072': modulus(3072),
  'RSA-4096': modulus(4096),
  Ed25519: namedCurve('06032b6570'),
};

function keyType(algorithm: KeyAlgorithm): number {
  if (algorithm === 'Ed25519') return CKK_EC_EDWARDS;
  return algorithm.startsWith('EC') ? pkcs11.CKK_EC : pkcs11.CKK_RSA;
}

/** The public half: only so that the token can say what it made. */
export function publicKeyTemplate(label: string, id: Buffer, algorithm: KeyAlgorithm): Template {
  return [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PUBLIC_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: keyType(algorithm) },
    // Kept, so that an inventory on another day still shows the public key.
    { type: pkcs11.CKA_TOKEN, value: true },
    // A public key is no secret, and certificates must be issued without a login's side effects.
    { type: pkcs11.CKA_PRIVATE, value: false },
    { type: pkcs11.CKA_LABEL, value: label },
    { type: pkcs11.CKA_ID, value: id },
    { type: pkcs11.CKA_VERIFY, value: true },
    // An RSA public key that wraps or encrypts would be a use that nobody reviewed.
    { type: pkcs11.CKA_ENCRYPT, value: false },
    { type: pkcs11.CKA_WRAP, value: false },
    ...PARAMETERS[algorithm],
  ];
}

/** A private key that is generated in the token. */
export function privateKeyTemplate(
  label: string,
  id: Buffer,
  algorithm: KeyAlgorithm,
  purpose: 'ca' | 'service',
): Template {
  return [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: keyType(algorithm) },
    // It outlives the session.
    { type: pkcs11.CKA_TOKEN, value: true },
    // Seen and used only after a login.
    { type: pkcs11.CKA_PRIVATE, value: true },
    { type: pkcs11.CKA_LABEL, value: label },
    { type: pkcs11.CKA_ID, value: id },
    // Never shown in the clear.
    { type: pkcs11.CKA_SENSITIVE, value: true },
    ...(purpose === 'ca' ? BACKED_UP : NEVER_LEAVES),
    // The one thing it does.
    { type: pkcs11.CKA_SIGN, value: true },
    // A signature that returns its message is a decryption by another name.
    { type: pkcs11.CKA_SIGN_RECOVER, value: false },
    { type: pkcs11.CKA_DECRYPT, value: false },
    { type: pkcs11.CKA_UNWRAP, value: false },
    { type: pkcs11.CKA_DERIVE, value: false },
  ];
}

/** A data key that is generated in the token: the vault's KEK. */
export function dataKeyTemplate(label: string, id: Buffer): Template {
  return [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
    { type: pkcs11.CKA_VALUE_LEN, value: 32 },
    { type: pkcs11.CKA_TOKEN, value: true },
    { type: pkcs11.CKA_PRIVATE, value: true },
    { type: pkcs11.CKA_LABEL, value: label },
    { type: pkcs11.CKA_ID, value: id },
    { type: pkcs11.CKA_SENSITIVE, value: true },
    // Lost, it would take every secret with it.
    ...BACKED_UP,
    ...ENCRYPTS_ONLY,
  ];
}

/** What a data key may do. */
const ENCRYPTS_ONLY: Template = [
  { type: pkcs11.CKA_ENCRYPT, value: true },
  { type: pkcs11.CKA_DECRYPT, value: true },
  // A key that both decrypts and wraps gives every wrapped key away (Clulow 2003).
  { type: pkcs11.CKA_WRAP, value: false },
  { type: pkcs11.CKA_UNWRAP, value: false },
  { type: pkcs11.CKA_SIGN, value: false },
  { type: pkcs11.CKA_VERIFY, value: false },
  { type: pkcs11.CKA_DERIVE, value: false },
];

/** A CA key is backed up: wrapped, and only under a key that the security officer marked as trusted. */
const BACKED_UP: Template = [
  { type: pkcs11.CKA_EXTRACTABLE, value: true },
  { type: pkcs11.CKA_WRAP_WITH_TRUSTED, value: true },
];

/** A ledger or export key is replaced when it is lost, so it never leaves. */
const NEVER_LEAVES: Template = [{ type: pkcs11.CKA_EXTRACTABLE, value: false }];

/**
 * The master key, without its value. `keeper`: who marks it as trusted. The security officer cannot make a private
 * object, so theirs is public, and a session object, so that nothing is written anywhere in the clear; the user then
 * copies it with `MASTER_KEY_COPY` and destroys it. A user who may set CKA_TRUSTED makes the key at once. `keyType`: the
 * one that the token wraps under.
 */
export function masterKeyTemplate(
  label: string,
  id: Buffer,
  keyType: number,
  keeper: 'security officer' | 'user',
): Template {
  return [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: keyType },
    { type: pkcs11.CKA_TOKEN, value: keeper === 'user' },
    { type: pkcs11.CKA_PRIVATE, value: keeper === 'user' },
    { type: pkcs11.CKA_LABEL, value: label },
    { type: pkcs11.CKA_ID, value: id },
    { type: pkcs11.CKA_SENSITIVE, value: true },
    // The shares are its only backup: nothing wraps the key that wraps.
    { type: pkcs11.CKA_EXTRACTABLE, value: false },
    // CA keys refuse to be wrapped under any other.
    { type: pkcs11.CKA_TRUSTED, value: true },
    { type: pkcs11.CKA_WRAP, value: true },
    { type: pkcs11.CKA_UNWRAP, value: true },
    // A key that both wraps and decrypts gives every wrapped key away (Clulow 2003).
    { type: pkcs11.CKA_ENCRYPT, value: false },
    { type: pkcs11.CKA_DECRYPT, value: false },
    { type: pkcs11.CKA_SIGN, value: false },
    { type: pkcs11.CKA_VERIFY, value: false },
    { type: pkcs11.CKA_DERIVE, value: false },
  ];
}

/** A key pair of this session that brings one master key in and is destroyed. Its private half only unwraps. */
export function transportKeyTemplates(
  id: Buffer,
  keeper: 'security officer' | 'user',
): { publicKey: Template; privateKey: Template } {
  return {
    publicKey: [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PUBLIC_KEY },
      { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_RSA },
      { type: pkcs11.CKA_TOKEN, value: false },
      { type: pkcs11.CKA_PRIVATE, value: false },
      { type: pkcs11.CKA_ID, value: id },
      { type: pkcs11.CKA_WRAP, value: true },
      { type: pkcs11.CKA_ENCRYPT, value: false },
      { type: pkcs11.CKA_VERIFY, value: false },
      ...PARAMETERS['RSA-3072'],
    ],
    privateKey: [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY },
      { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_RSA },
      { type: pkcs11.CKA_TOKEN, value: false },
      // The security officer has no private objects; only this session has it, and only for this call.
      { type: pkcs11.CKA_PRIVATE, value: keeper === 'user' },
      { type: pkcs11.CKA_ID, value: id },
      { type: pkcs11.CKA_SENSITIVE, value: true },
      { type: pkcs11.CKA_EXTRACTABLE, value: false },
      { type: pkcs11.CKA_UNWRAP, value: true },
      { type: pkcs11.CKA_DECRYPT, value: false },
      { type: pkcs11.CKA_SIGN, value: false },
    ],
  };
}

/** What the user's copy changes: it is private, and it is kept. */
export const MASTER_KEY_COPY: Template = [
  { type: pkcs11.CKA_TOKEN, value: true },
  { type: pkcs11.CKA_PRIVATE, value: true },
];

/** A data key that comes back from a backup. */
export function unwrappedDataKeyTemplate(label: string, id: Buffer, as: ComesBackAs): Template {
  return [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
    { type: pkcs11.CKA_TOKEN, value: as !== 'session' },
    { type: pkcs11.CKA_PRIVATE, value: true },
    { type: pkcs11.CKA_LABEL, value: label },
    { type: pkcs11.CKA_ID, value: id },
    { type: pkcs11.CKA_SENSITIVE, value: true },
    ...(as === 'original' ? BACKED_UP : NEVER_LEAVES),
    ...ENCRYPTS_ONLY,
  ];
}

/** A private key that comes back from a backup: it signs. */
export function unwrappedKeyTemplate(label: string, id: Buffer, algorithm: KeyAlgorithm, as: ComesBackAs): Template {
  return [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: keyType(algorithm) },
    { type: pkcs11.CKA_TOKEN, value: as !== 'session' },
    { type: pkcs11.CKA_PRIVATE, value: true },
    { type: pkcs11.CKA_LABEL, value: label },
    { type: pkcs11.CKA_ID, value: id },
    { type: pkcs11.CKA_SENSITIVE, value: true },
    ...(as === 'original' ? BACKED_UP : NEVER_LEAVES),
    { type: pkcs11.CKA_SIGN, value: true },
    { type: pkcs11.CKA_SIGN_RECOVER, value: false },
    { type: pkcs11.CKA_DECRYPT, value: false },
    { type: pkcs11.CKA_UNWRAP, value: false },
    { type: pkcs11.CKA_DERIVE, value: false },
  ];
}

const SIGNS_ONLY = { sign: true, encrypt: false, decrypt: false, derive: false, wrap: false, unwrap: false };
const ENCRYPTS = { sign: false, encrypt: true, decrypt: true, derive: false, wrap: false, unwrap: false };
const WRAPS_ONLY = { sign: false, encrypt: false, decrypt: false, derive: false, wrap: true, unwrap: true };
const GENERATED = { token: true, private: true, sensitive: true, alwaysSensitive: true, local: true };
// Where the value came from outside, ALWAYS_SENSITIVE, NEVER_EXTRACTABLE and LOCAL are false by definition.
const FROM_OUTSIDE = { token: true, private: true, sensitive: true, extractable: false, local: false };

/** What the token must answer when it is asked what it holds. */
export const READ_BACK: Record<
  KeyPurpose | 'master' | 'unwrapped' | 'unwrapped kek' | 'unwrapped object',
  Partial<KeyAttributes>
> = {
  ca: { ...GENERATED, ...SIGNS_ONLY, extractable: true, neverExtractable: false, wrapWithTrusted: true },
  service: { ...GENERATED, ...SIGNS_ONLY, extractable: false, neverExtractable: true },
  kek: { ...GENERATED, ...ENCRYPTS, extractable: true, neverExtractable: false, wrapWithTrusted: true },
  master: { ...FROM_OUTSIDE, ...WRAPS_ONLY, trusted: true },
  unwrapped: { ...FROM_OUTSIDE, ...SIGNS_ONLY },
  'unwrapped kek': { ...FROM_OUTSIDE, ...ENCRYPTS },
  // A CA key that came back with what it may do: it can be wrapped again.
  'unwrapped object': { ...FROM_OUTSIDE, ...SIGNS_ONLY, extractable: true },
};

/** The same of a key that comes back from a backup, by RFC 5649 or RFC 3394. */
export function readBackOf(algorithm: BackupSpec['algorithm'], as: ComesBackAs): Partial<KeyAttributes> {
  const expected = READ_BACK[algorithm === 'AES-256' ? 'unwrapped kek' : 'unwrapped'];
  if (as === 'original') return { ...expected, extractable: true, wrapWithTrusted: true };
  return as === 'session' ? { ...expected, token: false } : expected;
}

/** A template without what the module does not know. */
export function known(template: Template, { leavesOut }: { leavesOut: number[] }): Template {
  return template.filter(({ type }) => !leavesOut.includes(type));
}
