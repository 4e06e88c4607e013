import { nodeBinary } from '../process/node-binary.js';
import { program } from '../process/programs.ts';
import { type Below, spawnBelow } from '../process/spawn.ts';

/** The core process of a data folder. It reads what it needs while whoever starts it has other things to do. */
export function spawnCore(data: string): Below {
  return spawnBelow(nodeBinary(), program('core'), [data]);
}
