import { existsSync, mkdirSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { readFileOrRefuse, writeFileDurably, writeRefusal } from '../store/files.ts';

export type FileFact = Extract<Fact, { kind: 'file' }>;

/** The folders that a ceremony leaves its files in: one, or one on each of two media with the same content. */
export type Output = {
  /** The first folder, which files are read from. */
  folder: string;
  /** In either folder. */
  exists(path: string): boolean;
  /**
   * Writes a new file whole and durably, or not at all, to each folder in turn, and reads each back. OUTPUT_EXISTS and
   * the like, OUTPUT_DIFFERS. What it refuses may be in one folder and not in the other: the runner removes both.
   */
  write(path: string, bytes: Uint8Array): Promise<FileFact>;
  /** FILE_MISSING, FILE_UNREADABLE. */
  read(path: string): Promise<Uint8Array>;
  /** Removes from both what an attempt without a result left, half-written files too; answers whether there was anything. */
  remove(path: string): boolean;
};

/** No file of a ceremony is larger (bytes). */
const FILE_LIMIT = 16 * 1024 * 1024;

/** Refuses folders that cannot become a ceremony's: OUTPUT_EXISTS, OUTPUT_MISSING, OUTPUT_UNWRITABLE. Makes them, 0700. */
export function makeOutputFolders(out: string, copy: string | null): void {
  const folders = copy === null ? [out] : [out, copy];
  if (copy !== null && resolve(out) === resolve(copy)) throw new Refusal('OUTPUT_EXISTS', { path: copy });
  for (const folder of folders) {
    if (!existsSync(dirname(resolve(folder)))) throw new Refusal('OUTPUT_MISSING', { path: folder });
    if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)) {
      throw new Refusal('OUTPUT_EXISTS', { path: folder });
    }
  }
  for (const folder of folders) orRefuse(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
}

export function openOutput(folder: string, copy: string | null): Output {
  const folders = copy === null ? [folder] : [folder, copy];
  return {
    folder,
    exists: (path) => folders.some((each) => existsSync(join(each, path))),
    async write(path, bytes) {
      // A medium that was pulled is seen before anything is written to the other.
      const gone = folders.find((each) => !existsSync(each));
      if (gone !== undefined) throw new Refusal('OUTPUT_MISSING', { path: join(gone, path) });
      for (const each of folders) await writeAndReadBack(join(each, path), bytes);
      return { kind: 'file', path, sha256: createHash('sha256').update(bytes).digest('hex') };
    },
    read: (path) => readFileOrRefuse(join(folder, path), FILE_LIMIT),
    remove: (path) => folders.map((each) => removeTraces(join(each, path))).includes(true),
  };
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
    const left = readdirSync(within).filter(
      (found) => found === name || (found.startsWith(`.${name}.`) && found.endsWith('.tmp')),
    );
    for (const found of left) unlinkSync(join(within, found));
    return left.length > 0;
  });
}

/** Does something to the medium; its errors are refusals that name the path. */
function orRefuse<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeRefusal(error, path);
  }
}
