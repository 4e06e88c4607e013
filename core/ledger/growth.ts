import { Worker } from 'node:worker_threads';
import { program } from '../process/programs.ts';
import { Frontier, HASH_BYTES, leafHash } from './tree.ts';

/** What some leaves add to a tree. */
export type Growth = {
  /** Each leaf's hash and those of the subtrees that it completes, from the bottom up, leaf after leaf. */
  hashes: Uint8Array<ArrayBuffer>;
  /** Where those of each leaf end (bytes). */
  ends: number[];
  /** Of the tree with the last of these leaves. */
  root: Uint8Array;
  /** Of the tree of `markedSize` leaves, if these leaves reach it. */
  markedRoot: Uint8Array | null;
};

/** A tree that grows page by page, in the order of the calls. */
export type GrowingTree = {
  grow: (leaves: string[]) => Promise<Growth>;
  close: () => Promise<void>;
};

/** From here on a second thread is worth its start (rows). */
export const WORTH_A_THREAD = 20_000;

/** `size`: how many rows are expected. `markedSize`: of which smaller tree the root is wanted too. */
export function growingTree(size: number, markedSize: number | null): GrowingTree {
  return size < WORTH_A_THREAD ? growHere(markedSize) : growBeside(markedSize);
}

function growHere(markedSize: number | null): GrowingTree {
  const frontier = new Frontier();
  return {
    grow: (leaves) => Promise.resolve(growth(frontier, leaves, markedSize)),
    close: () => Promise.resolve(),
  };
}

/** On a thread of its own, so that hashes are made while the caller checks what the rows before them say. */
function growBeside(markedSize: number | null): GrowingTree {
  const thread = new Worker(program('tree-thread'));
  const waiting: PromiseWithResolvers<Growth>[] = [];
  thread.on('message', (grown: Growth) => waiting.shift()?.resolve(grown));
  thread.on('error', (error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  return {
    grow: (leaves) => {
      const grown = Promise.withResolvers<Growth>();
      waiting.push(grown);
      thread.postMessage({ leaves, markedSize });
      // Whoever finds a bad row first waits for no more.
      grown.promise.catch(() => undefined);
      return grown.promise;
    },
    close: async () => {
      await thread.terminate();
    },
  };
}

/** Appends leaves and answers what they add. */
export function growth(frontier: Frontier, leaves: string[], markedSize: number | null): Growth {
  // As many subtrees as leaves, and those that were open before.
  const hashes = new Uint8Array((2 * leaves.length + frontier.hashes.length) * HASH_BYTES);
  const ends: number[] = [];
  let end = 0;
  let markedRoot: Uint8Array | null = frontier.size === markedSize ? frontier.root() : null;
  for (const leaf of leaves) {
    for (const hash of frontier.append(leafHash(leaf))) {
      hashes.set(hash, end);
      end += HASH_BYTES;
    }
    ends.push(end);
    if (frontier.size === markedSize) markedRoot = frontier.root();
  }
  return { hashes, ends, root: frontier.root(), markedRoot };
}
