import pkcs11 from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';

/** Return values by number (PKCS#11 v2.40 base, section 3.6), as pkcs11js lists them. */
const NAMES = new Map<number, string>(
  Object.entries(pkcs11)
    .filter((entry): entry is [string, number] => entry[0].startsWith('CKR_') && typeof entry[1] === 'number')
    .map(([name, value]) => [value, name]),
);

export function ckrName(ckr: number): string {
  return NAMES.get(ckr) ?? `CKR 0x${ckr.toString(16).padStart(8, '0')}`;
}

/** The CKR of what a module threw; null for anything else. */
export function ckrOf(error: unknown): number | null {
  if (error instanceof pkcs11.Pkcs11Error) return error.code;
  // pkcs11js 2.1 hands on what C_CreateObject, C_CopyObject and C_SetAttributeValue throw without making it one.
  return error instanceof Error ? new pkcs11.Pkcs11Error(error.message).code || null : null;
}

type Operation = { operation: string; mechanism?: string; pin?: string };

/** Runs one call of the module and turns its CKR into a coded refusal. PIN_WRONG, PIN_LOCKED, MECHANISM_MISSING, TOKEN_FAILED. */
export function attempt<T>(what: Operation, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const ckr = ckrOf(error);
    if (ckr === null) throw error;
    throw refusalOf(ckr, what);
  }
}

function refusalOf(ckr: number, { operation, mechanism, pin }: Operation): Refusal {
  switch (ckr) {
    case pkcs11.CKR_PIN_INCORRECT:
    case pkcs11.CKR_PIN_INVALID:
    case pkcs11.CKR_PIN_LEN_RANGE:
      return new Refusal('PIN_WRONG', { pin: pin ?? 'PIN' });
    case pkcs11.CKR_PIN_LOCKED:
      return new Refusal('PIN_LOCKED', { pin: pin ?? 'PIN' });
    case pkcs11.CKR_MECHANISM_INVALID:
    case pkcs11.CKR_FUNCTION_NOT_SUPPORTED:
      return new Refusal('MECHANISM_MISSING', { mechanism: mechanism ?? operation });
    default:
      return new Refusal('TOKEN_FAILED', { operation, ckr: ckrName(ckr) });
  }
}

/** What modules answer to a blob that does not open. SoftHSM 2 says GENERAL_ERROR, or FUNCTION_FAILED for a foreign content. */
export const UNOPENED = new Set([
  pkcs11.CKR_WRAPPED_KEY_INVALID,
  pkcs11.CKR_WRAPPED_KEY_LEN_RANGE,
  pkcs11.CKR_ENCRYPTED_DATA_INVALID,
  pkcs11.CKR_ENCRYPTED_DATA_LEN_RANGE,
  pkcs11.CKR_GENERAL_ERROR,
  pkcs11.CKR_FUNCTION_FAILED,
]);
