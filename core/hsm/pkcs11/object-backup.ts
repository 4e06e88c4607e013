import pkcs11 from 'pkcs11js';
import type { Handle } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import { checkReadBack } from '../read-back.ts';
import type { BackupSpec, KeyRecord } from '../token.ts';
import type { Behaviour } from './behaviour.ts';
import { asBuffer } from './bytes.ts';
import { attempt, ckrOf } from './ckr.ts';
import type { KeyWrap } from './mechanisms.ts';
import { findObjects, readKey } from './objects.ts';
import { told } from './read-back.ts';
import { READ_BACK } from './templates.ts';
import type { TokenSession } from './token-session.ts';
import { YUBIHSM_WRAP_OVERHEAD_BYTES } from './yubico.ts';

/**
 * Taking back an object that was wrapped whole, by the native wrap of a YubiHSM 2 (yubihsm-shell, pkcs11/yubihsm_pkcs11.c,
 * C_UnwrapKey). The device looks at no template: the object has the id, the label and the capabilities that it had, and
 * whether it is the one that was asked for is seen only when it is there.
 */

/** What the module makes of a blob that the device does not open (yrc_to_rv). */
const UNOPENED = new Set([
  pkcs11.CKR_DEVICE_ERROR,
  pkcs11.CKR_DATA_LEN_RANGE,
  pkcs11.CKR_ENCRYPTED_DATA_INVALID,
  pkcs11.CKR_ARGUMENTS_BAD,
]);
/** And of one whose object is there already (YHR_DEVICE_OBJECT_EXISTS). */
const EXISTS = pkcs11.CKR_ATTRIBUTE_VALUE_INVALID;

/**
 * What is not the key that was asked for is destroyed again, by its handle. BACKUP_UNOPENED (also another label, id or
 * algorithm), KEY_EXISTS (an object of that id), TOKEN_LIED.
 */
export function unwrapObject(
  session: TokenSession,
  { mechanism, name }: KeyWrap,
  behaviour: Behaviour,
  masterKey: Handle,
  blob: Uint8Array,
  { label, algorithm, id }: BackupSpec,
): KeyRecord {
  const { module, handle } = session;
  const unopened = () => new Refusal('BACKUP_UNOPENED', { label });
  if (blob.length <= YUBIHSM_WRAP_OVERHEAD_BYTES) throw unopened();
  const before = new Set(findObjects(session, []).map(hex));
  const object = attempt({ operation: 'C_UnwrapKey', mechanism: name }, () => {
    try {
      return module.C_UnwrapKey(handle, { mechanism }, masterKey, asBuffer(blob), []);
    } catch (error) {
      const ckr = ckrOf(error);
      if (ckr === EXISTS) throw new Refusal('KEY_EXISTS', { label });
      if (ckr !== null && UNOPENED.has(ckr)) throw unopened();
      throw error;
    }
  });
  // Of an object that was there, nothing is destroyed.
  if (before.has(hex(object))) {
    throw new Refusal('TOKEN_LIED', { label, attribute: 'handle', actual: 'one in use', expected: 'a new one' });
  }
  try {
    const held = readKey(session, object);
    const isAsked = held.label === label && held.algorithm === algorithm && (id === undefined || held.id === id);
    if (!isAsked) throw unopened();
    checkReadBack(label, told(READ_BACK['unwrapped object'], behaviour), held.attributes);
    return held;
  } catch (error) {
    session.destroyObject(object);
    throw error;
  }
}

function hex(object: Handle): string {
  return object.toString('hex');
}
