import pkcs11 from 'pkcs11js';

/**
 * The current name where pkcs11js has an older one first, PKCS#11 v3.0 and v3.1 mechanisms that it does not name, and one
 * of Yubico (yubihsm-shell, pkcs11y.h).
 */
const PREFERRED: [number, string][] = [
  [0x1040, 'CKM_EC_KEY_PAIR_GEN'],
  [0x1055, 'CKM_EC_EDWARDS_KEY_PAIR_GEN'],
  [0x1056, 'CKM_EC_MONTGOMERY_KEY_PAIR_GEN'],
  [0x1057, 'CKM_EDDSA'],
  [0x210b, 'CKM_AES_KEY_WRAP_KWP'],
  [0x210c, 'CKM_AES_KEY_WRAP_PKCS7'],
  [0xd9554204, 'CKM_YUBICO_AES_CCM_WRAP'],
];

const NAMES = new Map<number, string>([
  ...Object.entries(pkcs11)
    .filter((entry): entry is [string, number] => entry[0].startsWith('CKM_') && typeof entry[1] === 'number')
    .map(([name, value]): [number, string] => [value, name]),
  ...PREFERRED,
]);

/** The standard's name of a mechanism; a vendor's own as a number. */
export function mechanismName(mechanism: number): string {
  return NAMES.get(mechanism) ?? `0x${mechanism.toString(16).padStart(8, '0')}`;
}
