import { randomBytes } from 'node:crypto';
import pkcs11, { type AesGCM, type Handle, type Mechanism } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import { guardedBriefly, guardedBrieflyCopy, wipe } from '../../process/guarded.ts';
import type { Encrypted } from '../token.ts';
import type { Behaviour } from './behaviour.ts';
import { asBuffer } from './bytes.ts';
import { UNOPENED, attempt, ckrOf } from './ckr.ts';
import { AES_GCM } from './mechanisms.ts';
import type { Session } from './objects.ts';

/** AES-256-GCM under a key of the token (PKCS#11 v2.40 mechanisms 2.12.3, NIST SP 800-38D). */

type GcmParameters = Behaviour['gcmParameters'];

const IV_BYTES = 12;
const TAG_BYTES = 16;

export function encryptData(
  { module, handle }: Session,
  key: Handle,
  parameters: GcmParameters,
  plain: Uint8Array,
  additionalData: Uint8Array,
): Encrypted {
  const iv = randomBytes(IV_BYTES);
  const ciphertext = attempt({ operation: 'C_Encrypt', mechanism: AES_GCM.name }, () => {
    module.C_EncryptInit(handle, gcm(parameters, iv, additionalData), key);
    return module.C_Encrypt(handle, asBuffer(plain), Buffer.alloc(plain.length + TAG_BYTES));
  });
  return { iv: new Uint8Array(iv), ciphertext: new Uint8Array(ciphertext) };
}

/** The plain bytes, guarded briefly, which the caller wipes. CIPHERTEXT_UNOPENED, which names `label`. */
export function decryptData(
  { module, handle }: Session,
  key: Handle,
  parameters: GcmParameters,
  { iv, ciphertext }: Encrypted,
  additionalData: Uint8Array,
  label: string,
): Uint8Array {
  if (iv.length !== IV_BYTES || ciphertext.length < TAG_BYTES) throw new Refusal('CIPHERTEXT_UNOPENED', { label });
  // Some modules want room for the tag as well.
  const room = guardedBriefly(ciphertext.length);
  try {
    attempt({ operation: 'C_DecryptInit', mechanism: AES_GCM.name }, () => {
      module.C_DecryptInit(handle, gcm(parameters, iv, additionalData), key);
    });
    const plain = attempt({ operation: 'C_Decrypt', mechanism: AES_GCM.name }, () => {
      try {
        return module.C_Decrypt(handle, asBuffer(ciphertext), asBuffer(room));
      } catch (error) {
        const ckr = ckrOf(error);
        if (ckr !== null && UNOPENED.has(ckr)) throw new Refusal('CIPHERTEXT_UNOPENED', { label });
        throw error;
      }
    });
    return guardedBrieflyCopy(plain);
  } finally {
    wipe(room);
  }
}

function gcm(parameters: GcmParameters, iv: Uint8Array, additionalData: Uint8Array): Mechanism {
  const parameter: AesGCM = {
    type: parameters === 'with ivBits' ? pkcs11.CK_PARAMS_AES_GCM : pkcs11.CK_PARAMS_AES_GCM_v240,
    iv: asBuffer(iv),
    aad: asBuffer(additionalData),
    ivBits: IV_BYTES * 8,
    tagBits: TAG_BYTES * 8,
  };
  return { mechanism: AES_GCM.mechanism, parameter };
}
