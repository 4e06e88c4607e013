import { randomBytes } from 'node:crypto';
import pkcs11, { type Handle, type PKCS11 } from 'pkcs11js';

/** The least that pkcs11js takes for the same work: one session, handles known, no label, no hash, no DER. */
export type TightLoop = { sign: (times: number) => void; wrap: (times: number) => void; close: () => void };

export function openTightLoop(path: string, token: string, pin: string): TightLoop {
  const module = new pkcs11.PKCS11();
  module.load(path);
  module.C_Initialize();
  const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trimEnd() === token);
  if (!slot) throw new Error(`no token ${token}`);
  const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  module.C_Login(session, pkcs11.CKU_USER, pin);
  const key = find(module, session, pkcs11.CKO_PRIVATE_KEY);
  const masterKey = find(module, session, pkcs11.CKO_SECRET_KEY);
  const digest = randomBytes(48);
  return {
    sign: (times) => {
      for (let time = 0; time < times; time += 1) {
        module.C_SignInit(session, { mechanism: pkcs11.CKM_ECDSA }, key);
        module.C_Sign(session, digest, Buffer.alloc(96));
      }
    },
    wrap: (times) => {
      for (let time = 0; time < times; time += 1) {
        module.C_WrapKey(session, { mechanism: pkcs11.CKM_AES_KEY_WRAP_PAD }, masterKey, key, Buffer.alloc(512));
      }
    },
    close: () => {
      module.C_Finalize();
      module.close();
    },
  };
}

/** The only object of its class. */
function find(module: PKCS11, session: Handle, objectClass: number): Handle {
  module.C_FindObjectsInit(session, [{ type: pkcs11.CKA_CLASS, value: objectClass }]);
  const [found] = module.C_FindObjects(session, 1);
  module.C_FindObjectsFinal(session);
  if (!found) throw new Error('the token has no such object');
  return found;
}
