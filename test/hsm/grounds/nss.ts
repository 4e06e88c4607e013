import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pkcs11Token } from '../../../core/hsm/pkcs11/pkcs11-token.ts';
import { type Ground, PIN } from './ground.ts';

const MODULE = '/usr/lib/x86_64-linux-gnu/libsoftokn3.so';

/** NSS softokn with a database of its own, which it is told of at C_Initialize. Its first slot keeps no keys. */
export function prepareNss(): Ground {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-nss-'));
  writeFileSync(join(folder, 'pin'), `${PIN}\n`);
  execFileSync('certutil', ['-N', '-d', `sql:${folder}`, '-f', join(folder, 'pin')]);
  const parameters = `configdir='sql:${folder}' certPrefix='' keyPrefix='' secmod='secmod.db' flags= dbTokenDescription='first'`;
  return {
    open: (label) => new Pkcs11Token(MODULE, label, parameters),
    location: { kind: 'pkcs11', module: MODULE, parameters, token: 'first' },
    pin: Buffer.from(PIN),
    securityOfficerPin: null,
    hasSecond: false,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
