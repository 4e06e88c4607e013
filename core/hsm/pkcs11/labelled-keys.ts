import { randomBytes } from 'node:crypto';
import pkcs11, { type Handle, type Template } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import type { KeyRecord } from '../token.ts';
import { type Session, findObjects, readKey } from './objects.ts';

/** Which keys are looked for. */
export type KeyClass = 'private' | 'secret' | 'any';

export type KnownKey = { object: Handle; algorithm: KeyRecord['algorithm'] };

const PRIVATE_KEYS: Template = [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY }];
const SECRET_KEYS: Template = [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY }];
const CLASSES: Record<KeyClass, Template[]> = {
  private: [PRIVATE_KEYS],
  secret: [SECRET_KEYS],
  any: [PRIVATE_KEYS, SECRET_KEYS],
};

/** What modules answer to the handle of an object that another process has destroyed meanwhile. */
const STALE = new Set(['CKR_KEY_HANDLE_INVALID', 'CKR_OBJECT_HANDLE_INVALID', 'CKR_WRAPPING_KEY_HANDLE_INVALID']);

/** The keys of a token by their labels. */
export class LabelledKeys {
  readonly #session: Session;
  /**
   * Keys that were found by label, to be used many times over: finding and reading one costs as much as
   * a signature. Forgotten by every other operation, so that no handle outlives what could give its number away.
   */
  readonly #remembered = new Map<string, KnownKey>();

  constructor(session: Session) {
    this.#session = session;
  }

  forget(): void {
    this.#remembered.clear();
  }

  all(): Handle[] {
    this.forget();
    return CLASSES.any.flatMap((template) => findObjects(this.#session, template));
  }

  /** KEY_MISSING, KEY_AMBIGUOUS. */
  find(keyClass: KeyClass, label: string): Handle {
    const [object, another] = this.#search(keyClass, label);
    if (!object) throw new Refusal('KEY_MISSING', { label });
    if (another) throw new Refusal('KEY_AMBIGUOUS', { label });
    return object;
  }

  /** Finds a key and reads what it is, or remembers it. KEY_MISSING, KEY_AMBIGUOUS. */
  know(keyClass: KeyClass, label: string): KnownKey {
    const name = `${keyClass} ${label}`;
    const known = this.#remembered.get(name);
    if (known) return known;
    const object = this.find(keyClass, label);
    const found = { object, algorithm: readKey(this.#session, object).algorithm };
    this.#remembered.set(name, found);
    return found;
  }

  /** Work with known keys; if one of them is gone meanwhile, once more with what is found now. */
  again<T>(work: () => T): T {
    const remembers = this.#remembered.size > 0;
    try {
      return work();
    } catch (error) {
      const stale = error instanceof Refusal && STALE.has(String(error.params['ckr']));
      if (!remembers || !stale) throw error;
      this.forget();
      return work();
    }
  }

  /** KEY_EXISTS if anything has this label, a public key or data among them. */
  refuseTaken(label: string): void {
    this.forget();
    if (findObjects(this.#session, [{ type: pkcs11.CKA_LABEL, value: label }]).length > 0) {
      throw new Refusal('KEY_EXISTS', { label });
    }
  }

  /** A CKA_ID that no object has. A short one is an object's number, of which all zeros and all ones stand for none. */
  freshId(length: number): Buffer {
    for (;;) {
      const id = randomBytes(length);
      const isNumber = !id.every((byte) => byte === 0) && !id.every((byte) => byte === 0xff);
      if (isNumber && findObjects(this.#session, [{ type: pkcs11.CKA_ID, value: id }]).length === 0) return id;
    }
  }

  /** KEY_EXISTS if a key has it. */
  refuseKey(label: string): void {
    if (this.#search('any', label).length > 0) throw new Refusal('KEY_EXISTS', { label });
  }

  #search(keyClass: KeyClass, label: string): Handle[] {
    const labelled = { type: pkcs11.CKA_LABEL, value: label };
    return CLASSES[keyClass].flatMap((wanted) => findObjects(this.#session, [...wanted, labelled]));
  }
}
