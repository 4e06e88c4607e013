import { existsSync } from 'node:fs';
import pkcs11, { type Handle, type PKCS11 } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import { attempt, ckrName, ckrOf } from './ckr.ts';

/** Loads and initialises a PKCS#11 module; `parameters` goes to C_Initialize as it is. MODULE_MISSING, MODULE_UNUSABLE. */
export function loadModule(path: string, parameters: string | null = null): PKCS11 {
  if (!existsSync(path)) throw new Refusal('MODULE_MISSING', { path });
  const module = new pkcs11.PKCS11();
  try {
    module.load(path);
  } catch {
    throw new Refusal('MODULE_UNUSABLE', { path, detail: 'it does not load as a PKCS#11 library' });
  }
  try {
    if (parameters === null) module.C_Initialize();
    else module.C_Initialize({ libraryParameters: parameters });
  } catch (error) {
    const ckr = ckrOf(error);
    if (ckr === null) throw error;
    throw new Refusal('MODULE_UNUSABLE', { path, detail: `C_Initialize: ${ckrName(ckr)}` });
  }
  return module;
}

/** Finalises and unloads. */
export function unloadModule(module: PKCS11): void {
  try {
    module.C_Finalize();
  } catch (error) {
    // A device that was pulled refuses; there is nothing left to do for it.
    if (ckrOf(error) === null) throw error;
  }
  module.close();
}

/** The slot whose token carries this label. TOKEN_MISSING, TOKEN_AMBIGUOUS. */
export function findSlot(module: PKCS11, label: string): Handle {
  const slots = attempt({ operation: 'C_GetSlotList' }, () => module.C_GetSlotList(true));
  const [slot, another] = slots.filter(
    // Labels are padded with blanks to 32 bytes (PKCS#11 v2.40, CK_TOKEN_INFO).
    (candidate) =>
      attempt({ operation: 'C_GetTokenInfo' }, () => module.C_GetTokenInfo(candidate)).label.trimEnd() === label,
  );
  if (!slot) throw new Refusal('TOKEN_MISSING', { label });
  if (another) throw new Refusal('TOKEN_AMBIGUOUS', { label });
  return slot;
}
