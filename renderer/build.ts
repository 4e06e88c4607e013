import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Builds the window if anything that it is made of is newer than what was built: `npm start` has nothing to wait for then. */
const REPOSITORY = join(import.meta.dirname, '..');
/** Folders too: a file that was removed changes them. */
const PARTS = [
  'renderer/{app,components,entry,messages,steps,store,style}{,/**}',
  'renderer/*.{ts,html}',
  'core/{contract,shares}{,/**}',
  'package-lock.json',
];

const changedAt = (path: string) => statSync(join(REPOSITORY, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newest = Math.max(...globSync(PARTS, { cwd: REPOSITORY }).map(changedAt));

if (newest > changedAt('renderer/dist/index.html')) {
  const { build } = await import('vite');
  await build({ root: import.meta.dirname, configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'warn' });
}
