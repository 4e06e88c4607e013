import type { Device } from './device.ts';

const YUBICO_README = 'https://github.com/Yubico/yubihsm-shell/blob/master/pkcs11/README.adoc';
const YUBICO_MODULE = 'https://github.com/Yubico/yubihsm-shell/blob/master/pkcs11/yubihsm_pkcs11.c';
const YUBICO_UTIL = 'https://github.com/Yubico/yubihsm-shell/blob/master/pkcs11/util_pkcs11.c';
const YUBICO_SPECS = 'https://docs.yubico.com/hardware/yubihsm-2/hsm-2-user-guide/hsm2-device-specs.html';

export const yubiHsm2: Device = {
  name: 'YubiHSM 2',
  recognisedBy: ['yubico'],
  libraries: [
    {
      fact: 'yubihsm_pkcs11.so; on Fedora it lies in /usr/lib64/pkcs11/.',
      source: 'https://github.com/dogtagpki/pki/wiki/YubiHSM',
    },
    {
      fact: 'It needs a configuration that names the connector: yubihsm_pkcs11.conf in the current folder, the file that YUBIHSM_PKCS11_CONF names, or the same options as the parameters of C_Initialize.',
      source: YUBICO_README,
    },
  ],
  slots: [
    {
      fact: 'One slot a connector, with a token labelled YubiHSM that reports itself as initialised.',
      source: 'https://github.com/dogtagpki/pki/wiki/YubiHSM',
    },
  ],
  login: [
    {
      fact: 'The PIN begins with the id of an authentication key, four hexadecimal digits, and its password follows: 0001password.',
      source: YUBICO_README,
    },
    {
      fact: 'What a session makes is in the domains of its authentication key; PKCS#11 cannot change them.',
      source: YUBICO_README,
    },
  ],
  mechanisms: [
    { fact: 'RSA 2048, 3072 and 4096; P-224 to P-521, Brainpool, secp256k1 and Ed25519.', source: YUBICO_SPECS },
    { fact: 'Keys are wrapped by AES-CCM; RFC 5649 is not among the wraps.', source: YUBICO_SPECS },
    {
      fact: 'That wrap is CKM_YUBICO_AES_CCM_WRAP, a number of the vendor.',
      source: 'https://github.com/Yubico/yubihsm-shell/blob/master/pkcs11/pkcs11y.h',
    },
    {
      fact: 'It wraps under keys of a type of their own (CKK_YUBICO_AES256_CCM_WRAP), which C_CreateObject brings in. C_UnwrapKey looks at no template: the object comes back with its id, label and capabilities, and is refused if its id is taken.',
      source: YUBICO_MODULE,
    },
    {
      fact: 'CKM_AES_KEY_WRAP_KWP is in the list of newer firmware without CKF_WRAP, and C_WrapKey does not take it.',
      source: YUBICO_UTIL,
    },
    {
      fact: 'Since version 2.7.2 the module fails with CKR_FUNCTION_FAILED when it is asked for the key type of a wrap key.',
      source: YUBICO_UTIL,
    },
    { fact: 'AES in ECB, CBC and CCM; GCM is not named.', source: YUBICO_SPECS },
  ],
  limits: [
    {
      fact: '256 objects and 126 KB in all.',
      source: 'https://docs.yubico.com/hardware/yubihsm-2/hsm-2-user-guide/hsm2-intro-core-concepts.html',
    },
    {
      fact: 'Attributes that have no counterpart among its capabilities have a fixed value, whatever a template asks for.',
      source: YUBICO_README,
    },
    {
      fact: 'CKA_TRUSTED and CKA_WRAP_WITH_TRUSTED are refused in a template and always read as false: every wrap key wraps every key that may leave.',
      source: YUBICO_UTIL,
    },
    {
      fact: 'A CKA_ID of two bytes is the object’s id. A longer one, and a label of more than 40 bytes, are kept in an object beside it, which is not wrapped with the key.',
      source: YUBICO_UTIL,
    },
    { fact: 'Data objects are public: CKA_PRIVATE is refused.', source: YUBICO_MODULE },
    { fact: 'C_InitToken, C_InitPIN and C_SetPIN are not supported.', source: YUBICO_MODULE },
  ],
  ceremony:
    'Keys on P-256 to P-521 and RSA are made and sign. CA keys are backed up by the vendor’s wrap (YUBIHSM-AES-CCM) and open on another YubiHSM 2 only; the authentication key must be allowed to import, export and wrap. Labels have at most 40 bytes. No vault key, for want of AES-GCM; no Ed25519; no copy of a checkpoint in the token. Initialise it with yubihsm-shell.',
};

const OPENSC_WIKI = 'https://github.com/OpenSC/OpenSC/wiki/SmartCardHSM';
const NITROKEY_PIN = 'https://support.nitrokey.com/t/nitrokey-hsm-pin-so-pin-format-requirements/2564';

export const nitrokeyHsm2: Device = {
  name: 'Nitrokey HSM 2 (SmartCard-HSM)',
  recognisedBy: ['cardcontact', 'smartcard-hsm', 'nitrokey'],
  libraries: [
    {
      fact: 'OpenSC’s opensc-pkcs11.so reads and writes it from version 0.13 on; the Nitrokey HSM and the SmartCard-HSM are the same to it.',
      source: OPENSC_WIKI,
    },
    {
      fact: 'sc-hsm-embedded is a second, lighter module (libsc-hsm-pkcs11.so).',
      source: 'https://github.com/CardContact/sc-hsm-embedded',
    },
  ],
  slots: [
    {
      fact: 'A card reader is a slot, and the card in it a token.',
      source: 'https://github.com/OpenSC/OpenSC/issues/3602',
    },
  ],
  login: [
    { fact: 'The user PIN has 6 to 15 characters.', source: NITROKEY_PIN },
    { fact: 'The user PIN has three tries.', source: 'https://github.com/OpenSC/OpenSC/issues/3602' },
    {
      fact: 'The SO PIN is exactly 16 hexadecimal digits, has 15 tries, and cannot be unblocked.',
      source: NITROKEY_PIN,
    },
    {
      fact: 'It is shipped without an SO PIN in most cases; initialising sets SO PIN and user PIN.',
      source: OPENSC_WIKI,
    },
  ],
  mechanisms: [
    { fact: 'RSA and elliptic-curve keys, also through OpenSC.', source: OPENSC_WIKI },
    {
      fact: 'No released module offers an AES key wrap for it, OpenSC included.',
      source: 'https://github.com/CardContact/sc-hsm-embedded/pull/50',
    },
  ],
  limits: [
    {
      fact: 'Its own wrap is in sc-hsm-tool and not in PKCS#11; it names a key by its reference and not by CKA_ID.',
      source: 'https://github.com/OpenSC/OpenSC/issues/2685',
    },
  ],
  ceremony:
    'Keys are made and sign. A master key cannot be brought in and backups are not wrapped through PKCS#11: use it for ledger and export keys, or for signing only. An SO PIN of another length than 16 is refused by the device.',
};

const LUNA_KW = 'https://www.thalesdocs.com/gphsm/luna/7/docs/network/Content/sdk/mechanisms/CKM_AES_KW.htm';

export const luna: Device = {
  name: 'Thales Luna 7',
  recognisedBy: ['safenet', 'luna', 'thales'],
  libraries: [
    {
      fact: 'libCryptoki2_64.so of the Luna client.',
      source: 'https://github.com/OpenSC/OpenSC/issues/1570',
    },
    {
      fact: 'The client reads Chrystoki.conf; ChrystokiConfigurationPath names another folder for it.',
      source:
        'https://thalesdocs.com/gphsm/luna/7/docs/usb/Content/install/client_install/dynamic_partition_loading.htm',
    },
  ],
  slots: [{ fact: 'Each partition is a slot.', source: 'https://docs.keyfactor.com/ejbca/latest/thales-luna-hsm' }],
  login: [
    {
      fact: 'A partition asks for a password, or for a PED key on the device’s own PIN entry device; the Crypto Officer and the Crypto User are two roles.',
      source:
        'https://thalesdocs.com/gphsm/luna/7.3/docs/pci/Content/administration/partitions/client_using_an_hsm_partition.htm',
    },
  ],
  mechanisms: [
    {
      fact: 'CKM_AES_KW (RFC 3394) wraps symmetric keys only; private keys are wrapped by CKM_AES_KWP, CKM_AES_CBC_PAD or CKM_AES_GCM.',
      source: LUNA_KW,
    },
    {
      fact: 'In FIPS mode RSA keys are made by the FIPS 186-3 mechanisms; RSAKeyGenMechRemap in its configuration sends the older name there.',
      source: 'https://docs.keyfactor.com/ejbca/latest/thales-luna-hsm',
    },
  ],
  limits: [
    { fact: 'Before firmware 7.9.3 an unwrap by CKM_AES_KW needs CKA_VALUE_LEN.', source: LUNA_KW },
    {
      fact: 'A plain private key is not imported by C_CreateObject: it is encrypted under a key of the device and unwrapped there.',
      source: 'https://github.com/OpenSC/OpenSC/issues/1570',
    },
  ],
  ceremony:
    'Keys are made and sign, and padded wrapping is there under a name that the probe shows. A master key must come in by unwrapping. A PED partition needs the protected authentication path.',
};
