import pkcs11, { type Handle, type PKCS11, type Template } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import type { KeyAlgorithm, KeyAttributes, KeyRecord } from '../token.ts';
import { attempt, ckrOf } from './ckr.ts';
import { ecPublicKey, ed25519PublicKey, rsaPublicKey } from './encodings.ts';
import { CKK_EC_EDWARDS } from './version-3.ts';
import { CKK_YUBICO_AES256_CCM_WRAP } from './yubico.ts';

/** Reading what a token holds. */

export type Session = { module: PKCS11; handle: Handle };

const ATTRIBUTES: Record<keyof KeyAttributes, number> = {
  token: pkcs11.CKA_TOKEN,
  private: pkcs11.CKA_PRIVATE,
  sensitive: pkcs11.CKA_SENSITIVE,
  alwaysSensitive: pkcs11.CKA_ALWAYS_SENSITIVE,
  extractable: pkcs11.CKA_EXTRACTABLE,
  neverExtractable: pkcs11.CKA_NEVER_EXTRACTABLE,
  local: pkcs11.CKA_LOCAL,
  trusted: pkcs11.CKA_TRUSTED,
  wrapWithTrusted: pkcs11.CKA_WRAP_WITH_TRUSTED,
  sign: pkcs11.CKA_SIGN,
  encrypt: pkcs11.CKA_ENCRYPT,
  decrypt: pkcs11.CKA_DECRYPT,
  derive: pkcs11.CKA_DERIVE,
  wrap: pkcs11.CKA_WRAP,
  unwrap: pkcs11.CKA_UNWRAP,
};

export function findObjects({ module, handle }: Session, template: Template): Handle[] {
  return attempt({ operation: 'C_FindObjects' }, () => {
    module.C_FindObjectsInit(handle, template);
    try {
      const found: Handle[] = [];
      for (;;) {
        const some = module.C_FindObjects(handle, 64);
        if (some.length === 0) return found;
        found.push(...some);
      }
    } finally {
      module.C_FindObjectsFinal(handle);
    }
  });
}

const CLASSES: [number, string][] = [
  [pkcs11.CKO_DATA, 'data'],
  [pkcs11.CKO_CERTIFICATE, 'certificate'],
  [pkcs11.CKO_PUBLIC_KEY, 'public key'],
  [pkcs11.CKO_PRIVATE_KEY, 'private key'],
  [pkcs11.CKO_SECRET_KEY, 'secret key'],
];

/** Every object that a session sees, of any class: "private key root-2026". */
export function contentsOf(session: Session): string[] {
  const all = findObjects(session, []).length;
  const told = CLASSES.flatMap(([type, name]) =>
    findObjects(session, [{ type: pkcs11.CKA_CLASS, value: type }]).map((object) => {
      const label = readAttribute(session, object, pkcs11.CKA_LABEL)?.toString('utf8') ?? '';
      return label === '' ? `${name} without a label` : `${name} ${label}`;
    }),
  );
  // Vendors have classes of their own: what is no class of the standard is counted still.
  const rest = all - told.length;
  return rest > 0 ? [...told, `${rest} of the vendor's own classes`] : told;
}

/** One attribute; null where this object has none of that type. */
export function readAttribute({ module, handle }: Session, object: Handle, type: number): Buffer | null {
  return attempt({ operation: 'C_GetAttributeValue' }, () => {
    try {
      return module.C_GetAttributeValue(handle, object, [{ type }])[0]?.value ?? null;
    } catch (error) {
      if (ckrOf(error) === pkcs11.CKR_ATTRIBUTE_TYPE_INVALID) return null;
      throw error;
    }
  });
}

/** A private or secret key as the token tells it. */
export function readKey(session: Session, object: Handle): KeyRecord {
  const attributes = Object.fromEntries(
    // An attribute that a kind of key does not have (TRUSTED of a private key) is as good as false.
    Object.entries(ATTRIBUTES).map(([name, type]) => [name, readAttribute(session, object, type)?.[0] === 1]),
  ) as KeyAttributes;
  const keyClass = readNumber(session, object, pkcs11.CKA_CLASS);
  const id = readAttribute(session, object, pkcs11.CKA_ID) ?? Buffer.alloc(0);
  const common = {
    label: readAttribute(session, object, pkcs11.CKA_LABEL)?.toString('utf8') ?? '',
    id: id.toString('hex'),
    attributes,
  };
  if (keyClass !== pkcs11.CKO_PRIVATE_KEY) {
    const length = readNumber(session, object, pkcs11.CKA_VALUE_LEN);
    const type = readSecretKeyType(session, object);
    const isAes256 =
      // SoftHSM 2 says 0 of a key that was unwrapped. Claviger unwraps none of another length.
      (type === pkcs11.CKK_AES && (length === 32 || length === 0)) ||
      // A YubiHSM 2's wrap key, whose type its module does not tell since version 2.7.2.
      ((type === CKK_YUBICO_AES256_CCM_WRAP || type === null) && attributes.wrap && length === 32);
    return { ...common, kind: 'secret', algorithm: isAes256 ? 'AES-256' : 'other', publicKey: null };
  }
  const algorithm = algorithmOf(session, object);
  return {
    ...common,
    kind: 'private',
    algorithm,
    publicKey: algorithm === 'other' ? null : readPublicKey(session, object, id, algorithm, common.label),
  };
}

/** Null where the module fails to say: yubihsm-shell 2.7.2 of a wrap key or an HMAC key (get_key_type_attribute). */
function readSecretKeyType(session: Session, object: Handle): number | null {
  try {
    return readNumber(session, object, pkcs11.CKA_KEY_TYPE);
  } catch (error) {
    if (error instanceof Refusal && error.params['ckr'] === 'CKR_FUNCTION_FAILED') return null;
    throw error;
  }
}

function algorithmOf(session: Session, object: Handle): KeyAlgorithm | 'other' {
  const type = readNumber(session, object, pkcs11.CKA_KEY_TYPE);
  if (type === pkcs11.CKK_EC) {
    const curve = readAttribute(session, object, pkcs11.CKA_EC_PARAMS)?.toString('hex');
    if (curve === '06082a8648ce3d030107') return 'EC-P256';
    if (curve === '06052b81040022') return 'EC-P384';
    if (curve === '06052b81040023') return 'EC-P521';
  }
  if (type === CKK_EC_EDWARDS) {
    const curve = readAttribute(session, object, pkcs11.CKA_EC_PARAMS)?.toString('hex');
    // The object identifier (RFC 8410 3), or the name as a PrintableString (PKCS#11 v3.0 mechanisms 2.3.5).
    if (curve === '06032b6570' || curve === '130c656477617264733235353139') return 'Ed25519';
  }
  if (type === pkcs11.CKK_RSA) {
    const modulus = readAttribute(session, object, pkcs11.CKA_MODULUS);
    if (modulus?.length === 384) return 'RSA-3072';
    if (modulus?.length === 512) return 'RSA-4096';
  }
  return 'other';
}

/** TOKEN_LIED if what the token says of it is no public key. */
function readPublicKey(
  session: Session,
  object: Handle,
  id: Buffer,
  algorithm: KeyAlgorithm,
  label: string,
): Uint8Array | null {
  try {
    return publicKeyOf(session, object, id, algorithm);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('TOKEN_LIED', { label, attribute: 'public key', actual: 'malformed', expected: algorithm });
  }
}

/** From the private key itself where it tells (RSA), else from the public object of the same id. */
function publicKeyOf(session: Session, object: Handle, id: Buffer, algorithm: KeyAlgorithm): Uint8Array | null {
  const modulus = readAttribute(session, object, pkcs11.CKA_MODULUS);
  const exponent = readAttribute(session, object, pkcs11.CKA_PUBLIC_EXPONENT);
  if (modulus && exponent) return rsaPublicKey(modulus, exponent);
  const [half] = findObjects(session, [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PUBLIC_KEY },
    { type: pkcs11.CKA_ID, value: id },
  ]);
  const holder = half ?? object;
  const point = readAttribute(session, holder, pkcs11.CKA_EC_POINT);
  if (point && algorithm === 'Ed25519') return ed25519PublicKey(point);
  const parameters = readAttribute(session, holder, pkcs11.CKA_EC_PARAMS);
  return point && parameters ? ecPublicKey(point, parameters) : null;
}

/** A CK_ULONG, in the byte order of this machine's module. */
function readNumber(session: Session, object: Handle, type: number): number | null {
  const value = readAttribute(session, object, type);
  if (!value) return null;
  return Number(value.length === 8 ? value.readBigUInt64LE() : value.readUInt32LE());
}
