import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { readRefusal } from './files.ts';

const CHUNK_BYTES = 1 << 18;

export type LineFile = {
  /** The lines without their line feeds, some at a time. Throws BadText for bytes that are not UTF-8, or without a last line feed. */
  pages: AsyncGenerator<string[], void>;
  /** Lower-case hex of the whole file, once every page has been read. */
  sha256: () => string;
  close: () => Promise<void>;
};

/** A file is not text of lines. `line`: the first one, from 1, that is not whole. */
export class BadText extends Error {
  readonly line: number;
  constructor(line: number) {
    super('not UTF-8 lines');
    this.line = line;
  }
}

/** Opens a text file to be read line by line, however large it is. FILE_MISSING, FILE_UNREADABLE. */
export async function openLines(path: string): Promise<LineFile> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
    // A folder can be opened but not read.
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    }
  } catch (error) {
    throw readRefusal(error, path);
  }
  const digest = createHash('sha256');
  async function* pages(): AsyncGenerator<string[], void> {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let rest = '';
    let before = 0;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
      const bytes = chunk.subarray(0, bytesRead);
      digest.update(bytes);
      let text: string;
      try {
        text = decoder.decode(bytes, { stream: bytesRead > 0 });
      } catch {
        throw new BadText(before + 1 + linesBeforeBadByte(rest, bytes));
      }
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (bytesRead === 0) {
        if (rest !== '') throw new BadText(before + 1);
        return;
      }
      before += lines.length;
      if (lines.length > 0) yield lines;
    }
  }
  return { pages: pages(), sha256: () => digest.copy().digest('hex'), close: () => file.close() };
}

/** How many whole lines of a chunk come before its first byte that is not UTF-8. */
function linesBeforeBadByte(rest: string, bytes: Buffer): number {
  const lenient = rest + new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const bad = lenient.indexOf('\ufffd');
  return lenient.slice(0, Math.max(bad, 0)).split('\n').length - 1;
}
