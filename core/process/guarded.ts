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

/**
 * Overwrites each with zeros, in place. Not by way of `.buffer`: for an array of at most 64 bytes on V8's heap that
 * would first make a copy elsewhere and leave this one as it is (measured).
 */
export function wipe(...secrets: (Uint8Array | null | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
