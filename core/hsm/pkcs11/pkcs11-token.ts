import { randomBytes } from 'node:crypto';
import pkcs11, { type AesGCM, type Handle, type Mechanism, type Template } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import { guarded, guardedCopy, wipe } from '../../process/guarded.ts';
import { checkReadBack } from '../read-back.ts';
import type {
  Capabilities,
  Encrypted,
  KeyAlgorithm,
  KeyAttributes,
  KeyRecord,
  KeySpec,
  Operation,
  PinState,
  SignatureHash,
  Token,
  TokenInfo,
} from '../token.ts';
import { type Behaviour, behaviourOf } from './behaviour.ts';
import { attempt, ckrOf } from './ckr.ts';
import { readDataObject, writeDataObject } from './data-objects.ts';
import { login } from './login.ts';
import { bringIn } from './master-key-import.ts';
import { AES_GCM, AES_GENERATE, Mechanisms, capabilitiesOf, generation, keyWrap, signing } from './mechanisms.ts';
import { PADDING, findSlot, loadModule, unloadModule } from './module.ts';
import { type Session, contentsOf, findObjects, readAttribute, readKey } from './objects.ts';
import {
  MASTER_KEY_COPY,
  READ_BACK,
  dataKeyTemplate,
  masterKeyTemplate,
  privateKeyTemplate,
  publicKeyTemplate,
  unwrappedDataKeyTemplate,
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

/** RFC 5649 section 4.1: 32 bytes and the initial value. No other length of an AES key is as long when wrapped. */
const WRAPPED_AES_256_BYTES = 40;
const GCM_IV_BYTES = 12;
const GCM_TAG_BYTES = 16;

/** What modules answer to the handle of an object that another process has destroyed meanwhile. */
const STALE = new Set(['CKR_KEY_HANDLE_INVALID', 'CKR_OBJECT_HANDLE_INVALID', 'CKR_WRAPPING_KEY_HANDLE_INVALID']);

type KnownKey = { object: Handle; algorithm: KeyRecord['algorithm'] };

/** A token behind a PKCS#11 module, with one session. */
export class Pkcs11Token implements Token {
  readonly #path: string;
  readonly #label: string;
  readonly #behaviour: Behaviour;
  readonly #mechanisms: Mechanisms;
  readonly #session: Session;
  #slot: Handle;
  /** Kept from login to close where the import of the master key must change roles. Null: typed at the token's pad. */
  #pins: { user: Uint8Array | null; securityOfficer: Uint8Array | null } | null = null;
  #loggedIn = false;
  /**
   * Keys that were found by label, for signing and wrapping many times over: finding and reading one costs as much as
   * a signature. Forgotten by every other operation, so that no handle outlives what could give its number away.
   */
  readonly #remembered = new Map<string, KnownKey>();
  /** Where the module writes signatures and wrapped keys; each is copied out before the next. */
  readonly #output = Buffer.alloc(8192);

  /**
   * Loads the module and finds the token by its label. `parameters`: for a module that wants some at C_Initialize.
   * MODULE_MISSING, MODULE_UNUSABLE, TOKEN_MISSING, TOKEN_AMBIGUOUS.
   */
  constructor(path: string, label: string, parameters?: string) {
    this.#path = path;
    this.#label = label;
    const module = loadModule(path, parameters);
    try {
      const slot = findSlot(module, label);
      this.#slot = slot;
      this.#behaviour = behaviourOf(attempt({ operation: 'C_GetTokenInfo' }, () => module.C_GetTokenInfo(slot)));
      this.#mechanisms = new Mechanisms(module, slot);
      this.#session = { module, handle: openSession(module, slot) };
    } catch (error) {
      unloadModule(module);
      throw error;
    }
  }

  info(): TokenInfo {
    const { module } = this.#session;
    const info = attempt({ operation: 'C_GetTokenInfo' }, () => module.C_GetTokenInfo(this.#slot));
    const text = (field: string) => field.replace(PADDING, '');
    const state = (low: number, finalTry: number, locked: number): PinState => {
      if (info.flags & locked) return 'locked';
      if (info.flags & finalTry) return 'final-try';
      return info.flags & low ? 'low' : 'fine';
    };
    return {
      kind: 'pkcs11',
      label: text(info.label),
      manufacturer: text(info.manufacturerID),
      model: text(info.model),
      serial: text(info.serialNumber),
      firmware: `${info.firmwareVersion.major}.${info.firmwareVersion.minor}`,
      location: this.#path,
      initialised: (info.flags & pkcs11.CKF_TOKEN_INITIALIZED) !== 0,
      needsSecurityOfficer: this.#behaviour.trusts === 'security officer',
      pinState: state(pkcs11.CKF_USER_PIN_COUNT_LOW, pkcs11.CKF_USER_PIN_FINAL_TRY, pkcs11.CKF_USER_PIN_LOCKED),
      securityOfficerPinState: state(
        pkcs11.CKF_SO_PIN_COUNT_LOW,
        pkcs11.CKF_SO_PIN_FINAL_TRY,
        pkcs11.CKF_SO_PIN_LOCKED,
      ),
      protectedAuthenticationPath: (info.flags & pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH) !== 0,
    };
  }

  capabilities(): Capabilities {
    const { module } = this.#session;
    const info = attempt({ operation: 'C_GetTokenInfo' }, () => module.C_GetTokenInfo(this.#slot));
    return capabilitiesOf(this.#mechanisms, this.#behaviour, (info.flags & pkcs11.CKF_RNG) !== 0);
  }

  login(pin: Uint8Array | null, securityOfficerPin: Uint8Array | null): void {
    this.#renewSession();
    const hasPad = this.info().protectedAuthenticationPath;
    if (pin === null && !hasPad)
      throw new Refusal('PIN_SOURCE', { pin: 'PIN', source: 'the token: it has no PIN pad' });
    this.#logout();
    this.#remembered.clear();
    this.#forgetPins();
    if (securityOfficerPin) {
      // Tried first: a wrong one is better found now than in the middle of the import.
      this.#enter(pkcs11.CKU_SO, securityOfficerPin);
      this.#logout();
    }
    this.#enter(pkcs11.CKU_USER, pin);
    if (securityOfficerPin || hasPad) {
      this.#pins = {
        user: pin && guardedCopy(pin),
        securityOfficer: securityOfficerPin && guardedCopy(securityOfficerPin),
      };
    }
  }

  inventory(): KeyRecord[] {
    this.#remembered.clear();
    const objects = [PRIVATE_KEYS, SECRET_KEYS].flatMap((template) => findObjects(this.#session, template));
    return objects.map((object) => readKey(this.#session, object));
  }

  contents(): string[] {
    return contentsOf(this.#session);
  }

  random(into: Uint8Array): void {
    const { module, handle } = this.#session;
    attempt({ operation: 'C_GenerateRandom' }, () => module.C_GenerateRandom(handle, asBuffer(into)));
  }

  read(label: string): KeyRecord {
    return readKey(this.#session, this.#find(null, label));
  }

  generateKey(spec: KeySpec): KeyRecord {
    const { label, algorithm, purpose } = spec;
    this.#refuseUnless(`generate ${algorithm}`);
    if (purpose !== 'service') {
      this.#refuseUnless('keep CA keys to trusted wrapping');
      this.#refuseUnless(`back up ${algorithm}`);
    }
    this.#refuseTaken(label);
    const { module, handle } = this.#session;
    const id = randomBytes(16);
    const { mechanism, name } = spec.purpose === 'kek' ? AES_GENERATE : generation(spec.algorithm);
    const made =
      spec.purpose === 'kek'
        ? attempt({ operation: 'C_GenerateKey', mechanism: name }, () =>
            module.C_GenerateKey(handle, { mechanism }, this.#known(dataKeyTemplate(label, id))),
          )
        : attempt({ operation: 'C_GenerateKeyPair', mechanism: name }, () =>
            module.C_GenerateKeyPair(
              handle,
              { mechanism },
              this.#known(publicKeyTemplate(label, id, spec.algorithm)),
              this.#known(privateKeyTemplate(label, id, spec.algorithm, spec.purpose)),
            ),
          );
    const [key, half] = 'privateKey' in made ? [made.privateKey, made.publicKey] : [made, null];
    return this.#readBack(key, { label, id, algorithm, expected: READ_BACK[purpose] }, half);
  }

  importMasterKey(label: string, key: Uint8Array): KeyRecord {
    if (key.length !== 32) throw new RangeError('a master key is 32 bytes');
    this.#refuseUnless('import master key');
    const id = randomBytes(16);
    const held =
      this.#behaviour.trusts === 'user'
        ? this.#importAsUser(label, id, key)
        : this.#importAsSecurityOfficer(label, id, key);
    return this.#readBack(held, { label, id, algorithm: 'AES-256', expected: READ_BACK.master });
  }

  #importAsUser(label: string, id: Buffer, key: Uint8Array): Handle {
    this.#refuseTaken(label);
    return bringIn(this.#session, this.#known(masterKeyTemplate(label, id, 'user')), key, 'user');
  }

  #importAsSecurityOfficer(label: string, id: Buffer, key: Uint8Array): Handle {
    const pins = this.#pins;
    if (!pins) throw new Refusal('PIN_SOURCE', { pin: 'security officer PIN', source: 'the token file' });
    this.#refuseTaken(label);
    const { module, handle } = this.#session;
    const template = this.#known(masterKeyTemplate(label, id, 'security officer'));
    let original: Handle;
    this.#logout();
    try {
      this.#enter(pkcs11.CKU_SO, pins.securityOfficer);
      original = bringIn(this.#session, template, key, 'security officer');
    } finally {
      this.#logout();
      this.#enter(pkcs11.CKU_USER, pins.user);
    }
    try {
      return attempt({ operation: 'C_CopyObject' }, () => module.C_CopyObject(handle, original, MASTER_KEY_COPY));
    } finally {
      this.#destroyObject(original);
    }
  }

  sign(label: string, message: Uint8Array, hash: SignatureHash | null): Uint8Array {
    const { module, handle } = this.#session;
    return this.#again(() => {
      const { object, algorithm } = this.#know(PRIVATE_KEYS, label);
      if (algorithm === 'other' || algorithm === 'AES-256') throw new Refusal('KEY_MISSING', { label });
      const { mechanism, name, input, finish } = signing(this.#mechanisms, algorithm, asBuffer(message), hash);
      return attempt({ operation: 'C_Sign', mechanism: name }, () => {
        module.C_SignInit(handle, { mechanism }, object);
        return finish(module.C_Sign(handle, input, this.#output));
      });
    });
  }

  encrypt(label: string, plain: Uint8Array, additionalData: Uint8Array): Encrypted {
    this.#refuseUnless('encrypt');
    const { module, handle } = this.#session;
    const key = this.#find(SECRET_KEYS, label);
    const iv = randomBytes(GCM_IV_BYTES);
    const ciphertext = attempt({ operation: 'C_Encrypt', mechanism: AES_GCM.name }, () => {
      module.C_EncryptInit(handle, this.#gcm(iv, additionalData), key);
      return module.C_Encrypt(handle, asBuffer(plain), Buffer.alloc(plain.length + GCM_TAG_BYTES));
    });
    return { iv: new Uint8Array(iv), ciphertext: new Uint8Array(ciphertext) };
  }

  decrypt(label: string, { iv, ciphertext }: Encrypted, additionalData: Uint8Array): Uint8Array {
    this.#refuseUnless('decrypt');
    const { module, handle } = this.#session;
    const key = this.#find(SECRET_KEYS, label);
    if (iv.length !== GCM_IV_BYTES || ciphertext.length < GCM_TAG_BYTES) {
      throw new Refusal('CIPHERTEXT_UNOPENED', { label });
    }
    // Some modules want room for the tag as well.
    const room = guarded(ciphertext.length);
    try {
      attempt({ operation: 'C_DecryptInit', mechanism: AES_GCM.name }, () => {
        module.C_DecryptInit(handle, this.#gcm(iv, additionalData), key);
      });
      const plain = attempt({ operation: 'C_Decrypt', mechanism: AES_GCM.name }, () => {
        try {
          return module.C_Decrypt(handle, asBuffer(ciphertext), asBuffer(room));
        } catch (error) {
          const ckr = ckrOf(error);
          if (ckr !== null && UNOPENED.has(ckr)) throw new Refusal('CIPHERTEXT_UNOPENED', { label });
          throw error;
        }
      });
      return guardedCopy(plain);
    } finally {
      wipe(room);
    }
  }

  wrap(masterKeyLabel: string, label: string): { mechanism: 'RFC5649'; blob: Uint8Array } {
    const { module, handle } = this.#session;
    this.#refuseUnless('import master key');
    return this.#again(() => {
      const masterKey = this.#know(SECRET_KEYS, masterKeyLabel).object;
      const { object, algorithm } = this.#know(null, label);
      if (algorithm !== 'other') this.#refuseUnless(`back up ${algorithm}`);
      if (this.#behaviour.keepsToTrusted === 'emulated') {
        // What the token itself ought to say, read anew each time.
        const refuse = (ckr: string) => new Refusal('TOKEN_FAILED', { operation: 'C_WrapKey', ckr });
        if (!readKey(this.#session, object).attributes.extractable) throw refuse('CKR_KEY_UNEXTRACTABLE');
        if (!readKey(this.#session, masterKey).attributes.trusted) throw refuse('CKR_KEY_NOT_WRAPPABLE');
      }
      const { mechanism, name } = this.#keyWrap();
      const blob = attempt({ operation: 'C_WrapKey', mechanism: name }, () =>
        module.C_WrapKey(handle, { mechanism }, masterKey, object, this.#output),
      );
      return { mechanism: 'RFC5649', blob: new Uint8Array(blob) };
    });
  }

  unwrap(
    masterKeyLabel: string,
    blob: Uint8Array,
    spec: { label: string; algorithm: KeyAlgorithm | 'AES-256' },
  ): KeyRecord {
    const { label, algorithm } = spec;
    this.#refuseUnless(`back up ${algorithm}`);
    const { module, handle } = this.#session;
    const masterKey = this.#find(SECRET_KEYS, masterKeyLabel);
    this.#refuseTaken(label);
    // RFC 5649 section 4.1: two or more blocks of 8 bytes. Modules differ in what they say to anything else.
    if (blob.length < 16 || blob.length % 8 !== 0) throw new Refusal('BACKUP_UNOPENED', { label });
    if (algorithm === 'AES-256' && blob.length !== WRAPPED_AES_256_BYTES)
      throw new Refusal('BACKUP_UNOPENED', { label });
    const id = randomBytes(16);
    const template = this.#known(
      algorithm === 'AES-256' ? unwrappedDataKeyTemplate(label, id) : unwrappedKeyTemplate(label, id, algorithm),
    );
    const { mechanism, name } = this.#keyWrap();
    const key = attempt({ operation: 'C_UnwrapKey', mechanism: name }, () => {
      try {
        return module.C_UnwrapKey(handle, { mechanism }, masterKey, asBuffer(blob), template);
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
    const expected = READ_BACK[algorithm === 'AES-256' ? 'unwrapped kek' : 'unwrapped'];
    return this.#readBack(key, { label, id, algorithm, expected });
  }

  readData(label: string): Uint8Array | null {
    this.#refuseUnless('keep data');
    return readDataObject(this.#session, label);
  }

  writeData(label: string, bytes: Uint8Array): void {
    this.#refuseUnless('keep data');
    const keys = [PRIVATE_KEYS, SECRET_KEYS].flatMap((template) =>
      findObjects(this.#session, [...template, { type: pkcs11.CKA_LABEL, value: label }]),
    );
    if (keys.length > 0) throw new Refusal('KEY_EXISTS', { label });
    writeDataObject(this.#session, label, bytes);
  }

  destroy(label: string): void {
    this.#remembered.clear();
    const labelled = { type: pkcs11.CKA_LABEL, value: label };
    const key = this.#find(null, label);
    const id = readAttribute(this.#session, key, pkcs11.CKA_ID) ?? Buffer.alloc(0);
    const halves = findObjects(this.#session, [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PUBLIC_KEY },
      { type: pkcs11.CKA_ID, value: id },
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

  /** Null is typed at the token's pad. */
  #enter(user: number, pin: Uint8Array | null): void {
    const name = user === pkcs11.CKU_SO ? 'security officer PIN' : 'PIN';
    // An empty one would be taken for none.
    if (pin?.length === 0) throw new Refusal('PIN_WRONG', { pin: name });
    attempt({ operation: 'C_Login', pin: name }, () => {
      login(this.#path, this.#session.handle, user, pin);
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

  /** A session that the token has dropped, because it was pulled or reset, is opened again, in the slot it is in now. */
  #renewSession(): void {
    const { module, handle } = this.#session;
    try {
      module.C_GetSessionInfo(handle);
    } catch (error) {
      if (ckrOf(error) === null) throw error;
      this.#loggedIn = false;
      this.#slot = findSlot(module, this.#label);
      this.#session.handle = openSession(module, this.#slot);
    }
  }

  #forgetPins(): void {
    wipe(this.#pins?.user, this.#pins?.securityOfficer);
    this.#pins = null;
  }

  /** Finds a key and reads what it is, or remembers it. KEY_MISSING, KEY_AMBIGUOUS. */
  #know(template: Template | null, label: string): KnownKey {
    const name = `${template === null ? 'any' : template === PRIVATE_KEYS ? 'private' : 'secret'} ${label}`;
    const known = this.#remembered.get(name);
    if (known) return known;
    const object = this.#find(template, label);
    const found = { object, algorithm: readKey(this.#session, object).algorithm };
    this.#remembered.set(name, found);
    return found;
  }

  /** Work with known keys; if one of them is gone meanwhile, once more with what is found now. */
  #again<T>(work: () => T): T {
    const remembers = this.#remembered.size > 0;
    try {
      return work();
    } catch (error) {
      const stale = error instanceof Refusal && STALE.has(String(error.params['ckr']));
      if (!remembers || !stale) throw error;
      this.#remembered.clear();
      return work();
    }
  }

  /** A private or secret key; null for either. */
  #find(template: Template | null, label: string): Handle {
    const [object, another] = (template ? [template] : [PRIVATE_KEYS, SECRET_KEYS]).flatMap((wanted) =>
      findObjects(this.#session, [...wanted, { type: pkcs11.CKA_LABEL, value: label }]),
    );
    if (!object) throw new Refusal('KEY_MISSING', { label });
    if (another) throw new Refusal('KEY_AMBIGUOUS', { label });
    return object;
  }

  #refuseTaken(label: string): void {
    this.#remembered.clear();
    if (findObjects(this.#session, [{ type: pkcs11.CKA_LABEL, value: label }]).length > 0) {
      throw new Refusal('KEY_EXISTS', { label });
    }
  }

  /** MECHANISM_MISSING, before the token is touched. */
  #refuseUnless(operation: Operation): void {
    const capability = this.capabilities()[operation];
    if (capability.is === 'refused') throw new Refusal('MECHANISM_MISSING', { mechanism: capability.lacks });
  }

  #gcm(iv: Uint8Array, additionalData: Uint8Array): Mechanism {
    const hasIvBits = this.#behaviour.gcmParameters === 'with ivBits';
    const parameter: AesGCM = {
      type: hasIvBits ? pkcs11.CK_PARAMS_AES_GCM : pkcs11.CK_PARAMS_AES_GCM_v240,
      iv: asBuffer(iv),
      aad: asBuffer(additionalData),
      ivBits: GCM_IV_BYTES * 8,
      tagBits: GCM_TAG_BYTES * 8,
    };
    return { mechanism: AES_GCM.mechanism, parameter };
  }

  #keyWrap(): { name: string; mechanism: number } {
    const mechanism = keyWrap(this.#mechanisms);
    if (!mechanism) throw new Refusal('MECHANISM_MISSING', { mechanism: 'CKM_AES_KEY_WRAP_KWP' });
    return mechanism;
  }

  /** A template without what the module does not know. */
  #known(template: Template): Template {
    return template.filter(({ type }) => !this.#behaviour.leavesOut.includes(type));
  }

  #destroyObject(object: Handle): void {
    const { module, handle } = this.#session;
    attempt({ operation: 'C_DestroyObject' }, () => {
      module.C_DestroyObject(handle, object);
    });
  }

  /**
   * What the token says it holds now. A key that is not what was asked for is destroyed again: TOKEN_LIED. One with
   * another id is another key: tpm2-pkcs11 1.9 gives a handle that is in use to a new key, once one was destroyed.
   */
  #readBack(
    object: Handle,
    asked: { label: string; id: Buffer; algorithm: KeyRecord['algorithm']; expected: Partial<KeyAttributes> },
    publicHalf: Handle | null = null,
  ): KeyRecord {
    const { label, id, algorithm, expected } = asked;
    const heldId = readAttribute(this.#session, object, pkcs11.CKA_ID)?.toString('hex') ?? 'none';
    if (heldId !== id.toString('hex')) {
      throw new Refusal('TOKEN_LIED', { label, attribute: 'id', actual: heldId, expected: id.toString('hex') });
    }
    try {
      const held = readKey(this.#session, object);
      checkReadBack(label, told(expected, this.#behaviour), held.attributes);
      if (held.label !== label) {
        throw new Refusal('TOKEN_LIED', { label, attribute: 'label', actual: held.label, expected: label });
      }
      if (held.algorithm !== algorithm) {
        throw new Refusal('TOKEN_LIED', { label, attribute: 'algorithm', actual: held.algorithm, expected: algorithm });
      }
      return held;
    } catch (error) {
      for (const made of publicHalf ? [object, publicHalf] : [object]) this.#destroyObject(made);
      throw error;
    }
  }
}

/** What can be read back from a module that tells it. */
function told(expected: Partial<KeyAttributes>, { notReadBack }: Behaviour): Partial<KeyAttributes> {
  const names = Object.entries(expected).filter(([name]) => !notReadBack.includes(name as keyof KeyAttributes));
  return Object.fromEntries(names);
}

function openSession(module: Session['module'], slot: Handle): Handle {
  const flags = pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION;
  return attempt({ operation: 'C_OpenSession' }, () => module.C_OpenSession(slot, flags));
}

/** The same memory as a Buffer, which is what pkcs11js takes. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
