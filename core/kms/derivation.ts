import { hkdfSync, pbkdf2Sync } from 'node:crypto';
import { z } from 'zod';
import { ARGON2_COST, argon2Cost, derivePinKey } from '../hsm/software/pin-key.ts';
import { guarded, guardedCopy, wipe } from '../process/guarded.ts';

/** How a passphrase becomes a key, as it stands beside what the key opens. */

/** OWASP Password Storage Cheat Sheet: 600,000 for PBKDF2-HMAC-SHA-256. A file that was altered to be cheaper is refused. */
const LEAST_ITERATIONS = 600_000;
const MOST_ITERATIONS = 10_000_000;
const KEY_BYTES = 32;

export const derivation = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('argon2id'), cost: argon2Cost }),
  z.strictObject({
    name: z.literal('PBKDF2-HMAC-SHA-256'),
    iterations: z.int().min(LEAST_ITERATIONS).max(MOST_ITERATIONS),
  }),
]);
export type Derivation = z.infer<typeof derivation>;

/** argon2id (RFC 9106) for everybody; PBKDF2 (SP 800-132) where only what NIST approves is allowed. */
export const DERIVATIONS = {
  argon2id: { name: 'argon2id', cost: ARGON2_COST },
  'PBKDF2-HMAC-SHA-256': { name: 'PBKDF2-HMAC-SHA-256', iterations: LEAST_ITERATIONS },
} as const satisfies Record<Derivation['name'], Derivation>;

/** The 32-byte key of a passphrase (NFKD), in guarded memory. salt: 16 bytes. The caller wipes both. */
export function deriveKey(passphrase: Uint8Array, salt: Uint8Array, how: Derivation): Uint8Array {
  return how.name === 'argon2id'
    ? derivePinKey(passphrase, salt, how.cost)
    : pbkdf2HmacSha256(passphrase, salt, how.iterations, KEY_BYTES);
}

/** RFC 8018 section 5.2, in guarded memory. The caller wipes it, and the passphrase. */
export function pbkdf2HmacSha256(
  passphrase: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  const derived = pbkdf2Sync(passphrase, salt, iterations, length, 'sha256');
  const key = guardedCopy(derived);
  wipe(derived);
  return key;
}

/** RFC 5869, in guarded memory: one key for each use. The caller wipes it, and the key that it is made of. */
export function hkdfSha256(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const into = guarded(length);
  const derived = new Uint8Array(hkdfSync('sha256', key, salt, info, length));
  into.set(derived);
  wipe(derived);
  return into;
}

/** What `how` is with nothing weaker than in `floor`; the same object if nothing is. Another name is left as it is. */
export function raised(how: Derivation, floor: Derivation): Derivation {
  if (how.name === 'argon2id' && floor.name === 'argon2id') {
    const [is, least] = [how.cost, floor.cost];
    const isWeaker = is.memoryKiB < least.memoryKiB || is.passes < least.passes;
    if (!isWeaker) return how;
    const { max } = Math;
    return {
      name: 'argon2id',
      cost: {
        memoryKiB: max(is.memoryKiB, least.memoryKiB),
        passes: max(is.passes, least.passes),
        parallelism: least.parallelism,
      },
    };
  }
  if (how.name !== 'argon2id' && floor.name !== 'argon2id') return how.iterations < floor.iterations ? floor : how;
  return how;
}
