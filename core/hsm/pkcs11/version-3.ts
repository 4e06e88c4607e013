/** Numbers of PKCS#11 v3.0 (OASIS pkcs11t.h) that pkcs11js, which is made for v2.40, does not list. */
export const CKK_EC_EDWARDS = 0x40;
export const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
export const CKM_EDDSA = 0x1057;
export const CKM_AES_KEY_WRAP_KWP = 0x210b;
