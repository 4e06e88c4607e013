import pkcs11, { type Handle } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import {
  type BackupChallenge,
  type BackupSpec,
  type Capabilities,
  type ComesBackAs,
  type Encrypted,
  type ImportWay,
  type KeyAlgorithm,
  type KeyRecord,
  type KeySpec,
  OBJECT_WRAPS,
  type Operation,
  type SignatureHash,
  type Token,
  type TokenInfo,
  type Wrapped,
} from '../token.ts';
import { type Behaviour, behaviourOf } from './behaviour.ts';
import { asBuffer } from './bytes.ts';
import { attempt } from './ckr.ts';
import { decryptData, encryptData } from './data-encryption.ts';
import { readDataObject, writeDataObject } from './data-objects.ts';
import { refuseUntrusted, unwrapKey, wrapKey } from './key-backup.ts';
import { LabelledKeys } from './labelled-keys.ts';
import { bringIn } from './master-key-import.ts';
import { AES_GENERATE, type KeyWrap, Mechanisms, capabilitiesOf, generation, keyWraps, signing } from './mechanisms.ts';
import { PADDING } from './module.ts';
import { unwrapObject } from './object-backup.ts';
import { contentsOf, findObjects, readAttribute, readKey } from './objects.ts';
import { type Asked, readBack } from './read-back.ts';
import {
  MASTER_KEY_COPY,
  READ_BACK,
  dataKeyTemplate,
  known,
  masterKeyTemplate,
  privateKeyTemplate,
  publicKeyTemplate,
  readBackOf,
} from './templates.ts';
import { TokenSession, hasPinPad, pinStates } from './token-session.ts';
import { YUBIHSM_LABEL_BYTES } from './yubico.ts';

/** A token behind a PKCS#11 module, with one session. */
export class Pkcs11Token implements Token {
  readonly #session: TokenSession;
  readonly #behaviour: Behaviour;
  readonly #mechanisms: Mechanisms;
  readonly #capabilities: Capabilities;
  readonly #keys: LabelledKeys;
  /** Where the module writes signatures and wrapped keys; each is copied out before the next. */
  readonly #output = Buffer.alloc(8192);

  /**
   * Loads the module and finds the token by its label. `parameters`: for a module that wants some at C_Initialize.
   * MODULE_MISSING, MODULE_UNUSABLE, TOKEN_MISSING, TOKEN_AMBIGUOUS.
   */
  constructor(path: string, label: string, parameters?: string) {
    this.#session = new TokenSession(path, label, parameters);
    this.#keys = new LabelledKeys(this.#session);
    try {
      const info = this.#session.tokenInfo();
      this.#behaviour = behaviourOf(info);
      this.#mechanisms = new Mechanisms(this.#session.module, this.#session.slot);
      this.#capabilities = capabilitiesOf(this.#mechanisms, this.#behaviour, (info.flags & pkcs11.CKF_RNG) !== 0);
    } catch (error) {
      this.#session.close();
      throw error;
    }
  }

  info(): TokenInfo {
    const info = this.#session.tokenInfo();
    const text = (field: string) => field.replace(PADDING, '');
    const { user, securityOfficer } = pinStates(info);
    return {
      kind: 'pkcs11',
      label: text(info.label),
      manufacturer: text(info.manufacturerID),
      model: text(info.model),
      serial: text(info.serialNumber),
      firmware: `${info.firmwareVersion.major}.${info.firmwareVersion.minor}`,
      location: this.#session.path,
      initialised: (info.flags & pkcs11.CKF_TOKEN_INITIALIZED) !== 0,
      needsSecurityOfficer: this.#behaviour.trusts === 'security officer',
      pinState: user,
      securityOfficerPinState: securityOfficer,
      protectedAuthenticationPath: hasPinPad(info),
    };
  }

  capabilities(): Capabilities {
    return { ...this.#capabilities };
  }

  login(pin: Uint8Array | null, securityOfficerPin: Uint8Array | null): void {
    this.#keys.forget();
    this.#session.login(pin, securityOfficerPin);
  }

  inventory(): KeyRecord[] {
    return this.#keys.all().map((object) => readKey(this.#session, object));
  }

  contents(): string[] {
    return contentsOf(this.#session);
  }

  random(into: Uint8Array): void {
    const { module, handle } = this.#session;
    attempt({ operation: 'C_GenerateRandom' }, () => module.C_GenerateRandom(handle, asBuffer(into)));
  }

  read(label: string): KeyRecord {
    return readKey(this.#session, this.#keys.find('any', label));
  }

  generateKey(spec: KeySpec): KeyRecord {
    const { label, algorithm, purpose } = spec;
    this.#refuseUnless(`generate ${algorithm}`);
    if (purpose !== 'service') {
      this.#refuseUnless('keep CA keys to trusted wrapping');
      this.#refuseUnless(`back up ${algorithm}`);
    }
    this.#keys.refuseTaken(label);
    if (purpose !== 'service') this.#refuseLongLabel(label, keyWraps(this.#mechanisms, algorithm)[0]);
    const { module, handle } = this.#session;
    const id = this.#keys.freshId(this.#behaviour.idBytes);
    const { mechanism, name } = spec.purpose === 'kek' ? AES_GENERATE : generation(spec.algorithm);
    const made =
      spec.purpose === 'kek'
        ? attempt({ operation: 'C_GenerateKey', mechanism: name }, () =>
            module.C_GenerateKey(handle, { mechanism }, known(dataKeyTemplate(label, id), this.#behaviour)),
          )
        : attempt({ operation: 'C_GenerateKeyPair', mechanism: name }, () =>
            module.C_GenerateKeyPair(
              handle,
              { mechanism },
              known(publicKeyTemplate(label, id, spec.algorithm), this.#behaviour),
              known(privateKeyTemplate(label, id, spec.algorithm, spec.purpose), this.#behaviour),
            ),
          );
    const [key, half] = 'privateKey' in made ? [made.privateKey, made.publicKey] : [made, null];
    return this.#readBack(key, { label, id, algorithm, expected: READ_BACK[purpose] }, half);
  }

  importMasterKey(label: string, key: Uint8Array, only?: ImportWay): KeyRecord {
    if (key.length !== 32) throw new RangeError('a master key is 32 bytes');
    this.#refuseUnless('import master key');
    if (only === 'by transport key') this.#refuseUnless('import by transport key');
    const byUser = this.#behaviour.trusts !== 'security officer';
    if (!byUser) this.#session.needSecurityOfficer();
    this.#keys.refuseTaken(label);
    const id = this.#keys.freshId(this.#behaviour.idBytes);
    const keeper = byUser ? 'user' : 'security officer';
    const keyType = keyWraps(this.#mechanisms, 'AES-256')[0]?.masterKeyType ?? pkcs11.CKK_AES;
    const template = known(masterKeyTemplate(label, id, keyType, keeper), this.#behaviour);
    const held =
      keeper === 'user'
        ? bringIn(this.#session, template, key, keeper, only)
        : this.#copied(this.#session.asSecurityOfficer(() => bringIn(this.#session, template, key, keeper, only)));
    return this.#readBack(held, { label, id, algorithm: 'AES-256', expected: READ_BACK.master });
  }

  /** The user's own copy of the master key that the security officer made; the officer's is destroyed. */
  #copied(original: Handle): Handle {
    const { module, handle } = this.#session;
    try {
      return attempt({ operation: 'C_CopyObject' }, () => module.C_CopyObject(handle, original, MASTER_KEY_COPY));
    } finally {
      this.#session.destroyObject(original);
    }
  }

  sign(label: string, message: Uint8Array, hash: SignatureHash | null): Uint8Array {
    return this.#keys.again(() => {
      const { object, algorithm } = this.#keys.know('private', label);
      if (algorithm === 'other' || algorithm === 'AES-256') throw new Refusal('KEY_MISSING', { label });
      return this.#signWith(object, algorithm, message, hash);
    });
  }

  #signWith(key: Handle, algorithm: KeyAlgorithm, message: Uint8Array, hash: SignatureHash | null): Uint8Array {
    const { module, handle } = this.#session;
    const { mechanism, name, input, finish } = signing(this.#mechanisms, algorithm, asBuffer(message), hash);
    return attempt({ operation: 'C_Sign', mechanism: name }, () => {
      module.C_SignInit(handle, { mechanism }, key);
      return finish(module.C_Sign(handle, input, this.#output));
    });
  }

  encrypt(label: string, plain: Uint8Array, additionalData: Uint8Array): Encrypted {
    this.#refuseUnless('encrypt');
    return this.#keys.again(() => {
      const { object } = this.#keys.know('secret', label);
      return encryptData(this.#session, object, this.#behaviour.gcmParameters, plain, additionalData);
    });
  }

  decrypt(label: string, encrypted: Encrypted, additionalData: Uint8Array): Uint8Array {
    this.#refuseUnless('decrypt');
    return this.#keys.again(() => {
      const { object } = this.#keys.know('secret', label);
      return decryptData(this.#session, object, this.#behaviour.gcmParameters, encrypted, additionalData, label);
    });
  }

  wrap(masterKeyLabel: string, label: string): Wrapped {
    this.#refuseUnless('import master key');
    return this.#keys.again(() => {
      const masterKey = this.#keys.know('secret', masterKeyLabel).object;
      const { object, algorithm } = this.#keys.know('any', label);
      if (algorithm !== 'other') this.#refuseUnless(`back up ${algorithm}`);
      if (this.#behaviour.keepsToTrusted === 'emulated') {
        refuseUntrusted(this.#session, this.#behaviour, masterKey, object);
      }
      // What no ceremony makes is refused by the token.
      const [by] = keyWraps(this.#mechanisms, algorithm === 'other' ? 'AES-256' : algorithm);
      if (!by) throw new Refusal('MECHANISM_MISSING', { mechanism: 'CKM_AES_KEY_WRAP_KWP' });
      return wrapKey(this.#session, by, masterKey, object, this.#output);
    });
  }

  unwrap(masterKeyLabel: string, { mechanism, blob }: Wrapped, spec: BackupSpec): KeyRecord {
    const { label, algorithm } = spec;
    this.#refuseUnless(`back up ${algorithm}`);
    const by = keyWraps(this.#mechanisms, algorithm).find(({ makes }) => makes === mechanism);
    if (!by) throw new Refusal('MECHANISM_MISSING', { mechanism });
    const masterKey = this.#keys.find('secret', masterKeyLabel);
    this.#keys.refuseTaken(label);
    if (OBJECT_WRAPS.has(mechanism)) {
      return unwrapObject(this.#session, by, this.#behaviour, masterKey, blob, spec);
    }
    return this.#unwrapped(by, masterKey, blob, spec, spec.as ?? 'copy').held;
  }

  proveBackup(
    masterKeyLabel: string,
    { mechanism, blob }: Wrapped,
    spec: BackupSpec,
    challenge: BackupChallenge,
  ): Uint8Array {
    const { algorithm, label } = spec;
    this.#refuseUnless(`back up ${algorithm}`);
    const by = keyWraps(this.#mechanisms, algorithm).find(({ makes }) => makes === mechanism);
    if (!by || OBJECT_WRAPS.has(mechanism)) {
      throw new Refusal('MECHANISM_MISSING', { mechanism: `${mechanism} into an object of the session` });
    }
    const masterKey = this.#keys.find('secret', masterKeyLabel);
    const { key, held } = this.#unwrapped(by, masterKey, blob, spec, 'session');
    try {
      if (!('message' in challenge)) {
        const { encrypted, additionalData } = challenge;
        return decryptData(this.#session, key, this.#behaviour.gcmParameters, encrypted, additionalData, label);
      }
      if (algorithm === 'AES-256') throw new RangeError('a data key signs nothing');
      return this.#signWith(key, algorithm, challenge.message, challenge.hash);
    } finally {
      this.#session.destroyObject(key);
      if (findObjects(this.#session, [{ type: pkcs11.CKA_ID, value: Buffer.from(held.id, 'hex') }]).length > 0) {
        throw new Refusal('TOKEN_LIED', { label, attribute: 'presence', actual: 'present', expected: 'destroyed' });
      }
    }
  }

  #unwrapped(by: KeyWrap, masterKey: Handle, blob: Uint8Array, spec: BackupSpec, as: ComesBackAs) {
    const { label, algorithm } = spec;
    const { key, id } = unwrapKey(this.#session, by, this.#behaviour, masterKey, blob, spec, as);
    try {
      const held = this.#readBack(key, { label, id, algorithm, expected: readBackOf(algorithm, as) });
      return { key, held };
    } catch (error) {
      const isOther = error instanceof Refusal && error.params['attribute'] === 'algorithm';
      throw isOther ? new Refusal('BACKUP_UNOPENED', { label }) : error;
    }
  }

  readData(label: string): Uint8Array | null {
    this.#refuseUnless('keep data');
    return readDataObject(this.#session, label);
  }

  writeData(label: string, bytes: Uint8Array): void {
    this.#refuseUnless('keep data');
    this.#keys.refuseKey(label);
    writeDataObject(this.#session, label, bytes);
  }

  destroy(label: string): void {
    this.#keys.forget();
    const labelled = { type: pkcs11.CKA_LABEL, value: label };
    const key = this.#keys.find('any', label);
    const id = readAttribute(this.#session, key, pkcs11.CKA_ID) ?? Buffer.alloc(0);
    this.#session.destroyObject(key);
    // Looked for now: where the public half is no object of its own, it has gone with the key.
    const halves = findObjects(this.#session, [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PUBLIC_KEY },
      { type: pkcs11.CKA_ID, value: id },
      labelled,
    ]);
    for (const half of halves) this.#session.destroyObject(half);
    if (findObjects(this.#session, [labelled]).length > 0) {
      throw new Refusal('TOKEN_LIED', { label, attribute: 'presence', actual: 'present', expected: 'destroyed' });
    }
  }

  close(): void {
    this.#session.close();
  }

  /** MECHANISM_MISSING, before the token is touched. */
  #refuseUnless(operation: Operation): void {
    const capability = this.#capabilities[operation];
    if (capability.is === 'refused') throw new Refusal('MECHANISM_MISSING', { mechanism: capability.lacks });
  }

  /** INPUT_INVALID: a label that would not come back whole. */
  #refuseLongLabel(label: string, by: KeyWrap | undefined): void {
    if (!by || !OBJECT_WRAPS.has(by.makes) || Buffer.byteLength(label) <= YUBIHSM_LABEL_BYTES) return;
    throw new Refusal('INPUT_INVALID', {
      detail: `a label on this token has at most ${YUBIHSM_LABEL_BYTES} bytes: no more is wrapped with the key`,
    });
  }

  #readBack(object: Handle, asked: Asked, publicHalf: Handle | null = null): KeyRecord {
    return readBack(this.#session, this.#behaviour, object, asked, publicHalf);
  }
}
