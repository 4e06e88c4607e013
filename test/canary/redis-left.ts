import { appendFileSync, closeSync, cpSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { LocalKms } from '../../core/kms/local.ts';
import { wrappedKeyId } from '../../core/kms/wrapped-key.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import type { RedisServer } from '../vault/redis-server.ts';
import type { Canary } from './forms.ts';

/** The words of a Redis that writes everything down: each command, and a dump that is not compressed, in a folder. */
export const writing = (folder: string) => [
  ...['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always', '--rdbcompression', 'no'],
];

/** Its dump, its log of commands, and its memory, all as they are now, for whoever looks at files: in `to`. */
export async function keepRedis(redis: RedisServer, folder: string, to: string): Promise<void> {
  await redis.as((client) => client.sendCommand(['SAVE']));
  cpSync(folder, to, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  keepMemory(redis.pid, join(to, 'memory'));
}

/** The key under which a vault's values lie there, opened by whichever of its KEKs it is under; by then it may be one that is gone. */
export async function cacheKeyIn(redis: RedisServer, keks: Canary[]): Promise<Canary> {
  return redis.as(async (client) => {
    const [place = ''] = (await client.keys('claviger:*:key')).map(String);
    const wrapped = await client.get(place);
    const context = { use: 'cache', vault: place.slice('claviger:'.length, -':key'.length) };
    for (const { name, bytes } of keks) {
      const keyId = name.slice('KEK '.length);
      if (!wrapped || wrappedKeyId(wrapped) !== keyId) continue;
      const opened = await new LocalKms(keyId, guardedCopy(bytes)).decrypt(wrapped, context);
      return { kind: 'key', name: 'key of the cache', bytes: Uint8Array.from(opened) };
    }
    throw new Error('no KEK opens the key of the cache');
  });
}

const PAGE_BYTES = 4096;

/** What a process may write, without pages of zeros. */
function keepMemory(pid: number, path: string): void {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const page = Buffer.alloc(PAGE_BYTES);
  const zeros = Buffer.alloc(PAGE_BYTES);
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    const pages: Buffer[] = [];
    for (let at = Number.parseInt(from, 16); at < Number.parseInt(to, 16); at += PAGE_BYTES) {
      if (readSync(memory, page, 0, PAGE_BYTES, at) === PAGE_BYTES && !page.equals(zeros))
        pages.push(Buffer.from(page));
    }
    appendFileSync(path, Buffer.concat(pages));
  }
  closeSync(memory);
}
