import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SOFTHSM_MODULE } from './softhsm.ts';

/** A PKCS#11 module of the tests' own over SoftHSM 2, from its source here. The headers are those that pkcs11js is built with. */
export function compileModule(source: 'faulty-module.c' | 'fake-yubihsm.c'): { path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-module-'));
  const path = join(folder, source.replace('.c', '.so'));
  const headers = join(dirname(createRequire(import.meta.url).resolve('pkcs11js')), 'includes', 'pkcs11');
  execFileSync('gcc', [
    ...['-shared', '-fPIC', '-Wall', '-Werror', `-DSOFTHSM="${SOFTHSM_MODULE}"`, `-I${headers}`, '-o', path],
    ...[new URL(source, import.meta.url).pathname, '-ldl'],
  ]);
  return {
    path,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
