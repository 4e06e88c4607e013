import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../cli/claviger.ts';

/** The order of V3, as the kernel saw it: nothing is decrypted before the row that says so is on the disk. */

const PURPOSE = 'reading-under-strace';

/** System calls in the order in which they began or, for a sync, returned. */
function tracedGet(order: 'as it is' | 'late'): string[] {
  const folder = temporaryFolder();
  const trace = join(folder, 'trace');
  execFileSync(
    'strace',
    [
      ...['-f', '-y', '-s', '8192', '-o', trace, '-e', 'trace=fdatasync,fsync,write,pwrite64'],
      ...[process.execPath, join(import.meta.dirname, 'one-get.ts'), folder, PURPOSE, order],
    ],
    { stdio: 'ignore' },
  );
  return readFileSync(trace, 'latin1').split('\n');
}

function orderOf(lines: string[]): { written: number; synced: number; decrypted: number } {
  const written = lines.findIndex((line) => line.includes('claviger.db-wal>') && line.includes(PURPOSE));
  const synced = lines.findIndex(
    (line, index) =>
      // SQLite as it is built here calls fsync, which does what fdatasync does and more.
      index > written && /f(data)?sync.*= 0$/.test(line) && /claviger\.db-wal>|resumed/.test(line),
  );
  const decrypted = lines.findIndex((line) => line.includes('write(2') && line.includes('decryption begins'));
  return { written, synced, decrypted };
}

test('the row of an access is written, and its sync has returned, before the first decryption', () => {
  const { written, synced, decrypted } = orderOf(tracedGet('as it is'));
  expect(written).toBeGreaterThan(0);
  expect(synced).toBeGreaterThan(written);
  expect(decrypted).toBeGreaterThan(synced);
});

test('a vault that would decrypt first is seen', () => {
  const { written, synced, decrypted } = orderOf(tracedGet('late'));
  expect(decrypted).toBeGreaterThan(0);
  expect(written).toBeGreaterThan(decrypted);
  expect(synced).toBeGreaterThan(written);
});
