import { sameBytes } from '../pki/same-bytes.ts';
import { type Subtree, cover, nodeHash, rootOf } from './tree.ts';

/** Inclusion and consistency proofs: made by RFC 6962 section 2.1, verified by the algorithms of RFC 9162 section 2.1. */

/** Leaves from `from` up to and without `to`: one hash of a proof. */
type Range = { from: number; to: number };

/** The hashes of complete subtrees, in the order asked for. */
export type ReadSubtrees = (subtrees: Subtree[]) => Promise<Uint8Array[]>;

/** PATH(m, D[n]) of RFC 6962 2.1.1: what stands beside the way from leaf `index` to the root of `size` leaves, bottom up. */
export function inclusionProof(index: number, size: number, read: ReadSubtrees): Promise<Uint8Array[]> {
  const ranges: Range[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + leftWidth(to - from);
    if (index < middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  return hashesOf(ranges.reverse(), read);
}

/** PROOF(m, D[n]) of RFC 6962 2.1.2: that the tree of `oldSize` leaves is the beginning of that of `size`. */
export function consistencyProof(oldSize: number, size: number, read: ReadSubtrees): Promise<Uint8Array[]> {
  // The empty tree is the beginning of every tree: RFC 9162 2.1.4.1 leaves it out.
  if (oldSize === 0) return Promise.resolve([]);
  const ranges: Range[] = [];
  let [from, to] = [0, size];
  while (to !== oldSize) {
    const middle = from + leftWidth(to - from);
    if (oldSize <= middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  // SUBPROOF(m, D[m], false): the old root is known to whoever verifies, any other subtree is not.
  if (from !== 0) ranges.push({ from, to });
  return hashesOf(ranges.reverse(), read);
}

/** RFC 9162 2.1.3.2. */
export function verifyInclusion(
  leaf: Uint8Array,
  { index, size, root, proof }: { index: number; size: number; root: Uint8Array; proof: Uint8Array[] },
): boolean {
  if (index >= size) return false;
  let [place, last] = [index, size - 1];
  let computed = leaf;
  for (const other of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      computed = nodeHash(other, computed);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
    } else {
      computed = nodeHash(computed, other);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && sameBytes(computed, root);
}

export type TreeHead = { size: number; root: Uint8Array };

/** RFC 9162 2.1.4.2. Every tree begins with the empty one, whatever its root is said to be. */
export function verifyConsistency(old: TreeHead, head: TreeHead, proof: Uint8Array[]): boolean {
  if (old.size > head.size) return false;
  if (old.size === head.size) return proof.length === 0 && sameBytes(old.root, head.root);
  if (old.size === 0) return proof.length === 0;
  const path = isPowerOfTwo(old.size) ? [old.root, ...proof] : proof;
  const [first, ...others] = path;
  if (!first || proof.length === 0) return false;
  let [place, last] = [old.size - 1, head.size - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let [oldRoot, root] = [first, first];
  for (const other of others) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      oldRoot = nodeHash(other, oldRoot);
      root = nodeHash(other, root);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
    } else {
      root = nodeHash(root, other);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && sameBytes(oldRoot, old.root) && sameBytes(root, head.root);
}

async function hashesOf(ranges: Range[], read: ReadSubtrees): Promise<Uint8Array[]> {
  const covers = ranges.map(({ from, to }) => cover(from, to));
  const hashes = await read(covers.flat());
  let taken = 0;
  return covers.map(({ length }) => rootOf(hashes.slice(taken, (taken += length))));
}

/** The largest power of two that is less than `width` (RFC 6962 2.1: k). */
function leftWidth(width: number): number {
  let k = 1;
  while (2 * k < width) k *= 2;
  return k;
}

function isPowerOfTwo(size: number): boolean {
  return size === 1 || 2 * leftWidth(size) === size;
}

/** Without bit operators: they end at 2^31. */
function half(value: number): number {
  return Math.floor(value / 2);
}
