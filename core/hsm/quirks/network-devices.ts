import type { Device } from './device.ts';

const NSHIELD = 'https://nshielddocs.entrust.com/security-world-docs';
const NO_LOAD_SHARING = `${NSHIELD}/v13.6.5/api-pkcs11/no-load-sharing-or-pool-mode.html`;

export const nShield: Device = {
  name: 'Entrust nShield',
  recognisedBy: ['ncipher', 'nshield', 'entrust'],
  libraries: [
    { fact: 'libcknfast.so on Linux.', source: `${NSHIELD}/v13.3/api-pkcs11/developer-libraries.html` },
    {
      fact: 'Its behaviour is set by environment variables, or by the file /opt/nfast/cknfastrc.',
      source: `${NSHIELD}/v13.6.3/api-pkcs11/env-variables.html`,
    },
  ],
  slots: [
    {
      fact: 'Without load sharing each module is two slots or more: the accelerator, where C_Login always fails and nothing private can be made, and the card reader.',
      source: NO_LOAD_SHARING,
    },
    {
      fact: 'With CKNFAST_LOADSHARING each operator card set is a slot, softcards are further ones, and the accelerator may be one more.',
      source: `${NSHIELD}/v13.6.3/api-pkcs11/load-sharing-mode.html`,
    },
  ],
  login: [
    {
      fact: 'K-of-N card sets are loaded before by preload, or by the vendor’s C_LoginBegin, C_LoginNext and C_LoginEnd; after preload the PIN is not checked.',
      source: `${NSHIELD}/v13.6.5/api-pkcs11/preload.html`,
    },
    {
      fact: 'The security officer is a softcard that cksotool makes and preload loads; CKU_SO is logged in besides.',
      source: `${NSHIELD}/v13.3/api-pkcs11/security-officer.html`,
    },
  ],
  mechanisms: [
    {
      fact: 'AES and RSA mechanisms that wrap are in its table; some are barred in a FIPS 140 Level 3 security world.',
      source: `${NSHIELD}/v13.5.1/api-pkcs11/mechanisms.html`,
    },
  ],
  limits: [
    {
      fact: 'C_InitToken is not supported without load sharing in a FIPS 140 Level 3 security world.',
      source: NO_LOAD_SHARING,
    },
    {
      fact: 'What it holds to be unsafe fails until CKNFAST_OVERRIDE_SECURITY_ASSURANCES permits it.',
      source: `${NSHIELD}/v13.3/api-pkcs11/developer-libraries.html`,
    },
    {
      fact: 'Token objects of another process are not seen unless its environment says so: those there are at C_Initialize are.',
      source: `${NSHIELD}/v13.6.3/api-pkcs11/env-variables.html`,
    },
  ],
  ceremony:
    'Run claviger under preload, with the card set and the security officer loaded. Name the token of the card set, never the accelerator. Initialise cards with the vendor’s tools.',
};

const OPENBAO_UTIMACO = 'https://github.com/openbao/openbao/pull/1758';

export const utimaco: Device = {
  name: 'Utimaco CryptoServer and u.trust GP HSM',
  recognisedBy: ['utimaco', 'cryptoserver'],
  libraries: [
    {
      fact: 'libcs_pkcs11_R2.so for the CryptoServer CP5, libcs_pkcs11_R3.so for the u.trust GP HSM.',
      source: OPENBAO_UTIMACO,
    },
    {
      fact: 'A configuration file names the device (3001@host for a simulator) and the number of slots (SlotCount).',
      source: 'https://github.com/Keyfactor/ejbca-ce/issues/67',
    },
  ],
  slots: [
    {
      fact: 'As many numbered slots as the configuration says, each with PINs of its own.',
      source: 'https://github.com/alonbl/gnupg-pkcs11-scd/issues/33',
    },
  ],
  login: [
    {
      fact: 'A slot is initialised by an administrator’s key with p11tool2 (Login=ADMIN, InitToken), which sets the SO PIN; the SO then sets the user PIN.',
      source: OPENBAO_UTIMACO,
    },
  ],
  mechanisms: [
    {
      fact: 'What a slot offers can be changed by CustomMechanisms in the configuration.',
      source: 'https://github.com/Keyfactor/ejbca-ce/issues/67',
    },
  ],
  limits: [
    {
      fact: 'A session ends after 15 minutes without use unless KeepAlive is set.',
      source: 'https://github.com/Keyfactor/ejbca-ce/issues/67',
    },
  ],
  ceremony:
    'Initialise the slot with p11tool2 first, and set KeepAlive: a ceremony pauses for longer than 15 minutes. The probe shows which wraps the firmware offers.',
};

const AWS = 'https://docs.aws.amazon.com/cloudhsm/latest/userguide';

export const awsCloudHsm: Device = {
  name: 'AWS CloudHSM (Client SDK 5)',
  recognisedBy: ['cloudhsm', 'cavium', 'marvell', 'amazon'],
  libraries: [
    {
      fact: '/opt/cloudhsm/lib/libcloudhsm_pkcs11.so',
      source: 'https://github.com/larskanis/pkcs11/issues/8',
    },
    { fact: 'It implements PKCS#11 2.40.', source: `${AWS}/pkcs11-library.html` },
  ],
  slots: [{ fact: 'The cluster is what the library connects to.', source: `${AWS}/pkcs11-library.html` }],
  login: [
    {
      fact: 'The PIN is the name of a crypto user, a colon and the password: CryptoUser:CUPassword123!',
      source: 'https://doc.primekey.com/ejbca-cloud/ejbca-cloud-aws/aws-cloudhsm-integration-guide/6-pkcs11-pin',
    },
  ],
  mechanisms: [
    {
      fact: 'RSA, ECDSA with and without hashing, AES-CBC, -CTR, -ECB and -GCM; wrapping by AES key wrap, AES-GCM, RSA-AES and RSA-OAEP.',
      source: `${AWS}/pkcs11-mechanisms.html`,
    },
    { fact: 'Hashing is done by the client in software.', source: `${AWS}/pkcs11-mechanisms.html` },
  ],
  limits: [
    {
      fact: 'CKA_TRUSTED is set by a Crypto Officer alone, with the CloudHSM CLI.',
      source: `${AWS}/modify-attr.html`,
    },
    {
      fact: 'CKA_WRAP_WITH_TRUSTED can be set on an exportable key and never taken back.',
      source: `${AWS}/modify-attr.html`,
    },
    {
      fact: 'A plain private key is not imported by C_CreateObject: it is encrypted under a key of the device and unwrapped there.',
      source: 'https://github.com/OpenSC/OpenSC/issues/1570',
    },
  ],
  ceremony:
    'A network service, so no place for an air-gapped root. For an online token the master key comes in by unwrapping, and a Crypto Officer marks it as trusted with the CloudHSM CLI.',
};
