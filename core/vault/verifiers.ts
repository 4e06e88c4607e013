import { argon2, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Refusal } from '../contract/errors.ts';
import { wipe } from '../process/guarded.ts';

/**
 * What a value leaves behind that never comes back: a candidate is tried against it. It rests in the vault as a value does, so that a copy of the store alone
 * lets nobody try.
 */

/** RFC 9106 4, the second recommended option: 64 MiB, 3 passes, 4 lanes. */
const ARGON2ID = { memory: 65_536, passes: 3, parallelism: 4, tagLength: 32 } as const;
const SALT_BYTES = 16;
const HMAC_KEY_BYTES = 32;

/** A password of the vault's own is raised to these bounds, and nothing beyond them is computed. */
const stored = z.strictObject({
  memory: z.int().min(8192).max(1_048_576),
  passes: z.int().min(1).max(20),
  parallelism: z.int().min(1).max(16),
  salt: z.base64(),
  tag: z.base64(),
});

const derive = promisify(argon2);

/** argon2id (RFC 9106) of a password with a fresh salt; the caller wipes the password. */
export async function hashPassword(password: Uint8Array): Promise<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', { message: password, nonce: salt, ...ARGON2ID });
  const { memory, passes, parallelism } = ARGON2ID;
  const text = { memory, passes, parallelism, salt: salt.toString('base64'), tag: tag.toString('base64') };
  return new TextEncoder().encode(JSON.stringify(text));
}

/** Compared in constant time. SECRET_DAMAGED for what is no such hash. */
export async function passwordFits(hash: Uint8Array, candidate: Uint8Array): Promise<boolean> {
  const parsed = stored.safeParse(parseJson(hash));
  if (!parsed.success) throw new Refusal('SECRET_DAMAGED');
  const { memory, passes, parallelism, salt, tag } = parsed.data;
  const expected = Buffer.from(tag, 'base64');
  const found = await derive('argon2id', {
    ...{ message: candidate, nonce: Buffer.from(salt, 'base64') },
    ...{ memory, passes, parallelism, tagLength: expected.length },
  });
  return timingSafeEqual(found, expected);
}

/** HMAC-SHA-256 (RFC 2104) of a token under a key of its own: key || MAC. The caller wipes the token. */
export function macToken(token: Uint8Array): Uint8Array {
  const key = randomBytes(HMAC_KEY_BYTES);
  return Buffer.concat([key, createHmac('sha256', key).update(token).digest()]);
}

/** Compared in constant time. SECRET_DAMAGED for what is no such MAC. */
export function tokenFits(mac: Uint8Array, candidate: Uint8Array): boolean {
  if (mac.length !== HMAC_KEY_BYTES + 32) throw new Refusal('SECRET_DAMAGED');
  const found = createHmac('sha256', mac.subarray(0, HMAC_KEY_BYTES)).update(candidate).digest();
  const fits = timingSafeEqual(found, mac.subarray(HMAC_KEY_BYTES));
  wipe(found);
  return fits;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
