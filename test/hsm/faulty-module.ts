import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SOFTHSM_MODULE } from './softhsm.ts';

export type Fault =
  | 'crash on load'
  | 'crash in C_Sign'
  | 'PIN low'
  | 'PIN final try'
  | 'PIN locked'
  | 'PIN pad'
  | 'PIN pad, last try of the officer'
  | 'lies about extractable'
  | 'lies about decrypt'
  | 'lies about the public key'
  | 'lies about the label'
  | 'drops an attribute'
  | 'keeps what is destroyed'
  | 'full'
  | 'no key in the clear'
  | 'session lost'
  | 'device removed';

/** Compiles faulty-module.c: SoftHSM 2 with one fault. The headers are those that pkcs11js is built with. */
export function compileFaultyModule(): { path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-faulty-'));
  const path = join(folder, 'faulty.so');
  const headers = join(dirname(createRequire(import.meta.url).resolve('pkcs11js')), 'includes', 'pkcs11');
  execFileSync('gcc', [
    ...['-shared', '-fPIC', '-Wall', '-Werror', `-DSOFTHSM="${SOFTHSM_MODULE}"`, `-I${headers}`, '-o', path],
    ...[new URL('faulty-module.c', import.meta.url).pathname, '-ldl'],
  ]);
  return {
    path,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** What the module does wrong from now on, in this process and in those that it starts. */
export function setFault(fault: Fault | null): void {
  if (fault === null) delete process.env['FAULT'];
  else process.env['FAULT'] = fault;
}
