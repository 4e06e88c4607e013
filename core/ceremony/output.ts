import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { writeFileDurably } from '../store/files.ts';

export type FileFact = Extract<Fact, { kind: 'file' }>;

/** The folder that a ceremony leaves its files in. */
export type Output = {
  folder: string;
  /**
   * Writes a file whole and durably, or not at all. The very same content twice is no error (a resumed step); other
   * content is OUTPUT_EXISTS: what a ceremony made is never overwritten.
   */
  write(path: string, bytes: Uint8Array): Promise<FileFact>;
  read(path: string): Uint8Array;
  /** Removes what an attempt without a result left; answers whether there was anything. */
  remove(path: string): boolean;
};

/** Refuses an output folder that cannot become one: OUTPUT_EXISTS, OUTPUT_MISSING, OUTPUT_UNWRITABLE. Makes it, 0700. */
export function makeOutputFolder(folder: string): void {
  const parent = dirname(resolve(folder));
  if (!existsSync(parent)) throw new Refusal('OUTPUT_MISSING', { path: folder });
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)) {
    throw new Refusal('OUTPUT_EXISTS', { path: folder });
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Refusal(code === 'ENOSPC' ? 'OUTPUT_FULL' : 'OUTPUT_UNWRITABLE', { path: folder });
  }
}

export function openOutput(folder: string): Output {
  return {
    folder,
    async write(path, bytes) {
      if (!existsSync(folder)) throw new Refusal('OUTPUT_MISSING', { path: join(folder, path) });
      const target = join(folder, path);
      if (existsSync(target)) {
        if (!readFileSync(target).equals(bytes)) throw new Refusal('OUTPUT_EXISTS', { path: target });
      } else {
        mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
        await writeFileDurably(target, bytes, { mode: 0o600, overwrite: false });
        // Read back: a medium that lies is found while the bytes are still here.
        if (!readFileSync(target).equals(bytes)) throw new Refusal('OUTPUT_UNWRITABLE', { path: target });
      }
      return { kind: 'file', path, sha256: createHash('sha256').update(bytes).digest('hex') };
    },
    read(path) {
      const target = join(folder, path);
      if (!existsSync(target)) throw new Refusal('FILE_MISSING', { path: target });
      return readFileSync(target);
    },
    remove(path) {
      const target = join(folder, path);
      if (!existsSync(target)) return false;
      unlinkSync(target);
      return true;
    },
  };
}
