import { existsSync, mkdirSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { readFileOrRefuse, writeFileDurably, writeRefusal } from '../store/files.ts';

export type FileFact = Extract<Fact, { kind: 'file' }>;

/** The folder that a ceremony leaves its files in. */
export type Output = {
  folder: string;
  exists(path: string): boolean;
  /** Writes a new file whole and durably, or not at all, and reads it back. OUTPUT_EXISTS and the like. */
  write(path: string, bytes: Uint8Array): Promise<FileFact>;
  /** FILE_MISSING, FILE_UNREADABLE. */
  read(path: string): Promise<Uint8Array>;
  /** Removes what an attempt without a result left, half-written files included; answers whether there was anything. */
  remove(path: string): boolean;
};

/** No file of a ceremony is larger (bytes). */
const FILE_LIMIT = 16 * 1024 * 1024;

/** Refuses an output folder that cannot become one: OUTPUT_EXISTS, OUTPUT_MISSING, OUTPUT_UNWRITABLE. Makes it, 0700. */
export function makeOutputFolder(folder: string): void {
  const parent = dirname(resolve(folder));
  if (!existsSync(parent)) throw new Refusal('OUTPUT_MISSING', { path: folder });
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)) {
    throw new Refusal('OUTPUT_EXISTS', { path: folder });
  }
  orRefuse(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
}

export function openOutput(folder: string): Output {
  return {
    folder,
    exists: (path) => existsSync(join(folder, path)),
    async write(path, bytes) {
      const target = join(folder, path);
      if (!existsSync(folder)) throw new Refusal('OUTPUT_MISSING', { path: target });
      orRefuse(target, () => mkdirSync(dirname(target), { recursive: true, mode: 0o700 }));
      await writeFileDurably(target, bytes, { mode: 0o600, overwrite: false });
      // A medium that lies is found while the bytes are still here.
      const written = await readFileOrRefuse(target, bytes.length);
      if (!Buffer.from(written).equals(bytes)) throw new Refusal('OUTPUT_UNWRITABLE', { path: target });
      return { kind: 'file', path, sha256: createHash('sha256').update(bytes).digest('hex') };
    },
    read: (path) => readFileOrRefuse(join(folder, path), FILE_LIMIT),
    remove(path) {
      const target = join(folder, path);
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
    },
  };
}

/** Does something to the medium; its errors are refusals that name the path. */
function orRefuse<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeRefusal(error, path);
  }
}
