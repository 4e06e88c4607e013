import { parentPort } from 'node:worker_threads';
import { growth } from './growth.ts';
import { Frontier } from './tree.ts';

/** The other thread of `growBeside`: pages of leaves come in, what they add to the tree goes out. */
const frontier = new Frontier();
parentPort?.on('message', ({ leaves, markedSize }: { leaves: string[]; markedSize: number | null }) => {
  const grown = growth(frontier, leaves, markedSize);
  parentPort?.postMessage(grown, [grown.hashes.buffer]);
});
