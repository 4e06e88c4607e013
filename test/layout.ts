import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The top level is fixed: what is tracked there, besides dotfiles. */
const ALLOWED = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'core',
  'docs',
  'electron',
  'package-lock.json',
  'package.json',
  'renderer',
  'resources',
  'test',
  'tsconfig.json',
];

const tracked = execFileSync('git', ['ls-files'], { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' });
const top = new Set(
  tracked
    .split('\n')
    .map((path) => path.split('/')[0] ?? '')
    .filter(Boolean),
);
const foreign = [...top].filter((name) => !name.startsWith('.') && !ALLOWED.includes(name));
if (foreign.length > 0) {
  process.stderr.write(`Not a part of the top level: ${foreign.join(', ')}\n`);
  process.exit(1);
}
