import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ReadSubtrees,
  consistencyProof,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from '../../core/ledger/proof.ts';
import { EMPTY_ROOT, Frontier, cover, leafHash } from '../../core/ledger/tree.ts';
import { naiveConsistency, naivePath, naiveRoot } from './naive-tree.ts';

/** The leaves of the Certificate Transparency project's own tests (merkletree/merkle_tree_test.cc), and what it expects of them. */
const LEAVES = ['', '\x00', '\x10', ' !', '01', '@ABC', 'PQRSTUVW', '`abcdefghijklmno'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const N5F = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const NBC = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const N96 = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const N6B = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const NCA = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const N0E = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A tree that keeps what `append` hands out, as the store does: found by a subtree's last leaf. */
function grow(leaves: string[]): { frontier: Frontier; roots: Uint8Array[]; read: ReadSubtrees } {
  const frontier = new Frontier();
  const made: Uint8Array[][] = [];
  const roots = [frontier.root()];
  for (const leaf of leaves) {
    made.push(frontier.append(leafHash(leaf)));
    roots.push(frontier.root());
  }
  const read: ReadSubtrees = (subtrees) =>
    Promise.resolve(
      subtrees.map(({ level, index }) => {
        const found = made[(index + 1) * 2 ** level - 1]?.[level];
        if (!found) throw new Error('no such subtree');
        return found;
      }),
    );
  return { frontier, roots, read };
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

const someLeaves = fc.array(fc.string(), { maxLength: 70 });

describe('the known answers of Certificate Transparency', () => {
  const { roots, read } = grow(LEAVES);

  test('roots', () => {
    expect(roots.map(hex)).toEqual(['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', ...ROOTS]);
    expect(hex(EMPTY_ROOT)).toBe(hex(naiveRoot([])));
  });

  test.each([
    [0, 1, []],
    [0, 8, [N96, N5F, N6B]],
    [5, 8, [NBC, NCA, ROOTS[3]]],
    [2, 3, [ROOTS[1]]],
    [1, 5, [ROOTS[0], N5F, NBC]],
  ])('inclusion of leaf %i in %i', async (index, size, path) => {
    expect((await inclusionProof(index, size, read)).map(hex)).toEqual(path);
  });

  test.each([
    [1, 1, []],
    [1, 8, [N96, N5F, N6B]],
    [6, 8, [N0E, NCA, ROOTS[3]]],
    [2, 5, [N5F, NBC]],
  ])('consistency of %i with %i', async (oldSize, size, path) => {
    expect((await consistencyProof(oldSize, size, read)).map(hex)).toEqual(path);
  });
});

describe('against the recursive definition', () => {
  test('roots, and a tree that goes on from its right edge', () => {
    fc.assert(
      fc.property(someLeaves, fc.nat(), (leaves, cut) => {
        const { frontier, roots } = grow(leaves);
        expect(hex(frontier.root())).toBe(hex(naiveRoot(leaves)));
        const at = cut % (leaves.length + 1);
        const resumed = new Frontier(at, [...grow(leaves.slice(0, at)).frontier.hashes]);
        for (const leaf of leaves.slice(at)) resumed.append(leafHash(leaf));
        expect(hex(resumed.root())).toBe(hex(roots.at(-1) ?? EMPTY_ROOT));
      }),
    );
  });

  test('inclusion proofs are the same, verify, and verify nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(someLeaves, fc.nat(), fc.nat(), fc.nat(), async (leaves, some, other, bit) => {
        fc.pre(leaves.length > 0);
        const { roots, read } = grow(leaves);
        const size = (some % leaves.length) + 1;
        const index = other % size;
        const proof = await inclusionProof(index, size, read);
        expect(proof.map(hex)).toEqual(naivePath(index, leaves.slice(0, size)).map(hex));
        const leaf = leafHash(leaves[index] ?? '');
        const root = roots[size] ?? EMPTY_ROOT;
        expect(verifyInclusion(leaf, { index, size, root, proof })).toBe(true);
        expect(verifyInclusion(flipped(leaf, bit % 256), { index, size, root, proof })).toBe(false);
        expect(verifyInclusion(leaf, { index, size, root: flipped(root, bit % 256), proof })).toBe(false);
        expect(verifyInclusion(leaf, { index: size, size, root, proof })).toBe(false);
        expect(verifyInclusion(leaf, { index, size, root, proof: [...proof, leaf] })).toBe(false);
        const at = bit % (proof.length || 1);
        if (proof.length > 0) {
          expect(verifyInclusion(leaf, { index, size, root, proof: proof.toSpliced(at, 1) })).toBe(false);
          const bad = proof.with(at, flipped(proof[at] ?? root, bit % 256));
          expect(verifyInclusion(leaf, { index, size, root, proof: bad })).toBe(false);
        }
      }),
    );
  });

  test('consistency proofs are the same, verify, and verify nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(someLeaves, fc.nat(), fc.nat(), fc.nat(), async (leaves, some, other, bit) => {
        fc.pre(leaves.length > 0);
        const { roots, read } = grow(leaves);
        const size = (some % leaves.length) + 1;
        const oldSize = (other % size) + 1;
        const proof = await consistencyProof(oldSize, size, read);
        expect(proof.map(hex)).toEqual(naiveConsistency(oldSize, leaves.slice(0, size)).map(hex));
        const old = { size: oldSize, root: roots[oldSize] ?? EMPTY_ROOT };
        const head = { size, root: roots[size] ?? EMPTY_ROOT };
        expect(verifyConsistency(old, head, proof)).toBe(true);
        expect(verifyConsistency({ ...old, root: flipped(old.root, bit % 256) }, head, proof)).toBe(false);
        expect(verifyConsistency(old, { ...head, root: flipped(head.root, bit % 256) }, proof)).toBe(false);
        expect(verifyConsistency(old, head, [...proof, head.root])).toBe(false);
        if (oldSize < size) expect(verifyConsistency({ ...old, size }, { ...head, size: oldSize }, proof)).toBe(false);
        if (proof.length > 0) {
          const at = bit % proof.length;
          expect(verifyConsistency(old, head, proof.toSpliced(at, 1))).toBe(false);
          const bad = proof.with(at, flipped(proof[at] ?? head.root, bit % 256));
          expect(verifyConsistency(old, head, bad)).toBe(false);
        }
      }),
    );
  });

  test('every tree begins with the empty one', async () => {
    const { roots, read } = grow(LEAVES);
    const head = { size: 8, root: roots[8] ?? EMPTY_ROOT };
    expect(await consistencyProof(0, 8, read)).toEqual([]);
    expect(verifyConsistency({ size: 0, root: EMPTY_ROOT }, head, [])).toBe(true);
  });

  test('a range is covered by complete subtrees, without gap and within 2 log n', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), fc.nat({ max: 2 ** 40 }), (one, other) => {
        const [from, to] = one < other ? [one, other] : [other, one];
        const subtrees = cover(from, to);
        let position = from;
        for (const { level, index } of subtrees) {
          expect(index * 2 ** level).toBe(position);
          position += 2 ** level;
        }
        expect(position).toBe(to);
        expect(subtrees.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(to - from + 1)) + 1);
      }),
    );
  });
});
