import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { Pkcs11Token } from '../../../core/hsm/pkcs11/pkcs11-token.ts';
import { type Ground, PIN } from './ground.ts';

const MODULE = '/usr/lib/x86_64-linux-gnu/libopencryptoki.so.0';
/** unshare(2). */
const CLONE_NEWNS = 0x00020000;
const CLONE_NEWIPC = 0x08000000;
/** openCryptoki's tokens come with this one. */
const FACTORY_SECURITY_OFFICER_PIN = '87654321';
const SECURITY_OFFICER_PIN = '44071955';

/**
 * openCryptoki's soft token. Its configuration, its tokens and its daemon are one a machine, so this process first
 * leaves the machine's mounts and shared memory for its own (as root): nothing outside it changes.
 */
export function prepareOpenCryptoki(): Ground {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-opencryptoki-'));
  const unshare = koffi.load(null).func('int unshare(int)') as (flags: number) => number;
  if (unshare(CLONE_NEWNS | CLONE_NEWIPC) !== 0) throw new Error('openCryptoki is tried as root only');
  const run = (program: string, ...words: string[]) =>
    execFileSync(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const copyOver = (path: string, name: string) => {
    run('cp', '-a', path, join(folder, name));
    run('mount', '--bind', join(folder, name), path);
  };
  run('mount', '--make-rprivate', '/');
  copyOver('/etc/opencryptoki', 'etc');
  copyOver('/var/lib/opencryptoki', 'lib');
  run('cp', '-a', '/run/lock/opencryptoki', join(folder, 'lock'));
  run('mount', '-t', 'tmpfs', 'tmpfs', '/run');
  run('mkdir', '/run/lock');
  cpSync(join(folder, 'lock'), '/run/lock/opencryptoki', { recursive: true });
  run('mount', '-t', 'tmpfs', 'tmpfs', '/dev/shm');
  writeFileSync(
    '/etc/opencryptoki/opencryptoki.conf',
    'version opencryptoki-3.1\nslot 0\n{\nstdll = libpkcs11_sw.so\n}\n',
  );
  run('pkcsslotd');
  execFileSync('pkcsconf', ['-I', '-c', '0'], { input: `${FACTORY_SECURITY_OFFICER_PIN}\nfirst\n` });
  run('pkcsconf', '-P', '-c', '0', '-S', FACTORY_SECURITY_OFFICER_PIN, '-n', SECURITY_OFFICER_PIN);
  run('pkcsconf', '-u', '-c', '0', '-S', SECURITY_OFFICER_PIN, '-n', PIN);
  return {
    open: (label) => new Pkcs11Token(MODULE, label),
    location: { kind: 'pkcs11', module: MODULE, token: 'first' },
    pin: Buffer.from(PIN),
    securityOfficerPin: null,
    hasSecond: false,
    remove: () => {
      process.kill(Number(readFileSync('/run/pkcsslotd.pid', 'utf8')));
      // Also while the daemon is still on its way out.
      run('umount', '--lazy', '/etc/opencryptoki', '/var/lib/opencryptoki');
      rmSync(folder, { recursive: true });
    },
  };
}
