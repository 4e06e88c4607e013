import { existsSync, readFileSync, readdirSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** TMPFS_MAGIC of statfs(2). */
const TMPFS = 0x01021994;

/** How what lies at a path is kept from whoever takes the disk. */
export type AtRest = 'encrypted' | 'in memory' | 'plain' | 'unknown';

/** Linux only: dm-crypt below the file system, or a file system in memory. */
export function atRest(path: string, sys = '/sys'): AtRest {
  if (process.platform !== 'linux') return 'unknown';
  if (statfsSync(path).type === TMPFS) return 'in memory';
  const device = statSync(path, { bigint: true }).dev;
  return isEncrypted(deviceNumber(device), sys);
}

/** `device`: MAJOR:MINOR of a block device. A logical volume on an encrypted partition counts: its parts are looked at. */
export function isEncrypted(device: string, sys: string): AtRest {
  const folder = join(sys, 'dev/block', device);
  if (!existsSync(folder)) return 'unknown';
  const uuid = join(folder, 'dm/uuid');
  if (existsSync(uuid) && readFileSync(uuid, 'utf8').startsWith('CRYPT-')) return 'encrypted';
  const slaves = join(folder, 'slaves');
  const below = existsSync(slaves) ? readdirSync(slaves) : [];
  if (below.length === 0) return 'plain';
  const states = below.map((name) => isEncrypted(readFileSync(join(slaves, name, 'dev'), 'utf8').trim(), sys));
  return states.find((state) => state !== 'encrypted') ?? 'encrypted';
}

/** Whether two paths lie on the same file system: then they are no two media. */
export function sameDevice(one: string, other: string): boolean {
  return statSync(one).dev === statSync(other).dev;
}

/** glibc's major(3) and minor(3). */
function deviceNumber(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}
