import { createHash } from 'node:crypto';

/** RFC 6962 section 2.1 as it is written there, recursive and slow: what the tree and its proofs are compared with. */

function sha256(...parts: Uint8Array[]): Uint8Array {
  const made = createHash('sha256');
  for (const part of parts) made.update(part);
  return new Uint8Array(made.digest());
}

/** MTH(D[n]). */
export function naiveRoot(leaves: string[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), new TextEncoder().encode(only));
  const k = split(leaves.length);
  return sha256(Uint8Array.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** PATH(m, D[n]). */
export function naivePath(m: number, leaves: string[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** PROOF(m, D[n]), 0 < m <= n. */
export function naiveConsistency(m: number, leaves: string[]): Uint8Array[] {
  return subproof(m, leaves, true);
}

function subproof(m: number, leaves: string[], known: boolean): Uint8Array[] {
  if (m === leaves.length) return known ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), known), naiveRoot(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

function split(n: number): number {
  return 2 ** Math.floor(Math.log2(n - 1));
}
