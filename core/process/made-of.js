import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Plain JavaScript: it runs at every start, before anything that Node would have to strip of types first.

/** What is built, each into a folder, and what it is made of. */
export const BUILDS = {
  window: { folder: 'renderer/dist', parts: ['renderer', 'core/contract', 'core/shares', 'package-lock.json'] },
  programs: { folder: 'core/dist', parts: ['core', 'electron', 'package-lock.json'] },
};

/** Code that V8 has compiled, beside the programs. */
export const CACHE = 'cache';

const LIST = 'made-of';

/**
 * A line for each file of these parts: path, size, time of change. Another line, another number of lines: something has changed,
 * was removed, or has come, whichever is newer.
 * @param {string} root
 * @param {string[]} parts
 * @returns {string}
 */
export function sourcesOf(root, parts) {
  /** @type {string[]} */
  const lines = [];
  /** @param {string} path */
  const look = (path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    lines.push(`${path} ${size} ${mtimeMs}\n`);
  };
  /** @param {string} folder */
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (!entry.isDirectory()) look(path);
      else if (entry.name !== 'dist') walk(path);
    }
  };
  for (const part of parts) {
    if (statSync(join(root, part)).isDirectory()) walk(part);
    else look(part);
  }
  return lines.sort().join('');
}

/**
 * Whether what is built is made of the sources as they are now.
 * @param {string} root
 * @param {keyof typeof BUILDS} name
 * @returns {boolean}
 */
export function isFresh(root, name) {
  const { folder, parts } = BUILDS[name];
  try {
    return readFileSync(join(root, folder, LIST), 'utf8') === sourcesOf(root, parts);
  } catch {
    return false;
  }
}

/**
 * Notes what was built of which sources: `sources` as they were before.
 * @param {string} root
 * @param {keyof typeof BUILDS} name
 * @param {string} sources
 * @returns {void}
 */
export function noteMadeOf(root, name, sources) {
  writeFileSync(join(root, BUILDS[name].folder, LIST), sources);
}
