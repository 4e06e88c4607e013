/*
 * A fake YubiHSM 2: SoftHSM 2 behind the rules of Yubico's PKCS#11 module (yubihsm-shell 2.8, pkcs11/yubihsm_pkcs11.c and
 * util_pkcs11.c), as far as a ceremony meets them. It wraps by CKM_YUBICO_AES_CCM_WRAP only: a whole object, with its id and
 * label, which comes back as it was whatever the template says. Inside, the blob is not the device's: nonce 13 | AES-GCM of
 * (key type 1 | id 2 | label 40 | RFC 5649 of the key) | tag 16. Compiled by test/hsm/compile-module.ts.
 *
 * YUBIHSM_SHELL=2.7.1 in the environment: tells the key type of a wrap key, as the module did until then.
 */
#define _GNU_SOURCE
#include "pkcs11.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define CKM_YUBICO_AES_CCM_WRAP 0xd9554204UL
#define CKK_YUBICO_AES256_CCM_WRAP 0xd955422aUL
#define CKM_KWP 0x210bUL
#define NONCE 13
#define TAG 16
#define LABEL 40
#define HEADER (1 + 2 + LABEL)
#define LARGEST 3136

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST list;
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

static void padded(CK_UTF8CHAR *field, size_t length, const char *text) {
  memset(field, ' ', length);
  memcpy(field, text, strlen(text));
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  CK_RV rv = real->C_GetTokenInfo(slot, info);
  if (rv != CKR_OK) return rv;
  padded(info->manufacturerID, sizeof info->manufacturerID, "Yubico (www.yubico.com)");
  padded(info->model, sizeof info->model, "YubiHSM");
  return rv;
}

/* CKM_AES_KEY_WRAP_KWP is in the list of newer firmware as a part of CKM_RSA_AES_KEY_WRAP; it wraps nothing itself. */
static const CK_MECHANISM_TYPE MECHANISMS[] = {CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS,    CKM_SHA256_RSA_PKCS,
                                               CKM_SHA384_RSA_PKCS,       CKM_SHA512_RSA_PKCS, CKM_EC_KEY_PAIR_GEN,
                                               CKM_ECDSA,                 CKM_AES_KEY_GEN, CKM_RSA_PKCS_OAEP,
                                               CKM_KWP,                   CKM_YUBICO_AES_CCM_WRAP};
#define MECHANISM_COUNT (sizeof MECHANISMS / sizeof *MECHANISMS)

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR mechanisms, CK_ULONG_PTR count) {
  (void)slot;
  if (mechanisms != NULL && *count < MECHANISM_COUNT) return CKR_BUFFER_TOO_SMALL;
  if (mechanisms != NULL) memcpy(mechanisms, MECHANISMS, sizeof MECHANISMS);
  *count = MECHANISM_COUNT;
  return CKR_OK;
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE mechanism, CK_MECHANISM_INFO_PTR info) {
  CK_MECHANISM_INFO ccm = {128, 256, CKF_HW | CKF_WRAP | CKF_UNWRAP | CKF_ENCRYPT | CKF_DECRYPT};
  CK_MECHANISM_INFO kwp = {16, 32, CKF_HW};
  if (mechanism != CKM_YUBICO_AES_CCM_WRAP && mechanism != CKM_KWP)
    return real->C_GetMechanismInfo(slot, mechanism, info);
  *info = mechanism == CKM_KWP ? kwp : ccm;
  return CKR_OK;
}

static CK_RV read_one(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *value,
                      CK_ULONG *length) {
  CK_ATTRIBUTE attribute = {type, value, *length};
  CK_RV rv = real->C_GetAttributeValue(session, object, &attribute, 1);
  *length = attribute.ulValueLen;
  return rv;
}

static int is_true(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_BBOOL value = CK_FALSE;
  CK_ULONG length = sizeof value;
  return read_one(session, object, type, &value, &length) == CKR_OK && value == CK_TRUE;
}

static CK_ULONG number(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ULONG value = CK_UNAVAILABLE_INFORMATION, length = sizeof value;
  return read_one(session, object, type, &value, &length) == CKR_OK ? value : CK_UNAVAILABLE_INFORMATION;
}

static int is_wrap_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  return number(session, object, CKA_CLASS) == CKO_SECRET_KEY && is_true(session, object, CKA_WRAP);
}

/* An object of this class and id, if there is one. */
static CK_OBJECT_HANDLE with_id(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, void *id, CK_ULONG length) {
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, id, length}};
  CK_OBJECT_HANDLE found = 0;
  CK_ULONG count = 0;
  if (real->C_FindObjectsInit(session, wanted, 2) != CKR_OK) return 0;
  real->C_FindObjects(session, &found, 1, &count);
  real->C_FindObjectsFinal(session);
  return count == 1 ? found : 0;
}

/* YHR_DEVICE_OBJECT_EXISTS, as yrc_to_rv tells it. */
static CK_RV refuse_taken(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, CK_ATTRIBUTE_PTR template, CK_ULONG count) {
  for (CK_ULONG at = 0; at < count; at++)
    if (template[at].type == CKA_ID && with_id(session, class, template[at].pValue, template[at].ulValueLen))
      return CKR_ATTRIBUTE_VALUE_INVALID;
  return CKR_OK;
}

static CK_ULONG number_in(CK_ATTRIBUTE_PTR template, CK_ULONG count, CK_ATTRIBUTE_TYPE type) {
  for (CK_ULONG at = 0; at < count; at++)
    if (template[at].type == type) return *(CK_ULONG *)template[at].pValue;
  return CK_UNAVAILABLE_INFORMATION;
}

/* parse_wrap_template. Nothing here encrypts data with a wrap key, so that is not taken. */
static CK_RV wrap_template(CK_ATTRIBUTE_PTR template, CK_ULONG count) {
  for (CK_ULONG at = 0; at < count; at++) {
    CK_BBOOL value = *(CK_BBOOL *)template[at].pValue;
    switch (template[at].type) {
      case CKA_VALUE:
        if (template[at].ulValueLen != 32) return CKR_DATA_LEN_RANGE;
        break;
      case CKA_TOKEN:
      case CKA_PRIVATE:
      case CKA_SENSITIVE:
        if (value != CK_TRUE) return CKR_ATTRIBUTE_VALUE_INVALID;
        break;
      case CKA_SIGN:
      case CKA_VERIFY:
      case CKA_DERIVE:
      case CKA_ENCRYPT:
      case CKA_DECRYPT:
        if (value != CK_FALSE) return CKR_ATTRIBUTE_VALUE_INVALID;
        break;
      case CKA_WRAP:
      case CKA_UNWRAP:
      case CKA_KEY_TYPE:
      case CKA_CLASS:
      case CKA_ID:
      case CKA_LABEL:
      case CKA_EXTRACTABLE:
        break;
      default:
        return CKR_ATTRIBUTE_TYPE_INVALID;
    }
  }
  return CKR_OK;
}

static CK_RV create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count,
                           CK_OBJECT_HANDLE_PTR object) {
  CK_ULONG class = number_in(template, count, CKA_CLASS);
  CK_KEY_TYPE aes = CKK_AES;
  CK_ATTRIBUTE inside[32];
  CK_RV rv;
  if (class != CKO_SECRET_KEY) return CKR_ATTRIBUTE_VALUE_INVALID;
  if (number_in(template, count, CKA_KEY_TYPE) != CKK_YUBICO_AES256_CCM_WRAP || count > 32)
    return CKR_ATTRIBUTE_VALUE_INVALID;
  rv = wrap_template(template, count);
  if (rv == CKR_OK) rv = refuse_taken(session, class, template, count);
  if (rv != CKR_OK) return rv;
  memcpy(inside, template, count * sizeof *template);
  for (CK_ULONG at = 0; at < count; at++) {
    if (inside[at].type == CKA_KEY_TYPE) inside[at].pValue = &aes;
    if (inside[at].type == CKA_ENCRYPT || inside[at].type == CKA_DECRYPT) inside[at].pValue = &yes;
  }
  return real->C_CreateObject(session, inside, count, object);
}

static CK_RV generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR public_key,
                               CK_ULONG public_count, CK_ATTRIBUTE_PTR private_key, CK_ULONG private_count,
                               CK_OBJECT_HANDLE_PTR public_handle, CK_OBJECT_HANDLE_PTR private_handle) {
  CK_RV rv = refuse_taken(session, CKO_PRIVATE_KEY, private_key, private_count);
  if (rv != CKR_OK) return rv;
  for (CK_ULONG at = 0; at < private_count; at++)
    if (private_key[at].type == CKA_WRAP_WITH_TRUSTED) return CKR_ATTRIBUTE_TYPE_INVALID;
  return real->C_GenerateKeyPair(session, mechanism, public_key, public_count, private_key, private_count,
                                 public_handle, private_handle);
}

static CK_RV tell(CK_ATTRIBUTE_PTR attribute, const void *value, CK_ULONG length) {
  if (attribute->pValue != NULL && attribute->ulValueLen < length) return CKR_BUFFER_TOO_SMALL;
  if (attribute->pValue != NULL) memcpy(attribute->pValue, value, length);
  attribute->ulValueLen = length;
  return CKR_OK;
}

static CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR attributes,
                                 CK_ULONG count) {
  CK_KEY_TYPE type = CKK_YUBICO_AES256_CCM_WRAP;
  const char *version = getenv("YUBIHSM_SHELL");
  if (count != 1) return CKR_ARGUMENTS_BAD;
  switch (attributes->type) {
    case CKA_KEY_TYPE:
      if (!is_wrap_key(session, object)) break;
      if (version != NULL && strcmp(version, "2.7.1") == 0) return tell(attributes, &type, sizeof type);
      attributes->ulValueLen = CK_UNAVAILABLE_INFORMATION;
      return CKR_FUNCTION_FAILED;
    case CKA_ENCRYPT:
    case CKA_DECRYPT:
      if (!is_wrap_key(session, object)) break;
      return tell(attributes, &no, sizeof no);
    case CKA_TRUSTED:
    case CKA_WRAP_WITH_TRUSTED:
      return tell(attributes, &no, sizeof no);
    case CKA_ALWAYS_SENSITIVE:
      return tell(attributes, &yes, sizeof yes);
    case CKA_NEVER_EXTRACTABLE:
      return tell(attributes, is_true(session, object, CKA_EXTRACTABLE) ? &no : &yes, sizeof yes);
  }
  return real->C_GetAttributeValue(session, object, attributes, count);
}

static CK_GCM_PARAMS gcm(CK_BYTE *nonce) {
  CK_GCM_PARAMS parameters = {nonce, NONCE, NONCE * 8, NULL, 0, TAG * 8};
  return parameters;
}

static CK_RV wrap_key(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE wrapping,
                      CK_OBJECT_HANDLE key, CK_BYTE_PTR wrapped, CK_ULONG_PTR length) {
  CK_MECHANISM inside = {CKM_AES_KEY_WRAP_PAD, NULL, 0};
  CK_BYTE plain[LARGEST] = {0};
  CK_ULONG id = 2, label = LABEL, blob = sizeof plain - HEADER, sealed = LARGEST - NONCE;
  CK_GCM_PARAMS parameters;
  CK_MECHANISM seal = {CKM_AES_GCM, &parameters, sizeof parameters};
  CK_RV rv;
  if (wrapped == NULL) {
    *length = LARGEST;
    return CKR_OK;
  }
  if (mechanism->mechanism != CKM_YUBICO_AES_CCM_WRAP) return CKR_MECHANISM_INVALID;
  if (!is_wrap_key(session, wrapping)) return CKR_WRAPPING_KEY_TYPE_INCONSISTENT;
  if (!is_true(session, key, CKA_EXTRACTABLE)) return CKR_KEY_UNEXTRACTABLE;
  if (*length < LARGEST) return CKR_BUFFER_TOO_SMALL;
  plain[0] = (CK_BYTE)number(session, key, CKA_KEY_TYPE);
  rv = read_one(session, key, CKA_ID, plain + 1, &id);
  if (rv == CKR_OK) rv = read_one(session, key, CKA_LABEL, plain + 3, &label);
  if (rv == CKR_OK) rv = real->C_WrapKey(session, &inside, wrapping, key, plain + HEADER, &blob);
  if (rv == CKR_OK) rv = real->C_GenerateRandom(session, wrapped, NONCE);
  parameters = gcm(wrapped);
  if (rv == CKR_OK) rv = real->C_EncryptInit(session, &seal, wrapping);
  if (rv == CKR_OK) rv = real->C_Encrypt(session, plain, HEADER + blob, wrapped + NONCE, &sealed);
  *length = NONCE + sealed;
  return rv;
}

/* The template is not looked at. */
static CK_RV unwrap_key(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE unwrapping,
                        CK_BYTE_PTR wrapped, CK_ULONG length, CK_ATTRIBUTE_PTR template, CK_ULONG count,
                        CK_OBJECT_HANDLE_PTR key) {
  CK_MECHANISM inside = {CKM_AES_KEY_WRAP_PAD, NULL, 0};
  CK_BYTE plain[LARGEST];
  CK_ULONG opened = sizeof plain;
  CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
  CK_KEY_TYPE type;
  CK_GCM_PARAMS parameters = gcm(wrapped);
  CK_MECHANISM seal = {CKM_AES_GCM, &parameters, sizeof parameters};
  (void)template, (void)count;
  if (mechanism->mechanism != CKM_YUBICO_AES_CCM_WRAP) return CKR_MECHANISM_INVALID;
  if (!is_wrap_key(session, unwrapping)) return CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT;
  if (length < NONCE + HEADER + TAG) return CKR_DATA_LEN_RANGE;
  if (real->C_DecryptInit(session, &seal, unwrapping) != CKR_OK ||
      real->C_Decrypt(session, wrapped + NONCE, length - NONCE, plain, &opened) != CKR_OK)
    return CKR_DEVICE_ERROR;
  if (with_id(session, class, plain + 1, 2)) return CKR_ATTRIBUTE_VALUE_INVALID;
  type = plain[0];
  CK_ATTRIBUTE as_it_was[] = {
      {CKA_CLASS, &class, sizeof class},      {CKA_KEY_TYPE, &type, sizeof type},
      {CKA_ID, plain + 1, 2},                 {CKA_LABEL, plain + 3, strnlen((char *)plain + 3, LABEL)},
      {CKA_TOKEN, &yes, sizeof yes},          {CKA_PRIVATE, &yes, sizeof yes},
      {CKA_SENSITIVE, &yes, sizeof yes},      {CKA_EXTRACTABLE, &yes, sizeof yes},
      {CKA_SIGN, &yes, sizeof yes},           {CKA_SIGN_RECOVER, &no, sizeof no},
      {CKA_DECRYPT, &no, sizeof no},          {CKA_UNWRAP, &no, sizeof no},
      {CKA_DERIVE, &no, sizeof no},
  };
  return real->C_UnwrapKey(session, &inside, unwrapping, plain + HEADER, opened - HEADER, as_it_was,
                           sizeof as_it_was / sizeof *as_it_was, key);
}

/* The public half is the private one's own, and goes with it. */
static CK_RV destroy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  CK_BYTE id[64];
  CK_ULONG length = sizeof id;
  CK_OBJECT_HANDLE half;
  if (number(session, object, CKA_CLASS) == CKO_PRIVATE_KEY &&
      read_one(session, object, CKA_ID, id, &length) == CKR_OK &&
      (half = with_id(session, CKO_PUBLIC_KEY, id, length)) != 0)
    real->C_DestroyObject(session, half);
  return real->C_DestroyObject(session, object);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR functions) {
  if (real == NULL) {
    void *library = dlopen(SOFTHSM, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = library == NULL ? NULL : (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    list = *real;
    list.C_GetFunctionList = C_GetFunctionList;
    list.C_GetTokenInfo = get_token_info;
    list.C_GetMechanismList = get_mechanism_list;
    list.C_GetMechanismInfo = get_mechanism_info;
    list.C_CreateObject = create_object;
    list.C_GenerateKeyPair = generate_key_pair;
    list.C_GetAttributeValue = get_attribute_value;
    list.C_WrapKey = wrap_key;
    list.C_UnwrapKey = unwrap_key;
    list.C_DestroyObject = destroy_object;
  }
  *functions = &list;
  return CKR_OK;
}
