import { timingSafeEqual } from 'node:crypto';
import pkcs11, { type Handle, type PKCS11 } from 'pkcs11js';
import type { ProbedSlot, ProbedToken, TokenPosition } from '../../contract/token.ts';
import { Refusal } from '../../contract/errors.ts';
import { probeLoaded, slotNumber } from '../probe/probe.ts';
import { attempt } from './ckr.ts';
import { loadModule, unloadModule } from './module.ts';
import { contentsOf } from './objects.ts';

/** Padded with blanks (PKCS#11 v2.40, 5.5 C_InitToken). */
const LABEL_BYTES = 32;

export type Birth = {
  module: string;
  parameters?: string | undefined;
  at: TokenPosition;
  /** At most 32 bytes. */
  label: string;
  securityOfficerPin: Uint8Array;
  pin: Uint8Array;
  wipe: boolean;
  /** Who else agrees to a last try, by name. */
  lastTryWith?: string | undefined;
};

/**
 * C_InitToken as the security officer, C_InitPIN for the user, and a login as that user, who must find nothing. On a
 * token that was initialised before, the security officer's PIN must be the one it has, and a wrong one counts as a try
 * (PKCS#11 v2.40 base, 5.5 C_InitToken). The caller wipes both PINs. INPUT_INVALID, SLOT_MISSING, TOKEN_AMBIGUOUS,
 * TOKEN_INITIALISED, PIN_REPEATED, PIN_LAST_TRY, PIN_WRONG, TOKEN_FAILED, TOKEN_LIED (something is left).
 */
export function initialiseToken(birth: Birth): {
  token: ProbedToken;
  visibleBefore: string[];
  objectsAfter: string[];
} {
  const { label, securityOfficerPin, pin, wipe } = birth;
  if (securityOfficerPin.length === pin.length && timingSafeEqual(securityOfficerPin, pin)) {
    throw new Refusal('PIN_REPEATED');
  }
  const blanks = LABEL_BYTES - Buffer.byteLength(label);
  if (blanks < 0) throw new Refusal('INPUT_INVALID', { detail: `a token's label has at most ${LABEL_BYTES} bytes` });
  // pkcs11js would pad with zeros, and the label would then be another one.
  const padded = label + ' '.repeat(blanks);
  const module = loadModule(birth.module, birth.parameters);
  try {
    const probed = probeLoaded(module, birth.module).slots;
    const before = slotAt(probed, birth.at);
    // Without a user PIN it was never used: an initialisation that was interrupted begins again.
    if (before.token?.flags.includes('USER_PIN_INITIALIZED') && !wipe) {
      throw new Refusal('TOKEN_INITIALISED', { label: before.token.label, serial: before.token.serial });
    }
    const others = probed.filter(({ slot, token }) => slot !== before.slot && token?.label === label);
    // A ceremony finds its token by label: a second one of the same would be found by neither.
    if (others.length > 0) throw new Refusal('TOKEN_AMBIGUOUS', { label });
    if (birth.lastTryWith === undefined && before.token?.pin.securityOfficer === 'one try left') {
      throw new Refusal('PIN_LAST_TRY', { pin: 'officer' });
    }
    const slot = handleOf(module, before.slot);
    attempt({ operation: 'C_InitToken', pin: 'officer' }, () =>
      module.C_InitToken(slot, textOf(securityOfficerPin), padded),
    );
    setUserPin(module, slot, securityOfficerPin, pin);
    const objectsAfter = seenByUser(module, slot, pin);
    if (objectsAfter.length > 0) {
      const actual = objectsAfter.join(', ');
      throw new Refusal('TOKEN_LIED', { label, attribute: 'contents', actual, expected: 'nothing' });
    }
    // Modules may number the slots anew now: the token is known by its label.
    const after = probeLoaded(module, birth.module).slots.find(({ token }) => token?.label === label)?.token;
    if (!after?.flags.includes('USER_PIN_INITIALIZED')) {
      throw new Refusal('TOKEN_LIED', { label, attribute: 'user PIN', actual: 'not set', expected: 'set' });
    }
    return { token: after, visibleBefore: before.visible, objectsAfter };
  } finally {
    unloadModule(module);
  }
}

function slotAt(slots: ProbedSlot[], at: TokenPosition): ProbedSlot {
  const withToken = slots.filter(({ token }) => token !== null);
  const found =
    'slot' in at
      ? withToken.filter(({ slot }) => slot === at.slot)
      : withToken.filter(({ token }) => token?.serial === at.serial);
  const [slot, another] = found;
  if (!slot) throw new Refusal('SLOT_MISSING', { position: 'slot' in at ? `slot ${at.slot}` : `serial ${at.serial}` });
  if (another) throw new Refusal('TOKEN_AMBIGUOUS', { label: slot.token?.label ?? '' });
  return slot;
}

function handleOf(module: PKCS11, number: string): Handle {
  const slots = attempt({ operation: 'C_GetSlotList' }, () => module.C_GetSlotList(true));
  const handle = slots.find((slot) => slotNumber(slot) === number);
  if (!handle) throw new Refusal('SLOT_MISSING', { position: `slot ${number}` });
  return handle;
}

function setUserPin(module: PKCS11, slot: Handle, securityOfficerPin: Uint8Array, pin: Uint8Array): void {
  inSession(module, slot, pkcs11.CKU_SO, securityOfficerPin, (session) => {
    attempt({ operation: 'C_InitPIN', pin: 'PIN' }, () => {
      module.C_InitPIN(session, textOf(pin));
    });
  });
}

function seenByUser(module: PKCS11, slot: Handle, pin: Uint8Array): string[] {
  return inSession(module, slot, pkcs11.CKU_USER, pin, (handle) => contentsOf({ module, handle }));
}

function inSession<T>(module: PKCS11, slot: Handle, user: number, pin: Uint8Array, work: (session: Handle) => T): T {
  const flags = pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION;
  const session = attempt({ operation: 'C_OpenSession' }, () => module.C_OpenSession(slot, flags));
  try {
    const name = user === pkcs11.CKU_SO ? 'officer' : 'PIN';
    attempt({ operation: 'C_Login', pin: name }, () => {
      module.C_Login(session, user, textOf(pin));
    });
    return work(session);
  } finally {
    // Ends the login with it.
    attempt({ operation: 'C_CloseSession' }, () => {
      module.C_CloseSession(session);
    });
  }
}

/** pkcs11js takes PINs as strings only. */
function textOf(pin: Uint8Array): string {
  return Buffer.from(pin.buffer, pin.byteOffset, pin.byteLength).toString('utf8');
}
