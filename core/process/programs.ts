import { join } from 'node:path';

/**
 * What of ours runs in a process or thread of its own. From the sources each is the file that is named here; built
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

const BUILT = import.meta.filename.endsWith('.js');

/** The program's file: built if whoever asks is, else its source. */
export function program(name: keyof typeof PROGRAMS): string {
  return BUILT ? join(import.meta.dirname, `${name}.js`) : join(import.meta.dirname, '../..', PROGRAMS[name]);
}
