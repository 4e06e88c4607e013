import sodium from 'sodium-native';

/**
 * Memory for secrets: sodium_malloc pages are locked, kept out of core dumps and guarded at both ends. They live
 * outside the JavaScript heap, so that no garbage collection leaves a copy behind. Whoever makes one wipes it.
 */
export function guarded(length: number): Uint8Array {
  const buffer = sodium.sodium_malloc(length);
  // A plain Uint8Array over the same pages: some libraries refuse a Buffer.
  return new Uint8Array(buffer.buffer, buffer.byteOffset, length);
}

/** A guarded copy of some bytes. The caller wipes both. */
export function guardedCopy(bytes: Uint8Array): Uint8Array {
  const copy = guarded(bytes.length);
  copy.set(bytes);
  return copy;
}

const SMALLEST_PLACE = 32;
const SLAB_BYTES = 65_536;
/** Places that nobody has, by their size. */
const free = new Map<number, Uint8Array[]>();
/** What was lent of which place; null once it was wiped. */
const lent = new WeakMap<Uint8Array, Uint8Array | null>();

/**
 * The same for secrets that come and go by thousands a second, as data keys do: they share guarded pages. Each of their
 * own costs several system calls and some of the 65,530 mappings that Linux gives a process (vm.max_map_count), and goes
 * at a garbage collection only: 20,000 in one turn end the process. `wipe` gives the place back: not to be used after.
 */
export function guardedBriefly(length: number): Uint8Array {
  if (length > SLAB_BYTES) return guarded(length);
  const size = Math.max(SMALLEST_PLACE, 2 ** Math.ceil(Math.log2(length)));
  const places = free.get(size) ?? [];
  free.set(size, places);
  if (places.length === 0) {
    const slab = guarded(SLAB_BYTES).fill(0);
    for (let at = 0; at < SLAB_BYTES; at += size) places.push(slab.subarray(at, at + size));
  }
  const place = places.pop() as Uint8Array;
  const secret = place.subarray(0, length);
  lent.set(secret, place);
  return secret;
}

/** A copy of some bytes in memory that is guarded briefly. The caller wipes both. */
export function guardedBrieflyCopy(bytes: Uint8Array): Uint8Array {
  const copy = guardedBriefly(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * Overwrites each with zeros, in place. Not by way of `.buffer`: for an array of at most 64 bytes on V8's heap that
 * would first make a copy elsewhere and leave this one as it is (measured).
 */
export function wipe(...secrets: (Uint8Array | null | undefined)[]): void {
  for (const secret of secrets) {
    if (!secret) continue;
    const place = lent.get(secret);
    // Wiped before: the place may be another secret's by now.
    if (place === null) continue;
    secret.fill(0);
    if (!place) continue;
    lent.set(secret, null);
    free.get(place.length)?.push(place);
  }
}
