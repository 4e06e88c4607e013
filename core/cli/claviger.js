#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BUILDS, isFresh } from '../process/made-of.js';
import { nodeBinary } from '../process/node-binary.js';

// Claviger runs on Node 24. An older Node that was asked to run it starts that one instead. What is built starts in a third of the time; what is older than its sources is left alone.
const root = join(import.meta.dirname, '../..');
const built = isFresh(root, 'programs');
const main = built ? join(root, BUILDS.programs.folder, 'cli.js') : join(import.meta.dirname, 'main.ts');
const binary = nodeBinary();
if (binary === process.execPath) {
  await import(main);
} else {
  const stdio = [0, 1, 2, ...givenDescriptors()];
  const { status, signal } = spawnSync(binary, [main, ...process.argv.slice(2)], { stdio });
  if (signal) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
}

/**
 * The descriptors that the caller may have opened for us (a PIN may come on one), handed on under their numbers: files,
 * pipes and sockets. Node marks every descriptor as its own when it starts, so that some of its pipes go along; nobody
 * reads them there.
 * @returns {(number | 'ignore')[]}
 */
function givenDescriptors() {
  if (process.platform !== 'linux') return [];
  const given = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && descriptor < 64 && isData(descriptor));
  const last = Math.max(2, ...given);
  return Array.from({ length: last - 2 }, (_, index) => (given.includes(index + 3) ? index + 3 : 'ignore'));

  /** @param {number} descriptor */
  function isData(descriptor) {
    try {
      return !readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('anon_inode:');
    } catch {
      return false;
    }
  }
}
