import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Mode } from '../contract/ceremony.ts';
import type { CommandInput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { VaultStatus } from '../contract/vault-commands.ts';
import { readPinSource, readTokenFile } from '../hsm/token-file.ts';
import { createKeystore } from '../kms/keystore.ts';
import { LocalKms } from '../kms/local.ts';
import { type KekPlace, Pkcs11Kms } from '../kms/pkcs11.ts';
import type { KmsProvider } from '../kms/provider.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { guardedCopy, wipe } from '../process/guarded.ts';
import { entryAt } from '../store/files.ts';
import type { VaultKeyTable } from '../store/schema.ts';

/** A vault's key, made or opened: a keystore in the data folder, or a key in a token that a ceremony made. */

export type WantedKey = CommandInput<'vault.initialise'>['key'];

/** Where it lies. Nothing of it is secret. */
export const placeSchema = z.union([
  z.strictObject({ keystore: z.string() }),
  z.strictObject({ token: z.string(), label: z.string(), check: z.string() }),
]);

/** A software keystore's name in the data folder. */
export const KEYSTORE = 'vault.keystore';
/** Sessions of the token: one works while the other's answer is on its way. */
const PROCESSES = 2;

/** What a person types to unlock it; null where the token's file names a file. A token file that cannot be read now says so when it is opened. */
export function asksFor(key: VaultKeyTable): VaultStatus['asks'] {
  const place = placeSchema.parse(JSON.parse(key.place));
  if (!('token' in place)) return 'passphrase';
  try {
    const { pin } = readTokenFile(place.token);
    return typeof pin === 'object' && 'file' in pin ? null : 'pin';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return 'pin';
  }
}

/** `before`: of the store's ceremonies. STORE_OF_OTHER_MODE: the token file is of the other. TOKEN_KEK_NEEDED: a software key, live. */
export function modeOfKey(key: WantedKey, before: Mode | null): Mode {
  const mode = 'token' in key ? readTokenFile(resolve(key.token)).mode : (before ?? 'training');
  if (before && before !== mode) throw new Refusal('STORE_OF_OTHER_MODE', { mode: before });
  if (mode === 'live' && (!('token' in key) || readTokenFile(resolve(key.token)).location.kind === 'software')) {
    throw new Refusal('TOKEN_KEK_NEEDED');
  }
  return mode;
}

/** `secret`: the new keystore's passphrase, or the token's PIN; the caller wipes it. What keystore and token refuse. */
export async function makeKey(
  key: WantedKey,
  secret: Uint8Array | null,
  { data, ledger }: { data: string; ledger: Ledger },
): Promise<{ kms: KmsProvider; place: string }> {
  if ('token' in key) {
    const token = resolve(key.token);
    const made = await withPin(token, secret, ledger, (place) => Pkcs11Kms.enrol(place, key.label));
    const place = { token, label: made.label, check: made.check };
    return { kms: await openToken(place, made.keyId, secret, ledger), place: JSON.stringify(place) };
  }
  if (!secret) throw new Refusal('INPUT_INVALID', { detail: 'the passphrase is missing' });
  const path = join(data, KEYSTORE);
  // One that an interrupted attempt has left is taken again: nothing was ever sealed under it, and no key is erased unasked.
  if (!(await entryAt(path))) await createKeystore(path, secret);
  return { kms: await LocalKms.open(path, secret), place: JSON.stringify({ keystore: KEYSTORE }) };
}

/** As the vault has it recorded. VAULT_KEY_GONE: token or keystore are not there, or the token does not hold it; what else they refuse. */
export async function openKey(
  key: VaultKeyTable,
  secret: Uint8Array | null,
  { data, ledger }: { data: string; ledger: Ledger },
): Promise<KmsProvider> {
  const place = placeSchema.parse(JSON.parse(key.place));
  const gone = (where: string, causes: string[]) => (error: unknown) => {
    const isGone = error instanceof Refusal && causes.includes(error.code);
    throw isGone ? new Refusal('VAULT_KEY_GONE', { where, cause: error.code }) : error;
  };
  if ('token' in place) {
    const { token } = readTokenFile(place.token).location;
    return openToken(place, key.id, secret, ledger).catch(gone(token, ['TOKEN_MISSING', 'KEY_MISSING']));
  }
  if (!secret) throw new Refusal('INPUT_INVALID', { detail: 'the passphrase is missing' });
  return LocalKms.open(join(data, place.keystore), secret).catch(gone(place.keystore, ['FILE_MISSING']));
}

/**
 * The key of a backup, where it is now: a keystore (to be kept as `keystore` of the restored folder), or the token that a token file names. `place`: as the restored vault records it.
 */
export async function openKeyAt(
  head: { key: string; place: string },
  where: { keystore: string } | { token: string },
  secret: Uint8Array | null,
  keystore: string,
): Promise<{ kms: KmsProvider; place: string }> {
  if ('keystore' in where) {
    if (!secret) throw new Refusal('INPUT_INVALID', { detail: 'the passphrase is missing' });
    return { kms: await LocalKms.open(resolve(where.keystore), secret), place: JSON.stringify({ keystore }) };
  }
  const before = placeSchema.parse(JSON.parse(head.place));
  if (!('token' in before)) throw new Refusal('INPUT_INVALID', { detail: 'its key is in a keystore' });
  const place = { ...before, token: resolve(where.token) };
  return { kms: await openToken(place, head.key, secret, null), place: JSON.stringify(place) };
}

/** What the token's processes need to log in again stays as long as the provider is open. */
export async function openToken(
  { token, label, check }: { token: string; label: string; check: string },
  keyId: string,
  pin: Uint8Array | null,
  ledger: Ledger | null,
): Promise<KmsProvider> {
  const kept = pin && guardedCopy(pin);
  try {
    const kms = await Pkcs11Kms.open(kekPlace(token, kept, ledger), { keyId, label, check });
    const close = kms.close.bind(kms);
    kms.close = async () => {
      await close();
      wipe(kept);
    };
    return kms;
  } catch (error) {
    wipe(kept);
    throw error;
  }
}

async function withPin<T>(
  token: string,
  pin: Uint8Array | null,
  ledger: Ledger,
  work: (place: KekPlace) => Promise<T>,
): Promise<T> {
  const kept = pin && guardedCopy(pin);
  try {
    return await work(kekPlace(token, kept, ledger));
  } finally {
    wipe(kept);
  }
}

/** `ledger`: null where there is none yet. */
export function kekPlace(token: string, pin: Uint8Array | null, ledger: Ledger | null): KekPlace {
  const { location, pin: source } = readTokenFile(token);
  const login = async () => {
    if (pin) return { pin: guardedCopy(pin), securityOfficerPin: null };
    if (typeof source === 'object' && 'file' in source) {
      return { pin: await readPinSource(source), securityOfficerPin: null };
    }
    throw new Refusal('PIN_SOURCE', { pin: 'PIN', source: 'the token file alone' });
  };
  return {
    members: [{ name: location.token, location, login, processes: PROCESSES }],
    clock: () => performance.now(),
    every(intervalMs, work) {
      const timer = setInterval(work, intervalMs);
      timer.unref();
      return () => {
        clearInterval(timer);
      };
    },
    async record(event) {
      const { kind, member } = event;
      const detail = 'detail' in event ? event.detail : null;
      await ledger?.append([{ kind: 'vault.token', ceremony: null, body: { event: kind, member, detail } }]);
    },
  };
}
