import pkcs11, { type Handle, type PKCS11, type TokenInfo as ModuleTokenInfo } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import { guardedCopy, wipe } from '../../process/guarded.ts';
import type { PinState } from '../token.ts';
import { attempt, ckrOf } from './ckr.ts';
import { login } from './login.ts';
import { findSlot, loadModule, unloadModule } from './module.ts';

/** One session of one token, and who is logged in. */
export class TokenSession {
  readonly path: string;
  readonly module: PKCS11;
  handle: Handle;
  slot: Handle;
  readonly #label: string;
  /** Kept from login to close where the import of the master key must change roles. Null: typed at the token's pad. */
  #pins: { user: Uint8Array | null; securityOfficer: Uint8Array | null } | null = null;
  #loggedIn = false;

  /** MODULE_MISSING, MODULE_UNUSABLE, TOKEN_MISSING, TOKEN_AMBIGUOUS. */
  constructor(path: string, label: string, parameters?: string) {
    this.path = path;
    this.#label = label;
    this.module = loadModule(path, parameters);
    try {
      this.slot = findSlot(this.module, label);
      this.handle = openSession(this.module, this.slot);
    } catch (error) {
      unloadModule(this.module);
      throw error;
    }
  }

  /** What the token says of itself now. */
  tokenInfo(): ModuleTokenInfo {
    return attempt({ operation: 'C_GetTokenInfo' }, () => this.module.C_GetTokenInfo(this.slot));
  }

  /** As `Token.login` says. */
  login(pin: Uint8Array | null, securityOfficerPin: Uint8Array | null): void {
    this.#renew();
    const hasPad = hasPinPad(this.tokenInfo());
    if (pin === null && !hasPad) {
      throw new Refusal('PIN_SOURCE', { pin: 'PIN', source: 'the token: it has no PIN pad' });
    }
    this.#logout();
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

  /** PIN_SOURCE if the login named no security officer. */
  needSecurityOfficer(): void {
    if (!this.#pins) throw new Refusal('PIN_SOURCE', { pin: 'officer', source: 'the token file' });
  }

  /** Does `work` as the security officer, and is the user again after it, whatever happens. PIN_SOURCE. */
  asSecurityOfficer<T>(work: () => T): T {
    this.needSecurityOfficer();
    const pins = this.#pins;
    this.#logout();
    try {
      this.#enter(pkcs11.CKU_SO, pins?.securityOfficer ?? null);
      return work();
    } finally {
      this.#logout();
      this.#enter(pkcs11.CKU_USER, pins?.user ?? null);
    }
  }

  destroyObject(object: Handle): void {
    attempt({ operation: 'C_DestroyObject' }, () => {
      this.module.C_DestroyObject(this.handle, object);
    });
  }

  close(): void {
    this.#forgetPins();
    unloadModule(this.module);
  }

  /** Null is typed at the token's pad. */
  #enter(user: number, pin: Uint8Array | null): void {
    const name = user === pkcs11.CKU_SO ? 'officer' : 'PIN';
    // An empty one would be taken for none.
    if (pin?.length === 0) throw new Refusal('PIN_WRONG', { pin: name });
    attempt({ operation: 'C_Login', pin: name }, () => {
      login(this.path, this.handle, user, pin);
    });
    this.#loggedIn = true;
  }

  #logout(): void {
    if (!this.#loggedIn) return;
    attempt({ operation: 'C_Logout' }, () => {
      this.module.C_Logout(this.handle);
    });
    this.#loggedIn = false;
  }

  /** A session that the token has dropped, because it was pulled or reset, is opened again, in the slot it is in now. */
  #renew(): void {
    try {
      this.module.C_GetSessionInfo(this.handle);
    } catch (error) {
      if (ckrOf(error) === null) throw error;
      this.#loggedIn = false;
      this.slot = findSlot(this.module, this.#label);
      this.handle = openSession(this.module, this.slot);
    }
  }

  #forgetPins(): void {
    wipe(this.#pins?.user, this.#pins?.securityOfficer);
    this.#pins = null;
  }
}

export function hasPinPad({ flags }: ModuleTokenInfo): boolean {
  return (flags & pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH) !== 0;
}

/** The tries that are left, of the user and of the security officer. */
export function pinStates({ flags }: ModuleTokenInfo): { user: PinState; securityOfficer: PinState } {
  const state = (low: number, finalTry: number, locked: number): PinState => {
    if (flags & locked) return 'locked';
    if (flags & finalTry) return 'final-try';
    return flags & low ? 'low' : 'fine';
  };
  return {
    user: state(pkcs11.CKF_USER_PIN_COUNT_LOW, pkcs11.CKF_USER_PIN_FINAL_TRY, pkcs11.CKF_USER_PIN_LOCKED),
    securityOfficer: state(pkcs11.CKF_SO_PIN_COUNT_LOW, pkcs11.CKF_SO_PIN_FINAL_TRY, pkcs11.CKF_SO_PIN_LOCKED),
  };
}

function openSession(module: PKCS11, slot: Handle): Handle {
  const flags = pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION;
  return attempt({ operation: 'C_OpenSession' }, () => module.C_OpenSession(slot, flags));
}
