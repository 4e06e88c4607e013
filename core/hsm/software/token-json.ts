import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { wipe } from '../../process/guarded.ts';
import { writeDurably } from './durable-file.ts';
import { type Argon2Cost, argon2Cost, derivePinKey } from './pin-key.ts';
import { seal, sealed, unseal } from './sealed.ts';

/** A software token's public face: its name, and how its PIN becomes the key that opens its keys. */
const identity = z.strictObject({
  format: z.literal('claviger-software-token-1'),
  label: z.string().min(1),
  serial: z.string().regex(/^[0-9a-f]{16}$/),
  kdf: z.strictObject({ algorithm: z.literal('argon2id'), cost: argon2Cost, salt: z.base64() }),
});
const tokenJson = z.strictObject({ identity, check: sealed });
export type TokenJson = z.infer<typeof tokenJson>;

const NOTHING = new Uint8Array(0);

/** What `folder` holds; null if no PIN was ever set there. STORE_DAMAGED, STORE_UNSAFE. */
export function readTokenJson(folder: string): TokenJson | null {
  const path = join(folder, 'token.json');
  if (!existsSync(path)) return null;
  for (const place of [folder, path]) {
    const mode = statSync(place).mode & 0o777;
    if (mode & 0o077) throw new Refusal('STORE_UNSAFE', { path: place, mode: mode.toString(8) });
  }
  try {
    return tokenJson.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new Refusal('STORE_DAMAGED', {
      path,
      detail: 'not a software token, or its argon2id cost is below the floor',
    });
  }
}

/** Makes the folder (0700) and sets the PIN. Answers the PIN's key, which the caller wipes. OUTPUT_UNWRITABLE. */
export function initialiseFolder(
  folder: string,
  label: string,
  cost: Argon2Cost,
  pin: Uint8Array,
): { json: TokenJson; pinKey: Uint8Array } {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch {
    throw new Refusal('OUTPUT_UNWRITABLE', { path: folder });
  }
  const salt = randomBytes(16);
  const named: TokenJson['identity'] = {
    format: 'claviger-software-token-1',
    label,
    serial: randomBytes(8).toString('hex'),
    kdf: { algorithm: 'argon2id', cost, salt: salt.toString('base64') },
  };
  const pinKey = derivePinKey(pin, salt, cost);
  const json: TokenJson = { identity: named, check: seal(pinKey, NOTHING, named) };
  writeDurably(join(folder, 'token.json'), `${JSON.stringify(json, null, 2)}\n`);
  return { json, pinKey };
}

/** The PIN's key in guarded memory, which the caller wipes. PIN_WRONG. */
export function unlock(json: TokenJson, pin: Uint8Array): Uint8Array {
  const { cost, salt } = json.identity.kdf;
  const pinKey = derivePinKey(pin, Buffer.from(salt, 'base64'), cost);
  if (unseal(pinKey, json.check, json.identity)) return pinKey;
  wipe(pinKey);
  throw new Refusal('PIN_WRONG', { pin: 'PIN' });
}
