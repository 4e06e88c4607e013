import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUILDS, isFresh, noteMadeOf, sourcesOf } from '../../core/process/made-of.js';
import { temporaryFolder } from '../cli/claviger.ts';
import { REPOSITORY } from '../shipped.ts';

/** A tree with a file in each part of the programs, and what was built of it. */
function built(): string {
  const root = temporaryFolder();
  for (const folder of ['core/service', 'core/dist', 'electron']) mkdirSync(join(root, folder), { recursive: true });
  for (const file of ['core/service/main.ts', 'electron/open.ts', 'package-lock.json']) {
    writeFileSync(join(root, file), 'as it was');
  }
  noteMadeOf(root, 'programs', sourcesOf(root, BUILDS.programs.parts));
  return root;
}

test('what is built is fresh until a file of its parts is another one', () => {
  const root = built();
  expect(isFresh(root, 'programs')).toBe(true);
  writeFileSync(join(root, 'core/dist/core.js'), 'what is built is no source');
  expect(isFresh(root, 'programs')).toBe(true);
});

test.each<[string, (root: string) => void]>([
  [
    'was changed',
    (root) => {
      writeFileSync(join(root, 'core/service/main.ts'), 'as it is now');
    },
  ],
  [
    'was put back as an older one',
    (root) => {
      utimesSync(join(root, 'electron/open.ts'), new Date(0), new Date(0));
    },
  ],
  [
    'has come',
    (root) => {
      writeFileSync(join(root, 'core/service/more.ts'), '');
    },
  ],
  [
    'was removed',
    (root) => {
      rmSync(join(root, 'core/service/main.ts'));
    },
  ],
  [
    'of a dependency was changed',
    (root) => {
      writeFileSync(join(root, 'package-lock.json'), 'another');
    },
  ],
])('is stale when a file %s', (_, change) => {
  const root = built();
  change(root);
  expect(isFresh(root, 'programs')).toBe(false);
});

test('is stale when a file was replaced in the moment of its change by one of another size', () => {
  const root = built();
  const path = join(root, 'core/service/main.ts');
  const { atime, mtime } = statSync(path);
  writeFileSync(path, 'longer than it was');
  utimesSync(path, atime, mtime);
  expect(isFresh(root, 'programs')).toBe(false);
});

test('nothing is fresh that was not built', () => {
  const root = built();
  expect(isFresh(root, 'window')).toBe(false);
});

test('a program is what is built, and its source as soon as that is another one', () => {
  const root = built();
  cpSync(join(REPOSITORY, 'core/process'), join(root, 'core/process'), { recursive: true });
  noteMadeOf(root, 'programs', sourcesOf(root, BUILDS.programs.parts));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  const asks = join(root, 'asks.ts');
  writeFileSync(asks, "import { program } from './core/process/programs.ts'; process.stdout.write(program('core'));");
  const core = () => execFileSync(process.execPath, [asks], { encoding: 'utf8' });
  expect(core()).toBe(join(root, 'core/dist/core.js'));
  writeFileSync(join(root, 'electron/open.ts'), 'as it is now');
  expect(core()).toBe(join(root, 'core/service/main.ts'));
});
