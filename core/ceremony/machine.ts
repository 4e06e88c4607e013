import { createCipheriv, createHash, hkdfSync } from 'node:crypto';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import type { Fact } from '../contract/ceremony.ts';
import { guarded, wipe } from '../process/guarded.ts';

type Check = Extract<Fact, { kind: 'check' }>;

/** Room that a ceremony needs, with plenty to spare (MB). */
const STORE_MEGABYTES = 200;
const OUTPUT_MEGABYTES = 16;

/** What a ceremony wants of its machine, each a go, a warning or a no-go. What is only a warning in training stops a live one. */
export function inspectMachine(machine: { live: boolean; data: string; out: string; now: Date }): Promise<Check[]> {
  const strict = machine.live ? 'no-go' : 'warning';
  const check = (label: string, fine: boolean, otherwise: Check['verdict'], good: string, bad: string): Check => ({
    kind: 'check',
    label,
    verdict: fine ? 'go' : otherwise,
    detail: fine ? good : bad,
  });
  const linux = process.platform === 'linux';
  const status = linux ? readFileSync('/proc/self/status', 'utf8') : '';
  const noNewPrivileges = /^NoNewPrivs:\s*1$/m.test(status);
  const coreLimit = linux
    ? /^Max core file size\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    : undefined;
  const swaps = linux ? readFileSync('/proc/swaps', 'utf8').trim().split('\n').length - 1 : 0;
  const online = Object.entries(networkInterfaces())
    .filter(([, addresses]) => addresses?.some(({ internal }) => !internal))
    .map(([name]) => name);
  const free = (path: string) => {
    try {
      const { bavail, bsize } = statfsSync(existsSync(path) ? path : dirname(path));
      return (bavail * bsize) / 1_000_000;
    } catch {
      // The medium is not there.
      return 0;
    }
  };
  return Promise.resolve([
    check('Operating system', linux, strict, 'Linux', `${process.platform} locks no memory`),
    check(
      'Core dumps and tracing',
      noNewPrivileges && coreLimit === '0',
      strict,
      'off, and no new privileges',
      'not switched off',
    ),
    check('Memory for secrets', memoryLocks(status), strict, 'locked', 'cannot be locked: raise the memlock limit'),
    check('Swap', linux && swaps === 0, 'warning', 'none', linux ? `${swaps} in use` : 'not known here'),
    check('Network', online.length === 0, 'warning', 'no interface is up', `up: ${online.join(', ')}`),
    check('User', process.getuid?.() !== 0, 'warning', 'not root', 'running as root'),
    check(
      'Room for the store',
      free(machine.data) > STORE_MEGABYTES,
      'no-go',
      'enough',
      `less than ${STORE_MEGABYTES} MB`,
    ),
    check(
      'Room for the output',
      free(machine.out) > OUTPUT_MEGABYTES,
      'no-go',
      'enough',
      `less than ${OUTPUT_MEGABYTES} MB`,
    ),
    check('Cryptography', cryptographyAnswers(), 'no-go', 'known answers match', 'a known answer differs'),
    {
      kind: 'check',
      label: 'Clock',
      verdict: 'go',
      detail: `${machine.now.toISOString().slice(0, 16).replace('T', ' ')} UTC: compare it with a clock in the room`,
    },
  ]);
}

/** Takes a guarded page and looks whether the kernel counts it as locked: past the limit sodium_malloc succeeds unlocked. */
function memoryLocks(status: string): boolean {
  if (status === '') return false;
  const locked = (text: string) => Number(/^VmLck:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  const page = guarded(4096);
  page.fill(1);
  const after = readFileSync('/proc/self/status', 'utf8');
  const grew = locked(after) > locked(status);
  wipe(page);
  return grew;
}

/** Known answers of the primitives that core itself uses. */
function cryptographyAnswers(): boolean {
  // FIPS 180-4, "abc".
  const sha256 = createHash('sha256').update('abc').digest('hex');
  // The GCM specification, test case 14: AES-256, key, nonce and plaintext of zeros.
  const gcm = createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
  const ciphertext = Buffer.concat([gcm.update(Buffer.alloc(16)), gcm.final()]).toString('hex');
  // RFC 5869 A.1.
  const key = Buffer.from(
    hkdfSync(
      'sha256',
      Buffer.alloc(22, 0x0b),
      Buffer.from('000102030405060708090a0b0c', 'hex'),
      Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'),
      42,
    ),
  );
  return (
    sha256 === 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' &&
    ciphertext === 'cea7403d4d606b6e074ec5d3baf39d18' &&
    gcm.getAuthTag().toString('hex') === 'd0d1c8a799996bf0265b98b5d48ab919' &&
    key.toString('hex').startsWith('3cb25f25faacd57a90434f64d0362f2a')
  );
}
