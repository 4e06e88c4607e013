#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { nodeBinary } from '../process/node-binary.js';

// Claviger runs on Node 24. An older Node that was asked to run it starts that one instead.
const main = join(import.meta.dirname, 'main.ts');
const binary = nodeBinary();
if (binary === process.execPath) {
  await import(main);
} else {
  const { status, signal } = spawnSync(binary, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (signal) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
}
