import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { readRefusal } from './files.ts';

const CHUNK_BYTES = 1 << 18;
const LINE_FEED = 0x0a;

export type LineFile = {
  /** The lines without their line feeds, some at a time. Throws BadText for bytes that are not UTF-8, or without a last line feed. */
  pages: AsyncGenerator<string[], void>;
  /** Lower-case hex of all bytes, once every page has been read. */
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

/** Bytes, each piece good until the next one is asked for. What they come from is opened with the first, and closed when they end or whoever reads them ends sooner. */
export type Pieces = AsyncGenerator<Uint8Array, void>;

/** The bytes of a file, however large it is. FILE_MISSING, FILE_UNREADABLE. */
export async function* filePieces(path: string): Pieces {
  try {
    // A folder can be opened but not read: it is refused by the first read.
    const file = await open(path, 'r');
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
        if (bytesRead === 0) return;
        yield chunk.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readRefusal(error, path);
  }
}

/** Text, line by line. */
export function linesIn(pieces: Pieces): LineFile {
  const digest = createHash('sha256');
  async function* pages(): AsyncGenerator<string[], void> {
    let rest = Buffer.alloc(0);
    let before = 0;
    for await (const piece of pieces) {
      digest.update(piece);
      const bytes = Buffer.concat([rest, piece]);
      // Whole lines only, so that no character is cut in two.
      const end = bytes.lastIndexOf(LINE_FEED) + 1;
      rest = bytes.subarray(end);
      if (end === 0) continue;
      const lines = linesOf(bytes.subarray(0, end));
      if (lines.good.length > 0) yield lines.good;
      before += lines.good.length;
      if (lines.bad) throw new BadText(before + 1);
    }
    if (rest.length > 0) throw new BadText(before + 1);
  }
  return {
    pages: pages(),
    sha256: () => digest.copy().digest('hex'),
    close: () => pieces.return().then(() => undefined),
  };
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
