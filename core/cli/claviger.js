#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary } from '../process/node-binary.js';

// Claviger runs on Node 24. An older Node that was asked to run it starts that one instead.
const main = join(import.meta.dirname, 'main.ts');
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
 * The descriptors that the caller opened for us (a PIN may come on one): those that are not marked to be closed in a
 * new program, as all of Node's own are. What stands between them is left closed.
 * @returns {(number | 'ignore')[]}
 */
function givenDescriptors() {
  if (process.platform !== 'linux') return [];
  const closeOnExec = 0o2000000;
  const given = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && isOpen(descriptor));
  const last = Math.max(2, ...given);
  return Array.from({ length: last - 2 }, (_, index) => (given.includes(index + 3) ? index + 3 : 'ignore'));

  /** @param {number} descriptor */
  function isOpen(descriptor) {
    try {
      const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1] ?? '0';
      return (parseInt(flags, 8) & closeOnExec) === 0;
    } catch {
      return false;
    }
  }
}
