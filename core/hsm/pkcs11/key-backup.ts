import { randomBytes } from 'node:crypto';
import type { Handle } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import type { BackupSpec, ComesBackAs, Wrapped } from '../token.ts';
import type { Behaviour } from './behaviour.ts';
import { asBuffer } from './bytes.ts';
import { UNOPENED, attempt, ckrOf } from './ckr.ts';
import type { KeyWrap } from './mechanisms.ts';
import { type Session, readKey } from './objects.ts';
import { known, unwrappedDataKeyTemplate, unwrappedKeyTemplate } from './templates.ts';

/** Wrapping a key under the master key, and taking it back (C_WrapKey, C_UnwrapKey). */

/** RFC 5649 section 4.1: 32 bytes and the initial value. RFC 3394 section 2.2.1: the same length, the other value. */
const WRAPPED_AES_256_BYTES = 40;

/** `output`: where the module writes; it is copied out. */
export function wrapKey(
  { module, handle }: Session,
  { mechanism, name, makes }: KeyWrap,
  masterKey: Handle,
  key: Handle,
  output: Buffer,
): Wrapped {
  const blob = attempt({ operation: 'C_WrapKey', mechanism: name }, () =>
    module.C_WrapKey(handle, { mechanism }, masterKey, key, output),
  );
  // Into Node's pool: an allocation of its own for each would be felt.
  return { mechanism: makes, blob: Buffer.from(blob) };
}

/**
 * What the token itself ought to say, and here is asked before each wrap. Where no key is marked as trusted, it is one that
 * was brought in, does nothing but wrap, and never leaves. TOKEN_FAILED.
 */
export function refuseUntrusted(session: Session, { trusts }: Behaviour, masterKey: Handle, key: Handle): void {
  const refuse = (ckr: string) => new Refusal('TOKEN_FAILED', { operation: 'C_WrapKey', ckr });
  if (!readKey(session, key).attributes.extractable) throw refuse('CKR_KEY_UNEXTRACTABLE');
  const { trusted, wrap, encrypt, decrypt, extractable, local } = readKey(session, masterKey).attributes;
  const isTrusted = trusts === 'by key type' ? wrap && !encrypt && !decrypt && !extractable && !local : trusted;
  if (!isTrusted) throw refuse('CKR_KEY_NOT_WRAPPABLE');
}

/** A new key from a blob of RFC 5649 or RFC 3394, and its id. BACKUP_UNOPENED. */
export function unwrapKey(
  session: Session,
  { mechanism, name }: KeyWrap,
  behaviour: Behaviour,
  masterKey: Handle,
  blob: Uint8Array,
  { label, algorithm }: BackupSpec,
  as: ComesBackAs,
): { key: Handle; id: Buffer } {
  const { module, handle } = session;
  const unopened = () => new Refusal('BACKUP_UNOPENED', { label });
  // Both RFCs: two or more blocks of 8 bytes. Modules differ in what they say to anything else.
  if (blob.length < 16 || blob.length % 8 !== 0) throw unopened();
  if (algorithm === 'AES-256' && blob.length !== WRAPPED_AES_256_BYTES) throw unopened();
  const id = randomBytes(16);
  const template =
    algorithm === 'AES-256' ? unwrappedDataKeyTemplate(label, id, as) : unwrappedKeyTemplate(label, id, algorithm, as);
  const key = attempt({ operation: 'C_UnwrapKey', mechanism: name }, () => {
    try {
      return module.C_UnwrapKey(handle, { mechanism }, masterKey, asBuffer(blob), known(template, behaviour));
    } catch (error) {
      const ckr = ckrOf(error);
      if (ckr !== null && UNOPENED.has(ckr)) throw unopened();
      throw error;
    }
  });
  return { key, id };
}
