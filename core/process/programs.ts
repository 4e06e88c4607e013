import { join } from 'node:path';
import { BUILDS, isFresh } from './made-of.js';

/**
 * What of ours runs in a process or thread of its own. In the sources each is the file that is named here; built
 * (electron/build.ts), each is one file in core/dist, as deep in the tree as this one.
 */
export const PROGRAMS = {
  open: 'electron/open.ts',
  'electron-shell': 'electron/electron-shell.ts',
  cli: 'core/cli/main.ts',
  core: 'core/service/main.ts',
  holder: 'core/service/holder.ts',
  token: 'core/hsm/process/main.ts',
  'tree-thread': 'core/ledger/tree-thread.ts',
};

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, BUILDS.programs.folder);
const isBuilt = import.meta.filename.endsWith('.js');
let fresh: boolean | undefined;

/** The program's file: built if whoever asks is, or if that is made of the sources as they are; else its source. */
export function program(name: keyof typeof PROGRAMS): string {
  fresh ??= isBuilt || isFresh(ROOT, 'programs');
  return fresh ? join(BUILT, `${name}.js`) : join(ROOT, PROGRAMS[name]);
}
