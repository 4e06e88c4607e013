import pkcs11, { type Handle, type Template } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import { attempt } from './ckr.ts';
import { type Session, findObjects, readAttribute } from './objects.ts';

/**
 * Data that a token keeps under a label (CKO_DATA, PKCS#11 v2.40 base 4.5). A new value is made beside the old one,
 * which is then destroyed: not every module changes one in place, and so a value is there at every moment. The
 * application's name carries a number that grows: what is newest, if that was interrupted.
 */

type Stored = { object: Handle; number: number };

const APPLICATION = /^claviger (\d{1,15})$/;

const labelled = (label: string): Template => [
  { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_DATA },
  { type: pkcs11.CKA_LABEL, value: label },
];

/** Ours of this label, the newest first. Another application's is left alone. */
function stored(session: Session, label: string): Stored[] {
  return findObjects(session, labelled(label))
    .flatMap((object) => {
      const application = readAttribute(session, object, pkcs11.CKA_APPLICATION)?.toString('utf8') ?? '';
      const number = APPLICATION.exec(application)?.[1];
      return number === undefined ? [] : [{ object, number: Number(number) }];
    })
    .sort((one, other) => other.number - one.number);
}

/** Null if there is none. */
export function readDataObject(session: Session, label: string): Uint8Array | null {
  const [newest] = stored(session, label);
  return newest ? new Uint8Array(readAttribute(session, newest.object, pkcs11.CKA_VALUE) ?? []) : null;
}

/** In place of what was there. TOKEN_LIED if it reads back otherwise; then the old value is still there. */
export function writeDataObject(session: Session, label: string, bytes: Uint8Array): void {
  const { module, handle } = session;
  const before = stored(session, label);
  const destroy = (object: Handle) => {
    attempt({ operation: 'C_DestroyObject' }, () => {
      module.C_DestroyObject(handle, object);
    });
  };
  const made = attempt({ operation: 'C_CreateObject', mechanism: 'CKO_DATA' }, () =>
    module.C_CreateObject(handle, [
      ...labelled(label),
      { type: pkcs11.CKA_TOKEN, value: true },
      // No secret, but without a login nobody changes it: a public object anybody may destroy (PKCS#11 v2.40 5.6).
      { type: pkcs11.CKA_PRIVATE, value: true },
      { type: pkcs11.CKA_APPLICATION, value: `claviger ${(before[0]?.number ?? 0) + 1}` },
      { type: pkcs11.CKA_VALUE, value: Buffer.from(bytes) },
    ]),
  );
  // As it will be looked for, not by its handle: a YubiHSM 2 gives every data object one application's name.
  const held = readDataObject(session, label);
  if (held === null || !Buffer.from(held).equals(bytes)) {
    destroy(made);
    throw new Refusal('TOKEN_LIED', { label, attribute: 'value', actual: 'another', expected: 'what was written' });
  }
  for (const { object } of before) destroy(object);
}
