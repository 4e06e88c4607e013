import pkcs11, { type Handle, type PKCS11 } from 'pkcs11js';
import { attempt } from '../pkcs11/ckr.ts';
import { contentsOf } from '../pkcs11/objects.ts';

/** What is seen without a login, in a session that only reads. */
export function visibleObjects(module: PKCS11, slot: Handle): string[] {
  const handle = attempt({ operation: 'C_OpenSession' }, () => module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION));
  try {
    return contentsOf({ module, handle });
  } finally {
    attempt({ operation: 'C_CloseSession' }, () => {
      module.C_CloseSession(handle);
    });
  }
}
