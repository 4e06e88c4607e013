import { argon2Sync } from 'node:crypto';
import { z } from 'zod';
import { guardedCopy, wipe } from '../../process/guarded.ts';

/** How a PIN becomes a key: argon2id (RFC 9106), stored beside what it opens. */
export const argon2Cost = z
  .strictObject({
    memoryKiB: z.int().min(7168).max(1_048_576),
    passes: z.int().min(1).max(16),
    parallelism: z.int().min(1).max(16),
  })
  // No weaker than the least setting of the OWASP Password Storage Cheat Sheet (7 MiB, 5 passes): a file that was
  // altered to be cheap is refused before the PIN is tried on it.
  .refine((cost) => cost.memoryKiB * cost.passes >= 35_840, 'argon2id cost below the floor');
export type Argon2Cost = z.infer<typeof argon2Cost>;

/** RFC 9106 section 4, second recommended option. */
export const ARGON2_COST: Argon2Cost = { memoryKiB: 65_536, passes: 3, parallelism: 4 };

/** The 32-byte key of a PIN, in guarded memory. salt: 16 bytes. The caller wipes the PIN and the key. */
export function derivePinKey(pin: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Uint8Array {
  const derived = argon2Sync('argon2id', {
    message: pin,
    nonce: salt,
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: cost.parallelism,
    tagLength: 32,
  });
  const key = guardedCopy(derived);
  wipe(derived);
  return key;
}
