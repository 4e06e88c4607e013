import { randomBytes, randomFillSync } from 'node:crypto';
import { Refusal } from '../../contract/errors.ts';
import { openBytes, sealBytes } from '../../process/aes-gcm.ts';
import { guarded, wipe } from '../../process/guarded.ts';
import { checkReadBack } from '../read-back.ts';
import {
  type BackupChallenge,
  type BackupSpec,
  type Capabilities,
  type Capability,
  type Encrypted,
  type ImportWay,
  type KeyAlgorithm,
  type KeyAttributes,
  type KeyPurpose,
  type KeyRecord,
  type KeySpec,
  OPERATIONS,
  type SignatureHash,
  type Token,
  type TokenInfo,
  type Wrapped,
} from '../token.ts';
import { dataLabels, readDataFile, writeDataFile } from './data-file.ts';
import { removeDrafts } from './durable-file.ts';
import { type StoredKey, openKeyFile, readKeyFiles, recordOf, removeKeyFile, writeKeyFile } from './key-file.ts';
import { ARGON2_COST, type Argon2Cost } from './pin-key.ts';
import { describePrivateKey, generatePrivateKey, signMessage, unwrapKey, wrapKey } from './private-key.ts';
import { type TokenJson, initialiseFolder, readTokenJson, unlock } from './token-json.ts';

/** Nothing lies between a key and this token, which is the process that has it. */
const NO_TRANSPORT_KEY = 'C_UnwrapKey';

const NO_USAGE = {
  trusted: false,
  wrapWithTrusted: false,
  sign: false,
  encrypt: false,
  decrypt: false,
  derive: false,
  wrap: false,
  unwrap: false,
};
const KEPT = { token: true, private: true, sensitive: true };
const GENERATED = { ...NO_USAGE, ...KEPT, alwaysSensitive: true, local: true };
const BACKED_UP = { extractable: true, neverExtractable: false, wrapWithTrusted: true };
const IMPORTED = {
  ...NO_USAGE,
  ...KEPT,
  alwaysSensitive: false,
  extractable: false,
  neverExtractable: false,
  local: false,
};

/** What the PKCS#11 templates ask for. The master key only wraps, a data key only encrypts, a private key only signs. */
const ATTRIBUTES: Record<KeyPurpose | 'master' | 'unwrapped' | 'unwrapped kek', KeyAttributes> = {
  ca: { ...GENERATED, ...BACKED_UP, sign: true },
  service: { ...GENERATED, extractable: false, neverExtractable: true, sign: true },
  kek: { ...GENERATED, ...BACKED_UP, encrypt: true, decrypt: true },
  master: { ...IMPORTED, trusted: true, wrap: true, unwrap: true },
  unwrapped: { ...IMPORTED, sign: true },
  'unwrapped kek': { ...IMPORTED, encrypt: true, decrypt: true },
};

/**
 * A token for training: a folder (0700) of files (0600), each key encrypted under a key that argon2id derives from
 * the PIN. The PIN's key is in memory from login to close; any other key only during the operation that needs it.
 * OpenSSL's PKCS#8 encoder leaves a copy of a generated key in freed memory until the process ends (measured), which
 * is one reason why this token is not for live ceremonies.
 */
export class SoftwareToken implements Token {
  readonly #folder: string;
  readonly #label: string;
  readonly #cost: Argon2Cost;
  #json: TokenJson | null;
  #pinKey: Uint8Array | null = null;

  /** `cost` is for a folder that has no PIN yet. TOKEN_MISSING if the folder holds a token of another label. */
  constructor(folder: string, label: string, cost: Argon2Cost = ARGON2_COST) {
    this.#folder = folder;
    this.#label = label;
    this.#cost = cost;
    this.#json = readTokenJson(folder);
    if (this.#json && this.#json.identity.label !== label) throw new Refusal('TOKEN_MISSING', { label });
  }

  info(): TokenInfo {
    return {
      kind: 'software',
      label: this.#label,
      manufacturer: 'Claviger',
      model: 'software token',
      serial: this.#json?.identity.serial ?? '',
      firmware: '1',
      location: this.#folder,
      initialised: this.#json !== null,
      needsSecurityOfficer: false,
      // A file cannot count tries: whoever has it puts the old one back.
      pinState: 'fine',
      securityOfficerPinState: 'fine',
      protectedAuthenticationPath: false,
    };
  }

  capabilities(): Capabilities {
    const native: Capability = { is: 'native', by: 'OpenSSL' };
    return {
      ...(Object.fromEntries(OPERATIONS.map((operation) => [operation, native])) as Capabilities),
      random: { is: 'emulated', by: 'the operating system' },
      'keep CA keys to trusted wrapping': { is: 'emulated', by: 'checked in the token process' },
      'import by transport key': { is: 'refused', lacks: NO_TRANSPORT_KEY },
      'keep data': { is: 'native', by: 'a sealed file' },
    };
  }

  login(pin: Uint8Array | null, _securityOfficerPin: Uint8Array | null): void {
    if (pin === null) throw new Refusal('PIN_SOURCE', { pin: 'PIN', source: 'the token: it has no PIN pad' });
    if (pin.length === 0) throw new Refusal('PIN_WRONG', { pin: 'PIN' });
    // Read again: another process may have set the PIN since.
    this.#json = readTokenJson(this.#folder);
    let pinKey: Uint8Array;
    if (this.#json) {
      pinKey = unlock(this.#json, pin);
    } else {
      ({ json: this.#json, pinKey } = initialiseFolder(this.#folder, this.#label, this.#cost, pin));
    }
    removeDrafts(this.#folder);
    wipe(this.#pinKey);
    this.#pinKey = pinKey;
  }

  inventory(): KeyRecord[] {
    return this.#keys().map(recordOf);
  }

  read(label: string): KeyRecord {
    return recordOf(this.#find(null, label));
  }

  contents(): string[] {
    const { serial } = this.#open();
    const data = dataLabels(this.#folder, serial).map((label) => `data ${label}`);
    return [...data, ...this.inventory().map(({ kind, label }) => `${kind} key ${label}`)];
  }

  random(into: Uint8Array): void {
    randomFillSync(into);
  }

  generateKey(spec: KeySpec): KeyRecord {
    this.#refuseTaken(spec.label);
    if (spec.purpose === 'kek') {
      const { label, algorithm } = spec;
      const secret = guarded(32);
      try {
        randomFillSync(secret);
        return this.#keep({ label, algorithm, kind: 'secret', publicKey: null }, ATTRIBUTES.kek, secret);
      } finally {
        wipe(secret);
      }
    }
    const { pkcs8, publicKey } = generatePrivateKey(spec.algorithm);
    try {
      return this.#keep({ ...spec, kind: 'private', publicKey }, ATTRIBUTES[spec.purpose], pkcs8);
    } finally {
      wipe(pkcs8);
    }
  }

  importMasterKey(label: string, key: Uint8Array, only?: ImportWay): KeyRecord {
    if (key.length !== 32) throw new RangeError('a master key is 32 bytes');
    if (only === 'by transport key') throw new Refusal('MECHANISM_MISSING', { mechanism: NO_TRANSPORT_KEY });
    this.#refuseTaken(label);
    return this.#keep({ label, algorithm: 'AES-256', kind: 'secret', publicKey: null }, ATTRIBUTES.master, key);
  }

  sign(label: string, message: Uint8Array, hash: SignatureHash | null): Uint8Array {
    const key = this.#find('private', label);
    const { algorithm } = key.header;
    if ((hash === null) !== (algorithm === 'Ed25519')) {
      throw new Refusal('INPUT_INVALID', { detail: `${algorithm} does not sign with hash ${hash ?? 'none'}` });
    }
    return this.#with(key, (pkcs8) => signMessage(pkcs8, message, hash));
  }

  encrypt(label: string, plain: Uint8Array, additionalData: Uint8Array): Encrypted {
    const key = this.#permitted(label, 'encrypt', 'C_EncryptInit');
    return this.#with(key, (secret) => {
      const { iv, ciphertext, tag } = sealBytes(secret, plain, additionalData);
      return { iv: new Uint8Array(iv), ciphertext: new Uint8Array(Buffer.concat([ciphertext, tag])) };
    });
  }

  decrypt(label: string, encrypted: Encrypted, additionalData: Uint8Array): Uint8Array {
    const key = this.#permitted(label, 'decrypt', 'C_DecryptInit');
    return this.#with(key, (secret) => opened(secret, encrypted, additionalData, label));
  }

  wrap(masterKeyLabel: string, label: string): Wrapped {
    const masterKey = this.#permitted(masterKeyLabel, 'wrap', 'C_WrapKey');
    const key = this.#find(null, label);
    if (!key.header.attributes.extractable) {
      throw new Refusal('TOKEN_FAILED', { operation: 'C_WrapKey', ckr: 'CKR_KEY_UNEXTRACTABLE' });
    }
    const blob = this.#with(masterKey, (secret) => this.#with(key, (value) => wrapKey(secret, value)));
    return { mechanism: 'RFC5649', blob };
  }

  unwrap(masterKeyLabel: string, { mechanism, blob }: Wrapped, spec: BackupSpec): KeyRecord {
    const { label, algorithm, as } = spec;
    this.#refuseTaken(label);
    const leaves = as === 'original' ? { extractable: true, wrapWithTrusted: true } : {};
    return this.#withBackup(masterKeyLabel, { mechanism, blob }, spec, (value, publicKey) =>
      algorithm === 'AES-256'
        ? this.#keep(
            { label, algorithm, kind: 'secret', publicKey },
            { ...ATTRIBUTES['unwrapped kek'], ...leaves },
            value,
          )
        : this.#keep({ label, algorithm, kind: 'private', publicKey }, { ...ATTRIBUTES.unwrapped, ...leaves }, value),
    );
  }

  proveBackup(masterKeyLabel: string, wrapped: Wrapped, spec: BackupSpec, challenge: BackupChallenge): Uint8Array {
    return this.#withBackup(masterKeyLabel, wrapped, spec, (value) => {
      if ('message' in challenge) return signMessage(value, challenge.message, challenge.hash);
      return opened(value, challenge.encrypted, challenge.additionalData, spec.label);
    });
  }

  /** Opens a backup for the length of `use`; `publicKey` is null of a data key. BACKUP_UNOPENED, MECHANISM_MISSING. */
  #withBackup<T>(
    masterKeyLabel: string,
    { mechanism, blob }: Wrapped,
    { label, algorithm }: BackupSpec,
    use: (value: Uint8Array, publicKey: Uint8Array | null) => T,
  ): T {
    if (mechanism === 'YUBIHSM-AES-CCM') throw new Refusal('MECHANISM_MISSING', { mechanism });
    const masterKey = this.#permitted(masterKeyLabel, 'unwrap', 'C_UnwrapKey');
    const value = this.#with(masterKey, (secret) => unwrapKey(mechanism, secret, blob));
    if (!value) throw new Refusal('BACKUP_UNOPENED', { label });
    try {
      const found = algorithm === 'AES-256' ? null : describePrivateKey(value);
      const isAsked = algorithm === 'AES-256' ? value.length === 32 : found?.algorithm === algorithm;
      if (!isAsked) throw new Refusal('BACKUP_UNOPENED', { label });
      return use(value, found?.publicKey ?? null);
    } finally {
      wipe(value);
    }
  }

  readData(label: string): Uint8Array | null {
    const { serial, pinKey } = this.#open();
    return readDataFile(this.#folder, serial, pinKey, label);
  }

  writeData(label: string, bytes: Uint8Array): void {
    const { serial, pinKey } = this.#open();
    if (this.#keys().some((key) => key.header.label === label)) throw new Refusal('KEY_EXISTS', { label });
    writeDataFile(this.#folder, serial, pinKey, label, bytes);
  }

  destroy(label: string): void {
    removeKeyFile(this.#find(null, label));
    if (this.#keys().some((key) => key.header.label === label)) {
      throw new Refusal('TOKEN_LIED', { label, attribute: 'presence', actual: 'present', expected: 'destroyed' });
    }
  }

  close(): void {
    wipe(this.#pinKey);
    this.#pinKey = null;
  }

  /** Logged in, or TOKEN_FAILED. */
  #open(): { serial: string; pinKey: Uint8Array } {
    if (!this.#json || !this.#pinKey) throw notLoggedIn();
    return { serial: this.#json.identity.serial, pinKey: this.#pinKey };
  }

  #keys(): StoredKey[] {
    return readKeyFiles(this.#folder, this.#open().serial);
  }

  #find(kind: KeyRecord['kind'] | null, label: string): StoredKey {
    const [key, another] = this.#keys().filter(
      ({ header }) => header.label === label && (kind === null || header.kind === kind),
    );
    if (!key) throw new Refusal('KEY_MISSING', { label });
    if (another) throw new Refusal('KEY_AMBIGUOUS', { label });
    return key;
  }

  /** A secret key that may be used so, as a PKCS#11 token would say it. KEY_MISSING, TOKEN_FAILED. */
  #permitted(label: string, usage: 'encrypt' | 'decrypt' | 'wrap' | 'unwrap', operation: string): StoredKey {
    const key = this.#find('secret', label);
    if (!key.header.attributes[usage]) {
      throw new Refusal('TOKEN_FAILED', { operation, ckr: 'CKR_KEY_FUNCTION_NOT_PERMITTED' });
    }
    return key;
  }

  #refuseTaken(label: string): void {
    const taken = [...this.#keys().map(({ header }) => header.label), ...dataLabels(this.#folder, this.#open().serial)];
    if (taken.includes(label)) throw new Refusal('KEY_EXISTS', { label });
  }

  #with<T>(key: StoredKey, work: (secret: Uint8Array) => T): T {
    const secret = openKeyFile(this.#open().pinKey, key);
    try {
      return work(secret);
    } finally {
      wipe(secret);
    }
  }

  #keep(
    what: {
      label: string;
      algorithm: KeyAlgorithm | 'AES-256';
      kind: 'private' | 'secret';
      publicKey: Uint8Array | null;
    },
    attributes: KeyAttributes,
    secret: Uint8Array,
  ): KeyRecord {
    const { serial, pinKey } = this.#open();
    const { label, algorithm, kind, publicKey } = what;
    const record = { label, algorithm, kind, publicKey, attributes, id: randomBytes(16).toString('hex') };
    const stored = writeKeyFile(this.#folder, serial, pinKey, record, secret);
    wipe(openKeyFile(pinKey, stored));
    const held = recordOf(stored);
    checkReadBack(label, attributes, held.attributes);
    return held;
  }
}

/** CIPHERTEXT_UNOPENED. */
function opened(secret: Uint8Array, encrypted: Encrypted, additionalData: Uint8Array, label: string): Uint8Array {
  const { iv, ciphertext } = encrypted;
  const box = { iv, ciphertext: ciphertext.subarray(0, -16), tag: ciphertext.subarray(-16) };
  const plain = openBytes(secret, box, additionalData);
  if (!plain) throw new Refusal('CIPHERTEXT_UNOPENED', { label });
  return plain;
}

function notLoggedIn(): Refusal {
  return new Refusal('TOKEN_FAILED', { operation: 'use before login', ckr: 'CKR_USER_NOT_LOGGED_IN' });
}
