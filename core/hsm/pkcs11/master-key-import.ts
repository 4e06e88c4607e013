import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import pkcs11, { type Handle, type Template } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import type { ImportWay } from '../token.ts';
import { asBuffer } from './bytes.ts';
import { attempt, ckrOf } from './ckr.ts';
import { rsaPublicKey } from './encodings.ts';
import { RSA_OAEP, generation } from './mechanisms.ts';
import { type Session, readAttribute } from './objects.ts';
import { transportKeyTemplates } from './templates.ts';

/** How a token says that it takes no key in the clear, as an HSM in FIPS mode does (FIPS 140-3 IG 9.5.A). */
const NOT_IN_THE_CLEAR = new Set([
  pkcs11.CKR_ATTRIBUTE_VALUE_INVALID,
  pkcs11.CKR_TEMPLATE_INCONSISTENT,
  pkcs11.CKR_FUNCTION_NOT_SUPPORTED,
  pkcs11.CKR_ATTRIBUTE_READ_ONLY,
  pkcs11.CKR_ATTRIBUTE_SENSITIVE,
]);

/** PKCS#11 v2.40 mechanisms 2.1.8: the label of the encoding is given, and here it is empty. */
const CKZ_DATA_SPECIFIED = 1;

/** OAEP hashes in the order of preference. Some modules know SHA-1 only, which does no harm in OAEP (RFC 8017 B.1). */
const OAEP = [
  { oaepHash: 'sha256', hashAlg: pkcs11.CKM_SHA256, mgf: pkcs11.CKG_MGF1_SHA256 },
  { oaepHash: 'sha1', hashAlg: pkcs11.CKM_SHA_1, mgf: pkcs11.CKG_MGF1_SHA1 },
] as const;

/**
 * Brings the master key into the token under a template: by C_CreateObject where the token takes it, else encrypted
 * under an RSA key that the token makes for this once (C_UnwrapKey, RSA-OAEP). 32 bytes fit into one block of OAEP (RFC 8017
 * 7.1.1: 318 at most), so CKM_RSA_AES_KEY_WRAP (PKCS#11 v2.40 mechanisms 2.1.21), which is OAEP of an AES key that wraps
 * something longer, would add a step and no strength. The caller wipes `key`.
 */
export function bringIn(
  session: Session,
  template: Template,
  key: Uint8Array,
  keeper: 'security officer' | 'user',
  only?: ImportWay,
): Handle {
  const { module, handle } = session;
  const value = asBuffer(key);
  if (only === 'by transport key') return bringInEncrypted(session, template, value, keeper);
  return attempt({ operation: 'C_CreateObject', mechanism: 'CKK_AES' }, () => {
    try {
      return module.C_CreateObject(handle, [...template, { type: pkcs11.CKA_VALUE, value }]);
    } catch (error) {
      const ckr = ckrOf(error);
      if (only === 'in the clear' || ckr === null || !NOT_IN_THE_CLEAR.has(ckr)) throw error;
      return bringInEncrypted(session, template, value, keeper);
    }
  });
}

function bringInEncrypted(
  session: Session,
  template: Template,
  value: Buffer,
  keeper: 'security officer' | 'user',
): Handle {
  const { module, handle } = session;
  const templates = transportKeyTemplates(randomBytes(16), keeper);
  const { mechanism, name } = generation('RSA-3072');
  const pair = attempt({ operation: 'C_GenerateKeyPair', mechanism: name }, () =>
    module.C_GenerateKeyPair(handle, { mechanism }, templates.publicKey, templates.privateKey),
  );
  try {
    const modulus = readAttribute(session, pair.publicKey, pkcs11.CKA_MODULUS);
    const exponent = readAttribute(session, pair.publicKey, pkcs11.CKA_PUBLIC_EXPONENT);
    if (!modulus || !exponent) throw new Refusal('MECHANISM_MISSING', { mechanism: name });
    const spki = Buffer.from(rsaPublicKey(modulus, exponent));
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return attempt({ operation: 'C_UnwrapKey', mechanism: RSA_OAEP.name }, () => {
      let refusal: unknown;
      for (const { oaepHash, hashAlg, mgf } of OAEP) {
        const padding = constants.RSA_PKCS1_OAEP_PADDING;
        const encrypted = publicEncrypt({ key: publicKey, padding, oaepHash }, value);
        const parameter = { type: pkcs11.CK_PARAMS_RSA_OAEP, hashAlg, mgf, source: CKZ_DATA_SPECIFIED };
        try {
          const oaep = { mechanism: RSA_OAEP.mechanism, parameter };
          return module.C_UnwrapKey(handle, oaep, pair.privateKey, encrypted, template);
        } catch (error) {
          const ckr = ckrOf(error);
          if (ckr !== pkcs11.CKR_ARGUMENTS_BAD && ckr !== pkcs11.CKR_MECHANISM_PARAM_INVALID) throw error;
          refusal = error;
        }
      }
      throw refusal;
    });
  } finally {
    for (const half of [pair.privateKey, pair.publicKey]) {
      attempt({ operation: 'C_DestroyObject' }, () => {
        module.C_DestroyObject(handle, half);
      });
    }
  }
}
