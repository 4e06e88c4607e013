import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { readRefusal } from './files.ts';

const CHUNK_BYTES = 1 << 18;
const LINE_FEED = 0x0a;

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
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    let before = 0;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) {
        if (rest.length > 0) throw new BadText(before + 1);
        return;
      }
      digest.update(chunk.subarray(0, bytesRead));
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      // Whole lines only, so that no character is cut in two.
      const end = bytes.lastIndexOf(LINE_FEED) + 1;
      rest = bytes.subarray(end);
      if (end === 0) continue;
      const lines = linesOf(bytes.subarray(0, end));
      if (lines.good.length > 0) yield lines.good;
      before += lines.good.length;
      if (lines.bad) throw new BadText(before + 1);
    }
  }
  return { pages: pages(), sha256: () => digest.copy().digest('hex'), close: () => file.close() };
}

/** The lines of some bytes that end with a line feed, up to the first that is not UTF-8. */
function linesOf(bytes: Buffer): { good: string[]; bad: boolean } {
  const text = decoded(bytes);
  if (text !== null) return { good: text.split('\n').slice(0, -1), bad: false };
  const good: string[] = [];
  for (let start = 0; ;) {
    const end = bytes.indexOf(LINE_FEED, start);
    const line = decoded(bytes.subarray(start, end));
    if (line === null) return { good, bad: true };
    good.push(line);
    start = end + 1;
  }
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
