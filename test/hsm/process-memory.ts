import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** A place where some bytes stand in the memory of a process. */
export type Sighting = { needle: string; address: string; mapping: string };

/**
 * Reads all memory of another process that it may itself read, and answers where any of `needles` stands. `written`: only what the process
 * may write too, without the gigabyte of code and data that a browser maps.
 * Throws if the kernel does not let us: a scan that saw nothing would prove nothing.
 */
export function scanMemory(
  pid: number,
  needles: Record<string, Uint8Array>,
  written = false,
): { bytesRead: number; found: Sighting[] } {
  const longest = Math.max(...Object.values(needles).map((needle) => needle.length));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.alloc(1 << 22);
  const found: Sighting[] = [];
  let bytesRead = 0;
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n')) {
      const [, from, to, rights = '', name] = /^([0-9a-f]+)-([0-9a-f]+) (r\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
      // The kernel's own pages cannot be read this way.
      if (written && !rights.startsWith('rw')) continue;
      if (!from || !to || name === '[vvar]' || name === '[vsyscall]' || name === '[vvar_vclock]') continue;
      const end = Number.parseInt(to, 16);
      let start = Number.parseInt(from, 16);
      while (start < end) {
        const length = readSome(memory, chunk, Math.min(chunk.length, end - start), start);
        if (length === 0) {
          start += PAGE_BYTES;
          continue;
        }
        bytesRead += length;
        for (const [needle, bytes] of Object.entries(needles)) {
          for (
            let at = chunk.indexOf(bytes);
            at >= 0 && at + bytes.length <= length;
            at = chunk.indexOf(bytes, at + 1)
          ) {
            found.push({ needle, address: (start + at).toString(16), mapping: name || 'anonymous' });
          }
        }
        if (start + length >= end) break;
        start += length > longest ? length - longest : length;
      }
    }
  } finally {
    closeSync(memory);
  }
  return { bytesRead, found };
}

const PAGE_BYTES = 4096;

/** A page that is mapped and not there (freed meanwhile, or past the end of its file) holds nothing: 0. */
function readSome(memory: number, chunk: Buffer, length: number, at: number): number {
  try {
    return readSync(memory, chunk, 0, length, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return 0;
    throw error;
  }
}
