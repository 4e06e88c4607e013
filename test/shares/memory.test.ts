import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes, scryptSync } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { openShare } from '../../core/shares/envelope.ts';
import type { ShareSetManifest } from '../../core/shares/manifest.ts';
import { parseShare } from '../../core/shares/share.ts';
import { pick } from './sample-set.ts';

const program = fileURLToPath(new URL('memory-process.ts', import.meta.url));
const interpolate = fileURLToPath(new URL('interpolate_by_hand.py', import.meta.url));
let child: ChildProcess | null = null;
afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
});

/** 32 random bytes below 128: a passphrase of pure ASCII, as far as its form goes. */
function asciiBytes(): Buffer {
  return Buffer.from(randomBytes(32).map((byte) => byte & 127));
}

/** For each byte of the key its polynomial over GF(256), lowest power first, through all the shares. */
function polynomials(points: number[], ys: Buffer[]): number[][] {
  const input = JSON.stringify({ points, ys: ys.map((y) => y.toString('hex')) });
  return JSON.parse(execFileSync('/usr/bin/python3', [interpolate], { input, encoding: 'utf8' })) as number[][];
}

/** How often each pattern stands in the readable, writable memory of a process. */
function occurrences(pid: number, patterns: Buffer[]): number[] {
  const counts = patterns.map(() => 0);
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.alloc(1 << 22);
  const overlap = 64;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    if (from === '') continue;
    const end = BigInt(`0x${to}`);
    for (let at = BigInt(`0x${from}`); at < end; at += BigInt(chunk.length - overlap)) {
      const length = Number(end - at < BigInt(chunk.length) ? end - at : BigInt(chunk.length));
      let read = 0;
      try {
        read = readSync(memory, chunk, 0, length, at);
      } catch {
        // A region that went away between the two reads, or a device.
        continue;
      }
      const seen = chunk.subarray(0, read);
      for (const [index, pattern] of patterns.entries()) {
        if (seen.includes(pattern)) counts[index] = (counts[index] ?? 0) + 1;
      }
    }
  }
  closeSync(memory);
  chunk.fill(0);
  return counts;
}

// Wherever in the work the nursery is collected: as it comes, and at its beginning, its middle and its end.
const LEFT = [1 << 30, 16 << 10, 48 << 10, 96 << 10];
test.each(LEFT)(
  'after split and recovery the process holds no copy of master key, shares, coefficients, derived keys or passphrases (%i bytes of nursery left)',
  async (left) => {
    const masterKey = randomBytes(32);
    const passphrases = Array.from({ length: 8 }, asciiBytes);
    const canary = randomBytes(32);
    const mask = randomBytes(32);
    const masked = [masterKey, ...passphrases, canary].map((secret) =>
      secret.map((byte, index) => byte ^ (mask[index] ?? 0)),
    );

    child = spawn(process.execPath, [program, String(left)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdin, stdout, pid } = child;
    if (!stdin || !stdout || pid === undefined) return expect.fail('no process');
    stdin.write(Buffer.concat([mask, ...masked]));
    const [line] = (await once(createInterface(stdout), 'line')) as [string];
    const { shares } = JSON.parse(line) as { manifest: ShareSetManifest; shares: { x: number; text: string }[] };

    const derived: Buffer[] = [];
    const ys: Buffer[] = [];
    const points: number[] = [];
    for (const [index, { text }] of shares.entries()) {
      const sealed = parseShare(text);
      const [passphrase] = pick(passphrases, index);
      derived.push(scryptSync(passphrase, sealed.salt, 44, { N: 1024, r: 8, p: 1 }).subarray(0, 32));
      ys.push(Buffer.from((await openShare(sealed, passphrase)).subarray(0, 32)));
      points.push(sealed.x);
    }
    const named: [string, Buffer][] = [
      ['master key', masterKey],
      ...ys.map((y, index): [string, Buffer] => [`y ${index}`, y]),
      ...derived.map((key, index): [string, Buffer] => [`derived key ${index}`, key]),
      ...passphrases.map((passphrase, index): [string, Buffer] => [`passphrase ${index}`, passphrase]),
    ];
    // Halves as well: what was half overwritten is no less a residue.
    const halves = named.flatMap(([name, secret]): [string, Buffer][] => [
      [`${name}, first half`, secret.subarray(0, 16)],
      [`${name}, second half`, secret.subarray(16)],
    ]);
    // What the library drew: seven coefficients for each byte of the key. One row in 2^56 would be there by chance.
    const drawn = polynomials(points, ys).map(([intercept = 0, ...coefficients], index): [string, Buffer] => {
      expect(intercept).toBe(masterKey[index]);
      return [`coefficients ${index}`, Buffer.from(coefficients)];
    });
    const sought = [...halves, ...drawn];
    const [found, ...residues] = occurrences(pid, [canary, ...sought.map(([, bytes]) => bytes)]);
    expect(found).toBeGreaterThan(0);
    expect(sought.filter((_, index) => residues[index] !== 0).map(([name]) => name)).toEqual([]);
  },
);
