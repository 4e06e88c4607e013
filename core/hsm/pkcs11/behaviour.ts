import pkcs11, { type TokenInfo } from 'pkcs11js';
import { KEY_ALGORITHMS, type KeyAlgorithm, type KeyAttributes } from '../token.ts';

/** How a module differs from what its own mechanism list says. Facts, found by the conformance suite. */
export type Behaviour = {
  /** Attributes that the module does not know: they are left out of every template. */
  leavesOut: number[];
  /** Attributes that the module keeps to itself or cannot be told: they are not read back, and the table says so. */
  notReadBack: (keyof KeyAttributes)[];
  /**
   * Who may mark a key as trusted; `nobody` where the module knows no trusted keys, `by key type` where keys of one type
   * wrap, and every one of them any other key.
   */
  trusts: 'security officer' | 'user' | 'by key type' | 'nobody';
  /**
   * Whether a key with CKA_WRAP_WITH_TRUSTED is kept from an untrusted one, and one without CKA_EXTRACTABLE from any:
   * by the token, or here before it is asked.
   */
  keepsToTrusted: 'natively' | 'emulated' | 'no';
  /** Keys that it makes and then cannot say what they are, and why. */
  doesNotMake: { algorithms: KeyAlgorithm[]; because: string };
  /** Keys that it does not wrap, or does not take back as it is told, and why. */
  doesNotBackUp: { algorithms: KeyAlgorithm[]; because: string };
  /** Why it takes no master key that is encrypted under an RSA key of its own; null where it does. */
  doesNotTakeEncrypted: string | null;
  /** How long CKA_ID is: as long as what the token itself keeps, so that it goes along when an object is wrapped. */
  idBytes: number;
  /** Why it keeps no data objects (CKO_DATA), or not so that one takes the place of another; null where it does. */
  keepsNoData: string | null;
  /** CK_GCM_PARAMS with the length of the IV in bits (PKCS#11 v3.0, and v2.40 as corrected), or without. */
  gcmParameters: 'with ivBits' | 'without ivBits';
};

/** As the standard has it. */
const STANDARD: Behaviour = {
  leavesOut: [],
  notReadBack: [],
  trusts: 'security officer',
  keepsToTrusted: 'natively',
  doesNotMake: { algorithms: [], because: '' },
  doesNotBackUp: { algorithms: [], because: '' },
  doesNotTakeEncrypted: null,
  idBytes: 16,
  keepsNoData: null,
  gcmParameters: 'with ivBits',
};

const KNOWN: { manufacturer: RegExp; model: RegExp; behaviour: Behaviour }[] = [
  {
    manufacturer: /^SoftHSM project/,
    model: /^SoftHSM v2/,
    behaviour: { ...STANDARD, doesNotBackUp: { algorithms: ['Ed25519'], because: 'C_WrapKey of Ed25519' } },
  },
  {
    manufacturer: /^IBM/,
    model: /^SW {3}TPM/,
    behaviour: {
      ...STANDARD,
      // To be told of DECRYPT at all, and be it false, makes it a key that does not sign.
      leavesOut: [pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT],
      notReadBack: ['encrypt', 'decrypt'],
      doesNotMake: { algorithms: ['EC-P521'], because: 'well-formed CKA_EC_POINT of 133 bytes' },
      // C_SetAttributeValue stores the value before, and a new object gets the handle of another after C_DestroyObject.
      keepsNoData: 'CKO_DATA that can be replaced',
      trusts: 'nobody',
      keepsToTrusted: 'no',
    },
  },
  {
    manufacturer: /^Mozilla Foundation/,
    model: /^NSS 3/,
    behaviour: {
      ...STANDARD,
      notReadBack: ['local'],
      trusts: 'user',
      keepsToTrusted: 'emulated',
      doesNotBackUp: { algorithms: [...KEY_ALGORITHMS], because: 'C_UnwrapKey of a private key that only signs' },
      keepsNoData: 'CKO_DATA',
      gcmParameters: 'without ivBits',
    },
  },
  {
    manufacturer: /^IBM Corp\./,
    model: /^IBM SoftTok/,
    behaviour: {
      ...STANDARD,
      leavesOut: [pkcs11.CKA_WRAP_WITH_TRUSTED, pkcs11.CKA_TRUSTED],
      trusts: 'nobody',
      keepsToTrusted: 'no',
    },
  },
  {
    // Not tried on the device: from the source of its module (yubihsm-shell 2.8, pkcs11/).
    manufacturer: /^Yubico/,
    model: /^YubiHSM/,
    behaviour: {
      ...STANDARD,
      // Unknown in a template; read, both are always false.
      leavesOut: [pkcs11.CKA_WRAP_WITH_TRUSTED, pkcs11.CKA_TRUSTED],
      notReadBack: ['trusted', 'wrapWithTrusted'],
      trusts: 'by key type',
      keepsToTrusted: 'emulated',
      doesNotMake: { algorithms: ['Ed25519'], because: 'CKA_EC_PARAMS as an object identifier' },
      // Of what is unwrapped, only a whole object can become a wrap key.
      doesNotTakeEncrypted: 'C_UnwrapKey of a wrap key',
      // An object id. A longer CKA_ID is kept in an object of its own, which is not wrapped with the key.
      idBytes: 2,
      keepsNoData: 'CKO_DATA that is private',
    },
  },
];

export function behaviourOf({ manufacturerID, model }: TokenInfo): Behaviour {
  return (
    KNOWN.find((known) => known.manufacturer.test(manufacturerID) && known.model.test(model))?.behaviour ?? STANDARD
  );
}
