import koffi from 'koffi';
import pkcs11, { type Handle } from 'pkcs11js';
import { ckrName } from './ckr.ts';

/**
 * C_Login by way of the module's own function list, because pkcs11js takes the PIN as a string, which nobody can wipe,
 * and cannot pass none.
 */

/** CK_VERSION, and 18 functions before it (PKCS#11 v2.40, CK_FUNCTION_LIST). Windows packs the structure to one byte. */
const VERSION_BYTES = process.platform === 'win32' ? 2 : 8;
const LOGIN_OFFSET = VERSION_BYTES + 18 * 8;

const C_LOGIN = koffi.proto(
  'unsigned long (unsigned long session, unsigned long user, void *pin, unsigned long length)',
);

/** pin: UTF-8 bytes, which the caller wipes; null where it is typed at the token. Throws as pkcs11js does. */
export function login(modulePath: string, session: Handle, user: number, pin: Uint8Array | null): void {
  const library = koffi.load(modulePath);
  const getFunctionList = library.func('unsigned long C_GetFunctionList(_Out_ void **list)') as (
    list: [unknown],
  ) => number;
  const list: [unknown] = [null];
  const ckr =
    getFunctionList(list) ||
    (koffi.call(
      koffi.decode(list[0], LOGIN_OFFSET, 'void *'),
      C_LOGIN,
      handleOf(session),
      user,
      pin,
      pin?.length ?? 0,
    ) as number);
  if (ckr !== 0) throw new pkcs11.Pkcs11Error(ckrName(ckr), ckr, 'C_Login');
}

/** pkcs11js keeps a CK_SESSION_HANDLE as its bytes. */
function handleOf(session: Handle): bigint | number {
  return session.length === 8 ? session.readBigUInt64LE() : session.readUInt32LE();
}
