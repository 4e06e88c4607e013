import { spawnSync } from 'node:child_process';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { BUILDS, CACHE, isFresh } from '../core/process/made-of.js';

// `npm start`: builds what is older than its sources, and runs what is built. Where nothing can be built, the sources run.
const root = join(import.meta.dirname, '..');
let fresh = isFresh(root, 'window') && isFresh(root, 'programs');
if (!fresh) {
  spawnSync(process.execPath, [join(import.meta.dirname, 'build.ts')], { stdio: 'inherit' });
  fresh = isFresh(root, 'programs');
}
if (fresh) {
  // Of the shell alone, which holds no key: its browser's driver is the most that a start has to read.
  const built = join(root, BUILDS.programs.folder);
  enableCompileCache(join(built, CACHE));
  await import(join(built, 'open.js'));
} else {
  process.stderr.write('Claviger runs from its sources: they could not be built.\n');
  await import('./open.ts');
}
