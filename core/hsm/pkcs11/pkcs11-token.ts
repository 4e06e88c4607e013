import { createHash, randomBytes } from 'node:crypto';
import pkcs11, { type Handle, type Mechanism, type Template } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import { guardedCopy, wipe } from '../../process/guarded.ts';
import { checkReadBack } from '../read-back.ts';
import type { KeyAlgorithm, KeyAttributes, KeyPurpose, KeyRecord, Token, TokenInfo } from '../token.ts';
import { attempt, ckrOf } from './ckr.ts';
import { ecdsaSignature } from './encodings.ts';
import { findSlot, loadModule, unloadModule } from './module.ts';
import { type Session, findObjects, readKey } from './objects.ts';
import {
  MASTER_KEY_COPY,
  READ_BACK,
  masterKeyTemplate,
  privateKeyTemplate,
  publicKeyTemplate,
  unwrappedKeyTemplate,
} from './templates.ts';

/** What modules answer to a blob that does not open. SoftHSM 2 says GENERAL_ERROR, or FUNCTION_FAILED for a foreign content. */
const UNOPENED = new Set([
  pkcs11.CKR_WRAPPED_KEY_INVALID,
  pkcs11.CKR_WRAPPED_KEY_LEN_RANGE,
  pkcs11.CKR_ENCRYPTED_DATA_INVALID,
  pkcs11.CKR_ENCRYPTED_DATA_LEN_RANGE,
  pkcs11.CKR_GENERAL_ERROR,
  pkcs11.CKR_FUNCTION_FAILED,
]);

const PRIVATE_KEYS: Template = [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY }];
const SECRET_KEYS: Template = [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY }];

/** RFC 5649 in the numbering of PKCS#11 v2.40 (CKM_AES_KEY_WRAP_PAD, 0x210A). */
const KEY_WRAP: Mechanism = { mechanism: pkcs11.CKM_AES_KEY_WRAP_PAD };

/** What modules answer to the handle of an object that another process has destroyed meanwhile. */
const STALE = new Set(['CKR_KEY_HANDLE_INVALID', 'CKR_OBJECT_HANDLE_INVALID', 'CKR_WRAPPING_KEY_HANDLE_INVALID']);

type KnownKey = { object: Handle; algorithm: KeyRecord['algorithm'] };

/** A token behind a PKCS#11 module, with one session. */
export class Pkcs11Token implements Token {
  readonly #path: string;
  readonly #slot: Handle;
  readonly #session: Session;
  /** Kept from login to close where the import of the master key must change roles. */
  #pins: { user: Uint8Array; securityOfficer: Uint8Array } | null = null;
  #loggedIn = false;
  /**
   * Keys that were found by label, for signing and wrapping many times over: finding and reading one costs as much as
   * a signature. Forgotten by every other operation, so that no handle outlives what could give its number away.
   */
  readonly #known = new Map<string, KnownKey>();
  /** Where the module writes signatures and wrapped keys; each is copied out before the next. */
  readonly #output = Buffer.alloc(8192);

  /** Loads the module and finds the token by its label. MODULE_MISSING, MODULE_UNUSABLE, TOKEN_MISSING, TOKEN_AMBIGUOUS. */
  constructor(path: string, label: string) {
    this.#path = path;
    const module = loadModule(path);
    try {
      this.#slot = findSlot(module, label);
      const flags = pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION;
      const handle = attempt({ operation: 'C_OpenSession' }, () => module.C_OpenSession(this.#slot, flags));
      this.#session = { module, handle };
    } catch (error) {
      unloadModule(module);
      throw error;
    }
  }

  info(): TokenInfo {
    const { module } = this.#session;
    const info = attempt({ operation: 'C_GetTokenInfo' }, () => module.C_GetTokenInfo(this.#slot));
    return {
      kind: 'pkcs11',
      label: info.label.trimEnd(),
      manufacturer: info.manufacturerID.trimEnd(),
      model: info.model.trimEnd(),
      serial: info.serialNumber.trimEnd(),
      firmware: `${info.firmwareVersion.major}.${info.firmwareVersion.minor}`,
      location: this.#path,
      initialised: (info.flags & pkcs11.CKF_TOKEN_INITIALIZED) !== 0,
      needsSecurityOfficer: true,
    };
  }

  login(pin: Uint8Array, securityOfficerPin: Uint8Array | null): void {
    this.#logout();
    this.#known.clear();
    this.#forgetPins();
    if (securityOfficerPin) {
      // Tried first: a wrong one is better found now than in the middle of the import.
      this.#enter(pkcs11.CKU_SO, securityOfficerPin);
      this.#logout();
    }
    this.#enter(pkcs11.CKU_USER, pin);
    if (securityOfficerPin) {
      this.#pins = { user: guardedCopy(pin), securityOfficer: guardedCopy(securityOfficerPin) };
    }
  }

  inventory(): KeyRecord[] {
    this.#known.clear();
    const objects = [PRIVATE_KEYS, SECRET_KEYS].flatMap((template) => findObjects(this.#session, template));
    return objects.map((object) => readKey(this.#session, object));
  }

  random(into: Uint8Array): void {
    const { module, handle } = this.#session;
    attempt({ operation: 'C_GenerateRandom' }, () => module.C_GenerateRandom(handle, asBuffer(into)));
  }

  generateKey(spec: { label: string; algorithm: KeyAlgorithm; purpose: KeyPurpose }): KeyRecord {
    const { label, algorithm, purpose } = spec;
    this.#refuseTaken(label);
    const { module, handle } = this.#session;
    const id = randomBytes(16);
    const [mechanism, name] = algorithm.startsWith('EC')
      ? [pkcs11.CKM_EC_KEY_PAIR_GEN, 'CKM_EC_KEY_PAIR_GEN']
      : [pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, 'CKM_RSA_PKCS_KEY_PAIR_GEN'];
    const pair = attempt({ operation: 'C_GenerateKeyPair', mechanism: name }, () =>
      module.C_GenerateKeyPair(
        handle,
        { mechanism },
        publicKeyTemplate(label, id, algorithm),
        privateKeyTemplate(label, id, algorithm, purpose),
      ),
    );
    return this.#readBack(pair.privateKey, { label, algorithm, expected: READ_BACK[purpose] });
  }

  importMasterKey(label: string, key: Uint8Array): KeyRecord {
    if (key.length !== 32) throw new RangeError('a master key is 32 bytes');
    const pins = this.#pins;
    if (!pins) throw new Refusal('PIN_SOURCE', { pin: 'security officer PIN', source: 'the token file' });
    this.#refuseTaken(label);
    const { module, handle } = this.#session;
    const id = randomBytes(16);
    let original: Handle;
    this.#logout();
    try {
      this.#enter(pkcs11.CKU_SO, pins.securityOfficer);
      original = attempt({ operation: 'C_CreateObject', mechanism: 'CKK_AES' }, () =>
        module.C_CreateObject(handle, masterKeyTemplate(label, id, asBuffer(key))),
      );
    } finally {
      this.#logout();
      this.#enter(pkcs11.CKU_USER, pins.user);
    }
    let copy: Handle;
    try {
      copy = attempt({ operation: 'C_CopyObject' }, () => module.C_CopyObject(handle, original, MASTER_KEY_COPY));
    } finally {
      this.#destroyObject(original);
    }
    return this.#readBack(copy, { label, algorithm: 'AES-256', expected: READ_BACK.master });
  }

  sign(label: string, message: Uint8Array, hash: 'SHA-256' | 'SHA-384'): Uint8Array {
    const { module, handle } = this.#session;
    return this.#again(() => {
      const { object, algorithm } = this.#know('private', label);
      const isEc = algorithm.startsWith('EC');
      const name = isEc ? 'CKM_ECDSA' : hash === 'SHA-256' ? 'CKM_SHA256_RSA_PKCS' : 'CKM_SHA384_RSA_PKCS';
      // Every token has ECDSA over a digest; those that hash themselves are fewer.
      const input = isEc ? createHash(hash).update(message).digest() : asBuffer(message);
      const raw = attempt({ operation: 'C_Sign', mechanism: name }, () => {
        module.C_SignInit(handle, { mechanism: pkcs11[name] }, object);
        return module.C_Sign(handle, input, this.#output);
      });
      return isEc ? ecdsaSignature(raw) : new Uint8Array(raw);
    });
  }

  wrap(masterKeyLabel: string, label: string): { mechanism: 'RFC5649'; blob: Uint8Array } {
    const { module, handle } = this.#session;
    return this.#again(() => {
      const masterKey = this.#know('secret', masterKeyLabel).object;
      const key = this.#know('private', label).object;
      const blob = attempt({ operation: 'C_WrapKey', mechanism: 'CKM_AES_KEY_WRAP_PAD' }, () =>
        module.C_WrapKey(handle, KEY_WRAP, masterKey, key, this.#output),
      );
      return { mechanism: 'RFC5649', blob: new Uint8Array(blob) };
    });
  }

  unwrap(masterKeyLabel: string, blob: Uint8Array, spec: { label: string; algorithm: KeyAlgorithm }): KeyRecord {
    const { label, algorithm } = spec;
    const { module, handle } = this.#session;
    const masterKey = this.#find(SECRET_KEYS, masterKeyLabel);
    this.#refuseTaken(label);
    // RFC 5649 section 4.1: two or more blocks of 8 bytes. Modules differ in what they say to anything else.
    if (blob.length < 16 || blob.length % 8 !== 0) throw new Refusal('BACKUP_UNOPENED', { label });
    const template = unwrappedKeyTemplate(label, randomBytes(16), algorithm);
    const key = attempt({ operation: 'C_UnwrapKey', mechanism: 'CKM_AES_KEY_WRAP_PAD' }, () => {
      try {
        return module.C_UnwrapKey(handle, KEY_WRAP, masterKey, asBuffer(blob), template);
      } catch (error) {
        const ckr = ckrOf(error);
        if (ckr !== null && UNOPENED.has(ckr)) throw new Refusal('BACKUP_UNOPENED', { label });
        throw error;
      }
    });
    if (readKey(this.#session, key).algorithm !== algorithm) {
      this.#destroyObject(key);
      throw new Refusal('BACKUP_UNOPENED', { label });
    }
    return this.#readBack(key, { label, algorithm, expected: READ_BACK.unwrapped });
  }

  destroy(label: string): void {
    this.#known.clear();
    const labelled = { type: pkcs11.CKA_LABEL, value: label };
    const [key, another] = [PRIVATE_KEYS, SECRET_KEYS].flatMap((template) =>
      findObjects(this.#session, [...template, labelled]),
    );
    if (!key) throw new Refusal('KEY_MISSING', { label });
    if (another) throw new Refusal('KEY_AMBIGUOUS', { label });
    const { id } = readKey(this.#session, key);
    const halves = findObjects(this.#session, [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PUBLIC_KEY },
      { type: pkcs11.CKA_ID, value: Buffer.from(id, 'hex') },
      labelled,
    ]);
    for (const object of [key, ...halves]) this.#destroyObject(object);
    if (findObjects(this.#session, [labelled]).length > 0) {
      throw new Refusal('TOKEN_LIED', { label, attribute: 'presence', actual: 'present', expected: 'destroyed' });
    }
  }

  close(): void {
    this.#forgetPins();
    unloadModule(this.#session.module);
  }

  /** Logs in. The one place where a PIN is a string: pkcs11js takes no bytes. */
  #enter(user: number, pin: Uint8Array): void {
    const { module, handle } = this.#session;
    const name = user === pkcs11.CKU_SO ? 'security officer PIN' : 'PIN';
    attempt({ operation: 'C_Login', pin: name }, () => {
      module.C_Login(handle, user, asBuffer(pin).toString('utf8'));
    });
    this.#loggedIn = true;
  }

  #logout(): void {
    if (!this.#loggedIn) return;
    const { module, handle } = this.#session;
    attempt({ operation: 'C_Logout' }, () => {
      module.C_Logout(handle);
    });
    this.#loggedIn = false;
  }

  #forgetPins(): void {
    wipe(this.#pins?.user, this.#pins?.securityOfficer);
    this.#pins = null;
  }

  /** Finds a key and reads what it is, or remembers it. KEY_MISSING, KEY_AMBIGUOUS. */
  #know(kind: KeyRecord['kind'], label: string): KnownKey {
    const name = `${kind} ${label}`;
    const known = this.#known.get(name);
    if (known) return known;
    const object = this.#find(kind === 'private' ? PRIVATE_KEYS : SECRET_KEYS, label);
    const found = { object, algorithm: readKey(this.#session, object).algorithm };
    this.#known.set(name, found);
    return found;
  }

  /** Work with known keys; if one of them is gone meanwhile, once more with what is found now. */
  #again<T>(work: () => T): T {
    const remembers = this.#known.size > 0;
    try {
      return work();
    } catch (error) {
      const stale = error instanceof Refusal && STALE.has(String(error.params['ckr']));
      if (!remembers || !stale) throw error;
      this.#known.clear();
      return work();
    }
  }

  #find(template: Template, label: string): Handle {
    const [object, another] = findObjects(this.#session, [...template, { type: pkcs11.CKA_LABEL, value: label }]);
    if (!object) throw new Refusal('KEY_MISSING', { label });
    if (another) throw new Refusal('KEY_AMBIGUOUS', { label });
    return object;
  }

  #refuseTaken(label: string): void {
    this.#known.clear();
    if (findObjects(this.#session, [{ type: pkcs11.CKA_LABEL, value: label }]).length > 0) {
      throw new Refusal('KEY_EXISTS', { label });
    }
  }

  #destroyObject(object: Handle): void {
    const { module, handle } = this.#session;
    attempt({ operation: 'C_DestroyObject' }, () => {
      module.C_DestroyObject(handle, object);
    });
  }

  /** What the token says it holds now. A key that is not what was asked for is destroyed again: TOKEN_LIED. */
  #readBack(
    object: Handle,
    asked: { label: string; algorithm: KeyRecord['algorithm']; expected: Partial<KeyAttributes> },
  ): KeyRecord {
    const { label, algorithm, expected } = asked;
    const held = readKey(this.#session, object);
    try {
      checkReadBack(label, expected, held.attributes);
      if (held.label !== label) {
        throw new Refusal('TOKEN_LIED', { label, attribute: 'label', actual: held.label, expected: label });
      }
      if (held.algorithm !== algorithm) {
        throw new Refusal('TOKEN_LIED', { label, attribute: 'algorithm', actual: held.algorithm, expected: algorithm });
      }
    } catch (error) {
      this.#destroyObject(object);
      throw error;
    }
    return held;
  }
}

/** The same memory as a Buffer, which is what pkcs11js takes. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
