import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { Refusal } from '../contract/errors.ts';
import type { ReadCertificate } from '../pki/read-certificate.ts';
import { writeFileDurably } from '../store/files.ts';
import { BadText, type Pieces, linesIn } from '../store/lines.ts';
import { LEDGER_KINDS } from './kinds.ts';
import { type RowText, leafOf } from './row.ts';
import { leafHash } from './tree.ts';

/**
 * Rows `from` to `to` as a file of lines: a header, then each row's leaf hash and leaf. It stands alone: the header has the newest
 * signed checkpoint, and what is needed to reach its root. docs/formats/ledger.md.
 */
export const SLICE_FORMAT = 'claviger-ledger-1';

const headerSchema = z.strictObject({
  format: z.literal(SLICE_FORMAT),
  from: z.int().min(1),
  to: z.int().min(1),
  checkpoint: LEDGER_KINDS['ledger.checkpoint'],
  /** Every ledger key up to the checkpoint's, in order. */
  keys: z.array(LEDGER_KINDS['ledger.key']).min(1),
  /** Hashes of `cover(0, from - 1)` and of `cover(to, size)`, base64. */
  before: z.array(z.base64()),
  after: z.array(z.base64()),
});
export type SliceHeader = z.infer<typeof headerSchema>;

const rowSchema = z.strictObject({
  at: z.string(),
  body: z.unknown(),
  ceremony: z.string().nullable(),
  kind: z.string(),
  seq: z.int(),
});
/** `leafHash`: as the file has it, base64. It is there so that a damaged row is known from its neighbours. */
export type SliceRow = z.infer<typeof rowSchema> & { leaf: string; leafHash: string };

/** 32 bytes in base64, and a space. */
const LEAF_AT = 45;

export type SliceFile = { path: string; mode: number; overwrite: boolean };

/** Writes a slice durably. Answers the file's SHA-256, lower-case hex. OUTPUT_EXISTS and its like. */
export async function writeSlice(
  { path, ...how }: SliceFile,
  header: SliceHeader,
  pages: AsyncIterable<RowText[]>,
): Promise<string> {
  const digest = createHash('sha256');
  async function* counted(): AsyncGenerator<string> {
    for await (const text of lines(header, pages)) {
      digest.update(text);
      yield text;
    }
  }
  await writeFileDurably(path, counted(), how);
  return digest.digest('hex');
}

/** No slice that is encrypted is larger (bytes): a CMS message is made and opened in one piece. */
const SEALED_LIMIT = 128 * 1024 * 1024;

/**
 * The same encrypted to a certificate: CMS AuthEnvelopedData in DER, which `openssl cms -decrypt` opens. Nothing of it is written in the clear. EXPORT_LARGE, OUTPUT_EXISTS
 * and its like.
 */
export async function sealSlice(
  { path, ...how }: SliceFile,
  header: SliceHeader,
  pages: AsyncIterable<RowText[]>,
  recipient: ReadCertificate,
): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const text of lines(header, pages)) {
    const part = Buffer.from(text);
    size += part.length;
    if (size > SEALED_LIMIT) throw new Refusal('EXPORT_LARGE', { limit: SEALED_LIMIT });
    parts.push(part);
  }
  const { envelopData } = await import('../pki/enveloped-data.ts');
  const der = envelopData(Buffer.concat(parts), recipient);
  await writeFileDurably(path, der, how);
  return createHash('sha256').update(der).digest('hex');
}

async function* lines(header: SliceHeader, pages: AsyncIterable<RowText[]>): AsyncGenerator<string> {
  yield `${canonicalize(header) ?? ''}\n`;
  for await (const rows of pages) yield rows.map(lineOf).join('');
}

function lineOf(row: RowText): string {
  const leaf = leafOf(row);
  return `${Buffer.from(leafHash(leaf)).toString('base64')} ${leaf}\n`;
}

export type Slice = {
  header: SliceHeader;
  /** The rows as they stand in the file; nothing of them is verified.  */
  pages: AsyncGenerator<SliceRow[], void>;
  /** Of the whole file, once every page has been read. */
  sha256: () => string;
  close: () => Promise<void>;
};

/** Opens a slice. `bad` makes the refusal for the row, or the header (null), that cannot be read; what the bytes come from refuses by itself. */
export async function openSlice(pieces: Pieces, bad: (seq: number | null, detail: string) => Refusal): Promise<Slice> {
  const file = linesIn(pieces);
  try {
    const firstPage = await nextPage(file.pages, () => bad(null, 'it is not text in UTF-8 that ends with a line feed'));
    const [first = '', ...rest] = firstPage;
    const header = parseHeader(first);
    if (!header) throw bad(null, 'its first line is no header');
    return { header, pages: rowPages(file.pages, header, rest, bad), sha256: file.sha256, close: file.close };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function nextPage(pages: AsyncGenerator<string[], void>, bad: (line: number) => Refusal): Promise<string[]> {
  try {
    const page = await pages.next();
    return page.done === true ? [] : page.value;
  } catch (error) {
    throw error instanceof BadText ? bad(error.line) : error;
  }
}

async function* rowPages(
  pages: AsyncGenerator<string[], void>,
  header: SliceHeader,
  rest: string[],
  bad: (seq: number | null, detail: string) => Refusal,
): AsyncGenerator<SliceRow[], void> {
  let next = header.from;
  for (let lines = rest; ;) {
    const rows: SliceRow[] = [];
    for (const line of lines) {
      const row = parseRow(line);
      // What was read before it is verified first: the first bad row may be among it.
      if (!row) {
        yield rows;
        throw bad(next, 'it cannot be read');
      }
      rows.push(row);
      next += 1;
    }
    if (rows.length > 0) yield rows;
    // Line 1 is the header: line n is row from + n - 2.
    lines = await nextPage(pages, (line) => bad(Math.max(next, header.from + line - 2), 'it is not text in UTF-8'));
    if (lines.length === 0) return;
  }
}

function parseHeader(line: string): SliceHeader | null {
  const parsed = headerSchema.safeParse(parseJson(line));
  return parsed.success && canonicalize(parsed.data) === line ? parsed.data : null;
}

function parseRow(line: string): SliceRow | null {
  const leaf = line.slice(LEAF_AT);
  const parsed = line[LEAF_AT - 1] === ' ' ? rowSchema.safeParse(parseJson(leaf)) : null;
  return parsed?.success ? { ...parsed.data, leaf, leafHash: line.slice(0, LEAF_AT - 1) } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
