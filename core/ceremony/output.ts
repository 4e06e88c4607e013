import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { errnoOf, readFileOrRefuse, writeFileDurably, writeRefusal } from '../store/files.ts';

export type FileFact = Extract<Fact, { kind: 'file' }>;

/** The folders that a ceremony leaves its files in: one, or one on each of two media with the same content. */
export type Output = {
  /** The first folder, which files are read from. */
  folder: string;
  /** In either folder. OUTPUT_MISSING, OUTPUT_OTHER. */
  exists(path: string): boolean;
  /**
   * Writes a new file whole and durably, or not at all, to each folder in turn, and reads each back. OUTPUT_EXISTS and
   * the like, OUTPUT_OTHER, OUTPUT_DIFFERS. What it refuses may be in one folder and not in the other: the runner removes both.
   */
  write(path: string, bytes: Uint8Array): Promise<FileFact>;
  /** FILE_MISSING, FILE_UNREADABLE. */
  read(path: string): Promise<Uint8Array>;
  /**
   * Removes from both what an attempt without a result left, half-written files too; answers whether there was anything. Nothing
   * is removed while a medium is away, for nobody could say what is left on it. OUTPUT_MISSING, OUTPUT_OTHER.
   */
  remove(path: string): boolean;
};

/** No file of a ceremony is larger (bytes). */
const FILE_LIMIT = 16 * 1024 * 1024;

/** Stands in each folder and holds the ceremony's id: a bare mount point, or another stick, does not pass for the medium. */
const MARKER = '.claviger-ceremony';

/** Whether a folder holds nothing: a marker alone is of a ceremony that has left nothing in it, or that never began. */
export function isFree(folder: string): boolean {
  return readdirSync(folder).every((name) => isTraceOf(MARKER, name));
}

/** Whether a folder is there and is this ceremony's. */
export function isFolderOf(ceremony: string, folder: string): boolean {
  return ceremonyAt(folder) === ceremony;
}

/**
 * Refuses folders that cannot become a ceremony's: OUTPUT_EXISTS, OUTPUT_MISSING, OUTPUT_UNWRITABLE. Makes them, 0700, and marks
 * them as its own.
 */
export async function makeOutputFolders(ceremony: string, out: string, copy: string | null): Promise<void> {
  const folders = copy === null ? [out] : [out, copy];
  if (copy !== null && resolve(out) === resolve(copy)) throw new Refusal('OUTPUT_EXISTS', { path: copy });
  for (const folder of folders) {
    if (!existsSync(dirname(resolve(folder)))) throw new Refusal('OUTPUT_MISSING', { path: folder });
    if (existsSync(folder) && (!statSync(folder).isDirectory() || !isFree(folder))) {
      throw new Refusal('OUTPUT_EXISTS', { path: folder });
    }
  }
  for (const folder of folders) {
    orRefuse(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
    const marker = join(folder, MARKER);
    removeTraces(marker);
    await writeFileDurably(marker, new TextEncoder().encode(`${ceremony}\n`), { mode: 0o600, overwrite: false });
  }
}

export function openOutput(ceremony: string, folder: string, copy: string | null): Output {
  const folders = copy === null ? [folder] : [folder, copy];
  // A medium that was pulled is seen before anything is done to the other.
  const demandAll = (path: string) => {
    for (const each of folders) {
      const found = ceremonyAt(each);
      if (found === null) throw new Refusal('OUTPUT_MISSING', { path: join(each, path) });
      if (found !== ceremony) throw new Refusal('OUTPUT_OTHER', { path: join(each, path) });
    }
  };
  return {
    folder,
    exists: (path) => {
      demandAll(path);
      return folders.some((each) => existsSync(join(each, path)));
    },
    async write(path, bytes) {
      demandAll(path);
      for (const each of folders) await writeAndReadBack(join(each, path), bytes);
      return { kind: 'file', path, sha256: createHash('sha256').update(bytes).digest('hex') };
    },
    read: (path) => readFileOrRefuse(join(folder, path), FILE_LIMIT),
    remove: (path) => {
      demandAll(path);
      return folders.map((each) => removeTraces(join(each, path))).includes(true);
    },
  };
}

/** The ceremony whose folder this is; null where none is. OUTPUT_UNWRITABLE. */
function ceremonyAt(folder: string): string | null {
  const path = join(folder, MARKER);
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return null;
    throw writeRefusal(error, path);
  }
}

/** A medium that lies is found while the bytes are still here. */
async function writeAndReadBack(target: string, bytes: Uint8Array): Promise<void> {
  orRefuse(target, () => mkdirSync(dirname(target), { recursive: true, mode: 0o700 }));
  await writeFileDurably(target, bytes, { mode: 0o600, overwrite: false });
  const written = await readFileOrRefuse(target, Math.max(bytes.length, 1));
  if (!Buffer.from(written).equals(bytes)) throw new Refusal('OUTPUT_DIFFERS', { path: target });
}

function removeTraces(target: string): boolean {
  const within = dirname(target);
  if (!existsSync(within)) return false;
  return orRefuse(target, () => {
    const name = basename(target);
    const left = readdirSync(within).filter((found) => isTraceOf(name, found));
    for (const found of left) unlinkSync(join(within, found));
    return left.length > 0;
  });
}

/** Whether `found` is the file of that name, or a half-written one (store/files.ts). */
function isTraceOf(name: string, found: string): boolean {
  return found === name || (found.startsWith(`.${name}.`) && found.endsWith('.tmp'));
}

/** Does something to the medium; its errors are refusals that name the path. */
function orRefuse<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeRefusal(error, path);
  }
}
