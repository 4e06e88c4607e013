import canonicalize from 'canonicalize';
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../contract/errors.ts';
import type { EncryptionContext } from '../kms/provider.ts';
import { TAG_BYTES, openBytes, sealWith } from '../process/aes-gcm.ts';
import { wipe } from '../process/guarded.ts';
import type { DataKeys } from './data-keys.ts';
import { jsonOf } from './json.ts';

/**
 * A file of any length under a data key of its own: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM, in chunks that say their place and
 * which of them is the last. docs/formats/sealed-file.md.
 */

const MAGIC = Buffer.from('CLVS');
const VERSION = 1;
const CHUNK_BYTES = 65_536;
const PREFIX_BYTES = 7;
const FIXED_BYTES = MAGIC.length + 1 + 2 + 2;
/** Chunks of one file: the counter has 32 bits. */
const CHUNKS = 2 ** 32;

const contextSchema = z.record(z.string(), z.string());

export type Pieces = AsyncIterable<Uint8Array>;

/** What stands before the chunks, in the clear; each chunk is bound to it. */
export type SealedHead = { context: EncryptionContext; wrapped: Uint8Array; prefix: Uint8Array; bytes: Uint8Array };

/** The file in pieces: its head, then chunks. Whoever gives the plain pieces wipes them. */
export async function* sealStream(
  keys: DataKeys,
  context: EncryptionContext,
  plain: Pieces,
): AsyncGenerator<Uint8Array> {
  const { plaintext: key, ciphertext: wrapped } = await keys.generateDataKey(context);
  try {
    const head = headOf(context, wrapped, randomBytes(PREFIX_BYTES));
    const bound = digestOf(head);
    yield head.bytes;
    let counter = 0;
    for await (const { chunk, last } of chunksOf(plain, CHUNK_BYTES)) {
      if (counter >= CHUNKS) throw new Refusal('INPUT_INVALID', { detail: 'no file is longer than 256 TiB' });
      const { ciphertext, tag } = sealWith(key, nonceOf(head.prefix, counter++, last), chunk, bound);
      wipe(chunk);
      yield Buffer.concat([ciphertext, tag]);
    }
  } finally {
    wipe(key);
  }
}

/**
 * The plain pieces, each authentic as it comes, in memory that whoever takes them wipes. That the file is whole is known when the last of them has come: until then
 * nothing of it counts. FILE_SEALED_DAMAGED; what the keys refuse. `context`: what it is to say; null takes what it says.
 */
export async function* openStream(
  keys: DataKeys,
  context: EncryptionContext | null,
  sealed: Pieces,
): AsyncGenerator<Uint8Array> {
  const reader = new Reader(sealed);
  const head = await readHead(reader);
  if (context && canonicalize(context) !== canonicalize(head.context)) throw damaged('it is about something else');
  const key = await keys.decrypt(head.wrapped, head.context);
  try {
    if (key.length !== 32) throw damaged('its key has another length');
    const bound = digestOf(head);
    let counter = 0;
    for await (const { chunk, last } of chunksOf(reader.rest(), CHUNK_BYTES + TAG_BYTES)) {
      const end = chunk.length - TAG_BYTES;
      // Nothing is an empty last chunk, of an empty file alone.
      if (end < 0 || (end === 0 && counter > 0)) throw damaged('it ends too early');
      const parts = {
        iv: nonceOf(head.prefix, counter, last),
        ciphertext: chunk.subarray(0, end),
        tag: chunk.subarray(end),
      };
      const plain = openBytes(key, parts, bound);
      if (!plain) throw damaged(`chunk ${counter} does not open there`);
      counter += 1;
      yield plain;
    }
  } finally {
    wipe(key);
  }
}

/** The head of a sealed file. FILE_SEALED_DAMAGED, FILE_SEALED_VERSION. */
export async function headOfFile(sealed: Pieces): Promise<SealedHead> {
  return readHead(new Reader(sealed));
}

function headOf(context: EncryptionContext, wrapped: Uint8Array, prefix: Uint8Array): SealedHead {
  const text = Buffer.from(canonicalize(context) ?? '');
  const lengths = Buffer.alloc(4);
  lengths.writeUInt16BE(text.length, 0);
  lengths.writeUInt16BE(wrapped.length, 2);
  return {
    context,
    wrapped,
    prefix,
    bytes: Buffer.concat([MAGIC, Buffer.of(VERSION), lengths, text, wrapped, prefix]),
  };
}

async function readHead(reader: Reader): Promise<SealedHead> {
  const fixed = await reader.take(FIXED_BYTES);
  if (!fixed.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged('it is no sealed file');
  const version = fixed[MAGIC.length] ?? 0;
  if (version !== VERSION) throw new Refusal('FILE_SEALED_VERSION', { version });
  const text = await reader.take(fixed.readUInt16BE(MAGIC.length + 1));
  const wrapped = await reader.take(fixed.readUInt16BE(MAGIC.length + 3));
  const prefix = await reader.take(PREFIX_BYTES);
  const context = contextSchema.safeParse(jsonOf(text));
  if (!context.success || canonicalize(context.data) !== text.toString())
    throw damaged('its context is no canonical JSON');
  return headOf(context.data, wrapped, prefix);
}

/** nonce = prefix 7 || counter 4 || last 1: no two chunks of a file have the same. */
function nonceOf(prefix: Uint8Array, counter: number, last: boolean): Uint8Array {
  const nonce = Buffer.alloc(PREFIX_BYTES + 5);
  nonce.set(prefix);
  nonce.writeUInt32BE(counter, PREFIX_BYTES);
  nonce[PREFIX_BYTES + 4] = last ? 1 : 0;
  return nonce;
}

function digestOf({ bytes }: SealedHead): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** Pieces of any length as chunks of one; the last has what is left, and an empty stream is one empty chunk. */
async function* chunksOf(pieces: Pieces, size: number): AsyncGenerator<{ chunk: Buffer; last: boolean }> {
  let chunk = Buffer.alloc(size);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      if (filled === size) {
        yield { chunk, last: false };
        [chunk, filled] = [Buffer.alloc(size), 0];
      }
      const part = piece.subarray(at, at + size - filled);
      chunk.set(part, filled);
      [at, filled] = [at + part.length, filled + part.length];
    }
  }
  yield { chunk: chunk.subarray(0, filled), last: true };
}

class Reader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array(0);

  constructor(pieces: Pieces) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let wanted = count; wanted > 0;) {
      if (this.#left.length === 0) {
        const next = await this.#pieces.next();
        if (next.done) throw damaged('it ends too early');
        this.#left = next.value;
        continue;
      }
      const part = this.#left.subarray(0, wanted);
      parts.push(part);
      this.#left = this.#left.subarray(part.length);
      wanted -= part.length;
    }
    return Buffer.concat(parts);
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    yield this.#left;
    for (let next = await this.#pieces.next(); !next.done; next = await this.#pieces.next()) yield next.value;
  }
}

function damaged(detail: string): Refusal {
  return new Refusal('FILE_SEALED_DAMAGED', { detail });
}
