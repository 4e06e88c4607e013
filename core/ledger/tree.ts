import { hash } from 'node:crypto';

/** The Merkle tree of RFC 6962 section 2.1 over SHA-256. Leaves are numbered from 0; a row's leaf is its number less one. */

export const HASH_BYTES = 32;

/** MTH({}): the hash of nothing. */
export const EMPTY_ROOT: Uint8Array = hash('sha256', '', 'buffer');

/** SHA-256(0x00 || leaf), the leaf in UTF-8. */
export function leafHash(leaf: string): Uint8Array {
  return hash('sha256', `\0${leaf}`, 'buffer');
}

/** 0x01, then both children: filled anew for each hash. */
const children = new Uint8Array(1 + 2 * HASH_BYTES);
children[0] = 1;

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  children.set(left, 1);
  children.set(right, 1 + HASH_BYTES);
  return hash('sha256', children, 'buffer');
}

/** A complete subtree: the 2^level leaves from index * 2^level on. */
export type Subtree = { level: number; index: number };

/** The fewest complete subtrees that hold the leaves from `from` up to and without `to`, left to right. */
export function cover(from: number, to: number): Subtree[] {
  const subtrees: Subtree[] = [];
  let position = from;
  while (position < to) {
    let level = 0;
    let width = 1;
    while (position % (2 * width) === 0 && position + 2 * width <= to) {
      width *= 2;
      level += 1;
    }
    subtrees.push({ level, index: position / width });
    position += width;
  }
  return subtrees;
}

/** The right edge of a growing tree: the hashes of `cover(0, size)`. All that is needed to append and to know the root. */
export class Frontier {
  #size: number;
  readonly #hashes: Uint8Array[];

  /** `hashes` are those of `cover(0, size)`. */
  constructor(size = 0, hashes: Uint8Array[] = []) {
    this.#size = size;
    this.#hashes = [...hashes];
  }

  get size(): number {
    return this.#size;
  }

  /** Hashes of `cover(0, size)`. */
  get hashes(): readonly Uint8Array[] {
    return this.#hashes;
  }

  copy(): Frontier {
    return new Frontier(this.#size, this.#hashes);
  }

  /**
   * Appends a leaf, or a complete subtree of a level that the size is a multiple of. Answers the hashes that stand from now on:
   * its own and those of the parents that it completes, from the bottom up.
   */
  append(own: Uint8Array, level = 0): Uint8Array[] {
    const width = 2 ** level;
    if (this.#size % width !== 0) throw new Error('the subtree does not stand at the edge of the tree');
    const made = [own];
    let last = own;
    for (let place = this.#size / width; place % 2 === 1; place = (place - 1) / 2) {
      const left = this.#hashes.pop();
      if (!left) throw new Error('the edge of the tree is not as its size says');
      last = nodeHash(left, last);
      made.push(last);
    }
    this.#hashes.push(last);
    this.#size += width;
    return made;
  }

  /** MTH(D[size]). */
  root(): Uint8Array {
    return rootOf(this.#hashes);
  }
}

/** The root over the hashes of a cover that begins at a multiple of its first subtree's width. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right));
}
