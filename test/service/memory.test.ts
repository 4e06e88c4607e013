import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scanMemory } from '../hsm/process-memory.ts';
import { beginCheaply, give, walkTo } from './core.ts';

test('a PIN passes through core without a trace, and rests once in the token process', async () => {
  const { core, view: begun } = await beginCheaply();
  const view = await walkTo(core, begun, 'token');
  const pin = 'canary-58204-training-pin';
  expect(await give(core, view, 'main-pin', pin)).toBeNull();
  const [child] = execFileSync('pgrep', ['-P', String(core.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const needles = { pin: new TextEncoder().encode(pin) };
  const inCore = scanMemory(core.pid ?? 0, needles);
  expect(inCore.bytesRead).toBeGreaterThan(10_000_000);
  expect(inCore.found).toEqual([]);
  // It waits there, in guarded memory, for the login that names it: the scan does see what is there.
  expect(scanMemory(Number(child), needles).found).toHaveLength(1);
});

test('core is shut from its start: no core dump and no new privileges', async () => {
  const { core } = await beginCheaply();
  const proc = `/proc/${core.pid}`;
  expect(readFileSync(`${proc}/status`, 'utf8')).toMatch(/^NoNewPrivs:\s*1$/m);
  expect(readFileSync(`${proc}/limits`, 'utf8')).toMatch(/^Max core file size\s+0\s+0\s/m);
});
