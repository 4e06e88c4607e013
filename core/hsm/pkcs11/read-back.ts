import pkcs11, { type Handle } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import { checkReadBack } from '../read-back.ts';
import type { KeyAttributes, KeyRecord } from '../token.ts';
import type { Behaviour } from './behaviour.ts';
import { readAttribute, readKey } from './objects.ts';
import type { TokenSession } from './token-session.ts';

/** What a key was to be. `id`: CKA_ID, drawn for it. */
export type Asked = {
  label: string;
  id: Buffer;
  algorithm: KeyRecord['algorithm'];
  expected: Partial<KeyAttributes>;
};

/**
 * What the token says it holds now. A key that is not what was asked for is destroyed again: TOKEN_LIED. One with
 * another id is another key: tpm2-pkcs11 1.9 gives a handle that is in use to a new key, once one was destroyed.
 */
export function readBack(
  session: TokenSession,
  behaviour: Behaviour,
  object: Handle,
  { label, id, algorithm, expected }: Asked,
  publicHalf: Handle | null,
): KeyRecord {
  const lied = (attribute: string, actual: string, asked: string) =>
    new Refusal('TOKEN_LIED', { label, attribute, actual, expected: asked });
  const heldId = readAttribute(session, object, pkcs11.CKA_ID)?.toString('hex') ?? 'none';
  if (heldId !== id.toString('hex')) throw lied('id', heldId, id.toString('hex'));
  try {
    const held = readKey(session, object);
    if (held.algorithm !== algorithm) throw lied('algorithm', held.algorithm, algorithm);
    checkReadBack(label, told(expected, behaviour), held.attributes);
    if (held.label !== label) throw lied('label', held.label, label);
    return held;
  } catch (error) {
    for (const made of publicHalf ? [object, publicHalf] : [object]) session.destroyObject(made);
    throw error;
  }
}

/** What can be read back from a module that tells it. */
export function told(expected: Partial<KeyAttributes>, { notReadBack }: Behaviour): Partial<KeyAttributes> {
  const names = Object.entries(expected).filter(([name]) => !notReadBack.includes(name as keyof KeyAttributes));
  return Object.fromEntries(names);
}
