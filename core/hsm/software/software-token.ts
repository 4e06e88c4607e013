import { randomBytes, randomFillSync } from 'node:crypto';
import { Refusal } from '../../contract/errors.ts';
import { wipe } from '../../process/guarded.ts';
import { checkReadBack } from '../read-back.ts';
import type { KeyAlgorithm, KeyAttributes, KeyPurpose, KeyRecord, Token, TokenInfo } from '../token.ts';
import { type StoredKey, openKeyFile, readKeyFiles, recordOf, removeKeyFile, writeKeyFile } from './key-file.ts';
import { ARGON2_COST, type Argon2Cost } from './pin-key.ts';
import {
  describePrivateKey,
  generatePrivateKey,
  signMessage,
  unwrapPrivateKey,
  wrapPrivateKey,
} from './private-key.ts';
import { type TokenJson, initialiseFolder, readTokenJson, unlock } from './token-json.ts';

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
const GENERATED = { ...NO_USAGE, ...KEPT, alwaysSensitive: true, local: true, sign: true };
const IMPORTED = {
  ...NO_USAGE,
  ...KEPT,
  alwaysSensitive: false,
  extractable: false,
  neverExtractable: false,
  local: false,
};

/** What the PKCS#11 templates ask for. Here a secret key only wraps and unwraps, and a private key only signs. */
const ATTRIBUTES: Record<KeyPurpose | 'master' | 'unwrapped', KeyAttributes> = {
  ca: { ...GENERATED, extractable: true, neverExtractable: false, wrapWithTrusted: true },
  service: { ...GENERATED, extractable: false, neverExtractable: true },
  master: { ...IMPORTED, trusted: true, wrap: true, unwrap: true },
  unwrapped: { ...IMPORTED, sign: true },
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
    };
  }

  login(pin: Uint8Array, _securityOfficerPin: Uint8Array | null): void {
    if (pin.length === 0) throw new Refusal('PIN_WRONG', { pin: 'PIN' });
    // Read again: another process may have set the PIN since.
    this.#json = readTokenJson(this.#folder);
    let pinKey: Uint8Array;
    if (this.#json) {
      pinKey = unlock(this.#json, pin);
    } else {
      ({ json: this.#json, pinKey } = initialiseFolder(this.#folder, this.#label, this.#cost, pin));
    }
    wipe(this.#pinKey);
    this.#pinKey = pinKey;
  }

  inventory(): KeyRecord[] {
    return this.#keys().map(recordOf);
  }

  contents(): string[] {
    return this.inventory().map(({ kind, label }) => `${kind} key ${label}`);
  }

  random(into: Uint8Array): void {
    randomFillSync(into);
  }

  generateKey(spec: { label: string; algorithm: KeyAlgorithm; purpose: KeyPurpose }): KeyRecord {
    this.#refuseTaken(spec.label);
    const { pkcs8, publicKey } = generatePrivateKey(spec.algorithm);
    try {
      return this.#keep({ ...spec, kind: 'private', publicKey }, ATTRIBUTES[spec.purpose], pkcs8);
    } finally {
      wipe(pkcs8);
    }
  }

  importMasterKey(label: string, key: Uint8Array): KeyRecord {
    if (key.length !== 32) throw new RangeError('a master key is 32 bytes');
    this.#refuseTaken(label);
    return this.#keep({ label, algorithm: 'AES-256', kind: 'secret', publicKey: null }, ATTRIBUTES.master, key);
  }

  sign(label: string, message: Uint8Array, hash: 'SHA-256' | 'SHA-384'): Uint8Array {
    return this.#with(this.#find('private', label), (pkcs8) => signMessage(pkcs8, message, hash));
  }

  wrap(masterKeyLabel: string, label: string): { mechanism: 'RFC5649'; blob: Uint8Array } {
    const masterKey = this.#find('secret', masterKeyLabel);
    const key = this.#find('private', label);
    if (!key.header.attributes.extractable) {
      throw new Refusal('TOKEN_FAILED', { operation: 'C_WrapKey', ckr: 'CKR_KEY_UNEXTRACTABLE' });
    }
    const blob = this.#with(masterKey, (secret) => this.#with(key, (pkcs8) => wrapPrivateKey(secret, pkcs8)));
    return { mechanism: 'RFC5649', blob };
  }

  unwrap(masterKeyLabel: string, blob: Uint8Array, spec: { label: string; algorithm: KeyAlgorithm }): KeyRecord {
    const masterKey = this.#find('secret', masterKeyLabel);
    this.#refuseTaken(spec.label);
    const pkcs8 = this.#with(masterKey, (secret) => unwrapPrivateKey(secret, blob));
    try {
      const found = pkcs8 && describePrivateKey(pkcs8);
      if (found?.algorithm !== spec.algorithm) throw new Refusal('BACKUP_UNOPENED', { label: spec.label });
      return this.#keep(
        { ...spec, kind: 'private', publicKey: found.publicKey },
        ATTRIBUTES.unwrapped,
        pkcs8 as Uint8Array,
      );
    } finally {
      wipe(pkcs8);
    }
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

  #keys(): StoredKey[] {
    if (!this.#json || !this.#pinKey) throw notLoggedIn();
    return readKeyFiles(this.#folder, this.#json.identity.serial);
  }

  #find(kind: KeyRecord['kind'] | null, label: string): StoredKey {
    const [key, another] = this.#keys().filter(
      ({ header }) => header.label === label && (kind === null || header.kind === kind),
    );
    if (!key) throw new Refusal('KEY_MISSING', { label });
    if (another) throw new Refusal('KEY_AMBIGUOUS', { label });
    return key;
  }

  #refuseTaken(label: string): void {
    if (this.#keys().some((key) => key.header.label === label)) throw new Refusal('KEY_EXISTS', { label });
  }

  #with<T>(key: StoredKey, work: (secret: Uint8Array) => T): T {
    if (!this.#pinKey) throw notLoggedIn();
    const secret = openKeyFile(this.#pinKey, key);
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
    if (!this.#json || !this.#pinKey) throw notLoggedIn();
    const { label, algorithm, kind, publicKey } = what;
    const record = { label, algorithm, kind, publicKey, attributes, id: randomBytes(16).toString('hex') };
    const stored = writeKeyFile(this.#folder, this.#json.identity.serial, this.#pinKey, record, secret);
    wipe(openKeyFile(this.#pinKey, stored));
    const held = recordOf(stored);
    checkReadBack(label, attributes, held.attributes);
    return held;
  }
}

function notLoggedIn(): Refusal {
  return new Refusal('TOKEN_FAILED', { operation: 'use before login', ckr: 'CKR_USER_NOT_LOGGED_IN' });
}
