import { randomFillSync } from 'node:crypto';
import { combine, split } from 'shamir-secret-sharing';
import { guarded } from '../process/guarded.ts';
import { emptyNursery } from '../process/nursery.ts';

/**
 * The Shamir library, with its results moved into guarded memory. It answers small typed arrays, which V8 keeps inside
 * its own heap until somebody asks for their `buffer`: then it copies them out and leaves the first copy behind. So they
 * are overwritten in place with fill(), and nothing that looks at a buffer (`wipe`, node:crypto) may see them. Nor may a
 * collection move them before that.
 *
 * A plain share is 33 bytes, y[32] || x.
 */
export const Y_BYTES = 32;

/** The plain shares of a secret (32 bytes), guarded; the caller wipes them, and the secret. */
export async function splitSecret(secret: Uint8Array, shareCount: number, threshold: number): Promise<Uint8Array[]> {
  emptyNursery();
  const made = await splitAndWipe(secret, shareCount, threshold);
  return made.map((share) => {
    const plainShare = guarded(share.length);
    plainShare.set(share);
    share.fill(0);
    return plainShare;
  });
}

/**
 * The library's split, and its coefficients overwritten. It lets nobody have them, but copies what it has drawn into them by
 * `set`: while it works, which it does in one go, that method tells us of both arrays.
 */
function splitAndWipe(secret: Uint8Array, shareCount: number, threshold: number): Promise<Uint8Array[]> {
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const set = Object.getOwnPropertyDescriptor(typedArray, 'set');
  if (!set) throw new Error('typed arrays have no method set');
  const copy = set.value as (this: Uint8Array, from: ArrayLike<number>, offset?: number) => void;
  const used: Uint8Array[] = [];
  const told = function (this: Uint8Array, from: ArrayLike<number>, offset?: number) {
    copy.call(this, from, offset);
    used.push(this);
    if (from instanceof Uint8Array) used.push(from);
  };
  Object.defineProperty(typedArray, 'set', { ...set, value: told });
  try {
    return split(secret, shareCount, threshold);
  } finally {
    Object.defineProperty(typedArray, 'set', set);
    for (const bytes of used) bytes.fill(0);
    // OpenSSL's generator keeps the last block of which it gave a part, until it gives a part of another.
    randomFillSync(new Uint8Array(1));
  }
}

/**
 * What some plain shares give, written into `into` (32 bytes, guarded); the caller wipes all. It is a secret only if it
 * passes the key-check value: the library gives a wrong one for too few or foreign shares and says nothing.
 */
export async function combineShares(plainShares: Uint8Array[], into: Uint8Array): Promise<void> {
  emptyNursery();
  const combined = await combine(plainShares);
  into.set(combined);
  combined.fill(0);
}

/** The y (32 bytes) of a plain share, in the same memory. */
export function yOf(plainShare: Uint8Array): Uint8Array {
  return plainShare.subarray(0, Y_BYTES);
}

/** The x of a plain share. */
export function xOf(plainShare: Uint8Array): number {
  return plainShare[Y_BYTES] ?? 0;
}
