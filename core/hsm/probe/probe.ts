import pkcs11, { type Handle, type PKCS11, type Version } from 'pkcs11js';
import type { PinState, Probe, ProbedMechanism, ProbedSlot, ProbedToken } from '../../contract/token.ts';
import { attempt, ckrOf } from '../pkcs11/ckr.ts';
import { loadModule, unloadModule } from '../pkcs11/module.ts';
import { deviceOf } from '../quirks/known-devices.ts';
import { mechanismName } from './mechanism-name.ts';
import { needsOf } from './needs.ts';
import { visibleObjects } from './visible-objects.ts';

const SLOT_FLAGS = ['TOKEN_PRESENT', 'REMOVABLE_DEVICE', 'HW_SLOT'] as const;
const TOKEN_FLAGS = [
  ...['RNG', 'WRITE_PROTECTED', 'LOGIN_REQUIRED', 'USER_PIN_INITIALIZED', 'CLOCK_ON_TOKEN'],
  ...['PROTECTED_AUTHENTICATION_PATH', 'TOKEN_INITIALIZED', 'ERROR_STATE'],
  ...['USER_PIN_COUNT_LOW', 'USER_PIN_FINAL_TRY', 'USER_PIN_LOCKED', 'USER_PIN_TO_BE_CHANGED'],
  ...['SO_PIN_COUNT_LOW', 'SO_PIN_FINAL_TRY', 'SO_PIN_LOCKED', 'SO_PIN_TO_BE_CHANGED'],
];
const MECHANISM_FLAGS = [
  ...['HW', 'ENCRYPT', 'DECRYPT', 'DIGEST', 'SIGN', 'VERIFY', 'GENERATE', 'GENERATE_KEY_PAIR'],
  ...['WRAP', 'UNWRAP', 'DERIVE'],
];

/** Looks at a module without a login. `parameters` goes to C_Initialize. MODULE_MISSING, MODULE_UNUSABLE, TOKEN_FAILED. */
export function probeModule(path: string, parameters?: string): Probe {
  const module = loadModule(path, parameters);
  try {
    return probeLoaded(module, path);
  } finally {
    unloadModule(module);
  }
}

/** The same of a module that is loaded. */
export function probeLoaded(module: PKCS11, path: string): Probe {
  const info = attempt({ operation: 'C_GetInfo' }, () => module.C_GetInfo());
  const slots = attempt({ operation: 'C_GetSlotList' }, () => module.C_GetSlotList(false));
  return {
    module: path,
    library: {
      description: text(info.libraryDescription),
      manufacturer: text(info.manufacturerID),
      version: version(info.libraryVersion),
      cryptoki: version(info.cryptokiVersion),
    },
    slots: slots.map((slot) => probeSlot(module, slot)),
  };
}

function probeSlot(module: PKCS11, handle: Handle): ProbedSlot {
  const info = attempt({ operation: 'C_GetSlotInfo' }, () => module.C_GetSlotInfo(handle));
  const flags = named(info.flags, SLOT_FLAGS);
  const token = flags.includes('TOKEN_PRESENT') ? probeToken(module, handle) : null;
  const mechanisms = token ? probeMechanisms(module, handle) : [];
  return {
    slot: slotNumber(handle),
    description: text(info.slotDescription),
    manufacturer: text(info.manufacturerID),
    hardware: version(info.hardwareVersion),
    firmware: version(info.firmwareVersion),
    flags,
    token,
    mechanisms,
    visible: token?.flags.includes('TOKEN_INITIALIZED') ? visibleObjects(module, handle) : [],
    needs: token ? needsOf(token, mechanisms) : [],
    knownAs: token ? (deviceOf(token)?.name ?? null) : null,
  };
}

function probeToken(module: PKCS11, slot: Handle): ProbedToken | null {
  const info = attempt({ operation: 'C_GetTokenInfo' }, () => {
    try {
      return module.C_GetTokenInfo(slot);
    } catch (error) {
      // A card of another kind, or one that was pulled between two calls: the other slots are still told.
      const ckr = ckrOf(error);
      if (ckr === pkcs11.CKR_TOKEN_NOT_RECOGNIZED || ckr === pkcs11.CKR_TOKEN_NOT_PRESENT) return null;
      throw error;
    }
  });
  if (!info) return null;
  const flags = named(info.flags, TOKEN_FLAGS);
  return {
    label: text(info.label),
    manufacturer: text(info.manufacturerID),
    model: text(info.model),
    serial: text(info.serialNumber),
    hardware: version(info.hardwareVersion),
    firmware: version(info.firmwareVersion),
    flags,
    pin: {
      minimumLength: info.minPinLen,
      maximumLength: info.maxPinLen,
      user: flags.includes('USER_PIN_INITIALIZED') ? pinState(flags, 'USER') : 'not set',
      securityOfficer: flags.includes('TOKEN_INITIALIZED') ? pinState(flags, 'SO') : 'not set',
    },
    sessions: {
      open: told(info.sessionCount),
      maximum: limit(info.maxSessionCount),
      openReadWrite: told(info.rwSessionCount),
      maximumReadWrite: limit(info.maxRwSessionCount),
    },
  };
}

function probeMechanisms(module: PKCS11, slot: Handle): ProbedMechanism[] {
  const listed = attempt({ operation: 'C_GetMechanismList' }, () => module.C_GetMechanismList(slot));
  return listed
    .map((mechanism) => {
      const info = attempt({ operation: 'C_GetMechanismInfo' }, () => module.C_GetMechanismInfo(slot, mechanism));
      return {
        name: mechanismName(mechanism),
        minimumKey: info.minKeySize,
        maximumKey: info.maxKeySize,
        flags: named(info.flags, MECHANISM_FLAGS),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** PKCS#11 v2.40, CK_TOKEN_INFO: LOCKED, then FINAL_TRY, then COUNT_LOW. */
function pinState(flags: string[], who: 'USER' | 'SO'): PinState {
  if (flags.includes(`${who}_PIN_LOCKED`)) return 'locked';
  if (flags.includes(`${who}_PIN_FINAL_TRY`)) return 'one try left';
  if (flags.includes(`${who}_PIN_COUNT_LOW`)) return 'a try has failed';
  return 'good';
}

/** CK_UNAVAILABLE_INFORMATION is all ones. */
function told(count: number): number | null {
  return count >= 0xffffffff ? null : count;
}

/** CK_EFFECTIVELY_INFINITE is 0. */
function limit(count: number): number | null {
  return count === 0 ? null : told(count);
}

function named(flags: number, names: readonly string[]): string[] {
  const constants = pkcs11 as unknown as Record<string, number>;
  // Bits above 31 would be lost by a bitwise AND.
  return names.filter((name) => (BigInt(flags) & BigInt(constants[`CKF_${name}`] ?? 0)) !== 0n);
}

/** CK_SLOT_ID of a handle: a CK_ULONG in the byte order of this machine. */
export function slotNumber(handle: Handle): string {
  return (handle.length === 8 ? handle.readBigUInt64LE() : BigInt(handle.readUInt32LE())).toString();
}

function text(padded: string): string {
  // Some modules pad with zeros, where the standard has blanks.
  return padded.replaceAll('\0', ' ').trim();
}

function version({ major, minor }: Version): string {
  return `${major}.${minor}`;
}
