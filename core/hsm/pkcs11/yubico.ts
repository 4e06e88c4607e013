/** Numbers of Yubico's own (yubihsm-shell, pkcs11/pkcs11y.h): CKM_ or CKK_VENDOR_DEFINED | 0x59554200 | the device's number. */
export const CKM_YUBICO_AES_CCM_WRAP = 0xd9554204;
export const CKK_YUBICO_AES256_CCM_WRAP = 0xd955422a;

/** The label that a wrapped object carries (YH_OBJ_LABEL_LEN); of a longer one only the beginning would come back. */
export const YUBIHSM_LABEL_BYTES = 40;
/** What AES-CCM adds (YH_CCM_WRAP_OVERHEAD), before the object itself. */
export const YUBIHSM_WRAP_OVERHEAD_BYTES = 30;
