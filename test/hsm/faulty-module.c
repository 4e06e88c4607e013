/*
 * A PKCS#11 module that forwards to SoftHSM 2 and does one thing wrong: what the environment variable FAULT names.
 * Compiled by test/hsm/compile-module.ts.
 */
#define _GNU_SOURCE
#include "pkcs11.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST list;
static int signed_once;

static int fault(const char *name) {
  const char *wanted = getenv("FAULT");
  return wanted != NULL && strcmp(wanted, name) == 0;
}

__attribute__((constructor)) static void loaded(void) {
  if (fault("crash on load")) abort();
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  CK_RV rv = real->C_GetTokenInfo(slot, info);
  if (rv != CKR_OK) return rv;
  if (fault("PIN pad")) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  if (fault("PIN pad, last try of the officer")) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH | CKF_SO_PIN_FINAL_TRY;
  if (fault("PIN low")) info->flags |= CKF_USER_PIN_COUNT_LOW | CKF_SO_PIN_COUNT_LOW;
  if (fault("PIN final try"))
    info->flags |= CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_SO_PIN_FINAL_TRY;
  if (fault("PIN locked")) info->flags |= CKF_USER_PIN_LOCKED | CKF_SO_PIN_LOCKED;
  return rv;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  if (fault("PIN locked")) return CKR_PIN_LOCKED;
  if (fault("PIN pad") || fault("PIN pad, last try of the officer")) {
    /* Somebody types at the token; nothing may come from the host. */
    const char *typed = getenv(user == CKU_SO ? "TYPED_SO_PIN" : "TYPED_PIN");
    if (pin != NULL || typed == NULL) return CKR_ARGUMENTS_BAD;
    return real->C_Login(session, user, (CK_UTF8CHAR_PTR)typed, strlen(typed));
  }
  return real->C_Login(session, user, pin, length);
}

static CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR attributes,
                                 CK_ULONG count) {
  CK_RV rv = real->C_GetAttributeValue(session, object, attributes, count);
  if (rv != CKR_OK || count != 1) return rv;
  if (attributes->type == CKA_WRAP_WITH_TRUSTED && fault("drops an attribute")) {
    attributes->ulValueLen = (CK_ULONG)-1;
    return CKR_ATTRIBUTE_TYPE_INVALID;
  }
  if (attributes->pValue == NULL) return rv;
  if ((attributes->type == CKA_EXTRACTABLE && fault("lies about extractable")) ||
      (attributes->type == CKA_DECRYPT && fault("lies about decrypt")))
    *(CK_BBOOL *)attributes->pValue = CK_TRUE;
  if (attributes->type == CKA_EC_POINT && fault("lies about the public key")) memset(attributes->pValue, 0, 4);
  if (attributes->type == CKA_LABEL && fault("lies about the label")) *(char *)attributes->pValue = 'X';
  return rv;
}

static CK_RV generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR public_key,
                               CK_ULONG public_count, CK_ATTRIBUTE_PTR private_key, CK_ULONG private_count,
                               CK_OBJECT_HANDLE_PTR public_handle, CK_OBJECT_HANDLE_PTR private_handle) {
  if (fault("full")) return CKR_DEVICE_MEMORY;
  return real->C_GenerateKeyPair(session, mechanism, public_key, public_count, private_key, private_count,
                                 public_handle, private_handle);
}

static CK_RV create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count,
                           CK_OBJECT_HANDLE_PTR object) {
  /* What NSS in FIPS mode says to a key in the clear. */
  if (fault("no key in the clear")) return CKR_ATTRIBUTE_VALUE_INVALID;
  return real->C_CreateObject(session, attributes, count, object);
}

static CK_RV destroy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  if (fault("keeps what is destroyed")) return CKR_OK;
  return real->C_DestroyObject(session, object);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR signature,
                  CK_ULONG_PTR signature_length) {
  if (fault("crash in C_Sign")) abort();
  if (!signed_once && fault("session lost")) {
    signed_once = 1;
    real->C_CloseSession(session);
    return CKR_SESSION_HANDLE_INVALID;
  }
  if (!signed_once && fault("device removed")) {
    CK_SESSION_INFO info;
    signed_once = 1;
    if (real->C_GetSessionInfo(session, &info) == CKR_OK) real->C_CloseAllSessions(info.slotID);
    return CKR_DEVICE_REMOVED;
  }
  return real->C_Sign(session, data, length, signature, signature_length);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR functions) {
  if (real == NULL) {
    void *library = dlopen(SOFTHSM, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = library == NULL ? NULL : (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    list = *real;
    list.C_GetFunctionList = C_GetFunctionList;
    list.C_GetTokenInfo = get_token_info;
    list.C_Login = login;
    list.C_GetAttributeValue = get_attribute_value;
    list.C_GenerateKeyPair = generate_key_pair;
    list.C_CreateObject = create_object;
    list.C_DestroyObject = destroy_object;
    list.C_Sign = sign;
  }
  *functions = &list;
  return CKR_OK;
}
