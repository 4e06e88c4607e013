import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ErrorCode, Refusal } from '../contract/errors.ts';

const WRITE_REFUSALS: Record<string, ErrorCode> = {
  EEXIST: 'OUTPUT_EXISTS',
  EISDIR: 'OUTPUT_EXISTS',
  ENOTEMPTY: 'OUTPUT_EXISTS',
  ENOENT: 'OUTPUT_MISSING',
  ENOTDIR: 'OUTPUT_MISSING',
  ENOSPC: 'OUTPUT_FULL',
  EDQUOT: 'OUTPUT_FULL',
  EFBIG: 'OUTPUT_FULL',
  EACCES: 'OUTPUT_UNWRITABLE',
  EPERM: 'OUTPUT_UNWRITABLE',
  EROFS: 'OUTPUT_UNWRITABLE',
  EIO: 'OUTPUT_UNWRITABLE',
  ELOOP: 'OUTPUT_UNWRITABLE',
  ENAMETOOLONG: 'OUTPUT_UNWRITABLE',
};

const READ_REFUSALS: Record<string, ErrorCode> = {
  ENOENT: 'FILE_MISSING',
  ENOTDIR: 'FILE_MISSING',
  EACCES: 'FILE_UNREADABLE',
  EPERM: 'FILE_UNREADABLE',
  EISDIR: 'FILE_UNREADABLE',
  EIO: 'FILE_UNREADABLE',
  ELOOP: 'FILE_UNREADABLE',
  ENAMETOOLONG: 'FILE_UNREADABLE',
};

/** File systems without hard links (FAT on a USB stick) answer link(2) with one of these. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** The errno name of a system error, or the empty string. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A failed write as a refusal that names `path`, by errno; any other error as it is. */
export function writeRefusal(error: unknown, path: string): unknown {
  const code = WRITE_REFUSALS[errnoOf(error)];
  return code ? new Refusal(code, { path }) : error;
}

/** A failed read as a refusal that names `path`, by errno; any other error as it is. */
export function readRefusal(error: unknown, path: string): unknown {
  const code = READ_REFUSALS[errnoOf(error)];
  return code ? new Refusal(code, { path }) : error;
}

/** Makes a folder's entries durable (fsync of the folder). Windows has no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file's content, whole or piece by piece. */
export type Content = Uint8Array | AsyncIterable<string>;

/** Writes a new file whole and fsyncs it. Refuses nothing by itself: errors are the system's. */
export async function writeNewFile(path: string, content: Content, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes a file that is there whole or not at all: a temporary sibling, fsync, its name, fsync of the folder.
 * `mode`: permission bits. `overwrite: false` never replaces what is there, not even in a race.
 * OUTPUT_EXISTS, OUTPUT_MISSING (the folder), OUTPUT_FULL, OUTPUT_UNWRITABLE.
 */
export async function writeFileDurably(
  path: string,
  content: Content,
  { mode, overwrite }: { mode: number; overwrite: boolean },
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    if (!overwrite && (await entryAt(path))) throw new Refusal('OUTPUT_EXISTS', { path });
    try {
      await writeNewFile(temporary, content, mode);
      if (overwrite) await rename(temporary, path);
      else await nameWithoutReplacing(temporary, path);
    } finally {
      // Gone already after a rename; otherwise a failed write or the second name of a linked file.
      await unlink(temporary).catch(() => undefined);
    }
    await syncFolder(folder);
  } catch (error) {
    throw writeRefusal(error, path);
  }
}

/** Gives a file its final name. rename(2) would replace an existing file, link(2) fails instead and keeps both names. */
export async function nameWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_HARD_LINKS.includes(errnoOf(error))) throw error;
    if (await entryAt(to)) throw new Refusal('OUTPUT_EXISTS', { path: to });
    await rename(from, to);
  }
}

/** What stands at a path, symbolic links not followed; null if nothing does. */
export async function entryAt(path: string): Promise<Awaited<ReturnType<typeof lstat>> | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * The bytes of a file of at most `limitBytes`, in memory of their own, so that a caller can wipe them.
 * FILE_MISSING, FILE_UNREADABLE, FILE_TOO_LARGE.
 */
export async function readFileOrRefuse(path: string, limitBytes: number): Promise<Uint8Array> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    const stat = await file.stat();
    // One byte more than fits, to see the end of the file or that there is more.
    const buffer = new Uint8Array((stat.isFile() ? Math.min(stat.size, limitBytes) : limitBytes) + 1);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, null);
      if (bytesRead === 0) return buffer.subarray(0, filled);
      filled += bytesRead;
    }
    buffer.fill(0);
    throw new Refusal('FILE_TOO_LARGE', { path, limitBytes });
  } catch (error) {
    throw readRefusal(error, path);
  } finally {
    await file?.close();
  }
}
