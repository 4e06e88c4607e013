import { createReadStream } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import type { EncryptionContext } from '../kms/provider.ts';
import { wipe } from '../process/guarded.ts';
import { readRefusal, syncFolder, writeRefusal } from '../store/files.ts';
import { dirname } from 'node:path';
import type { DataKeys } from './data-keys.ts';
import { type Pieces, openStream, sealStream } from './sealed-file.ts';

/** A file sealed into a new file (0600), through memory of a chunk. FILE_MISSING and its like; OUTPUT_EXISTS and its like. */
export function encryptFile(keys: DataKeys, context: EncryptionContext, from: string, to: string): Promise<void> {
  return writePieces(to, sealStream(keys, context, piecesOf(from)));
}

/** The opposite. What does not open to its end leaves no file. FILE_SEALED_DAMAGED, FILE_SEALED_VERSION, and as above. */
export function decryptFile(keys: DataKeys, context: EncryptionContext, from: string, to: string): Promise<void> {
  return writePieces(to, openStream(keys, context, piecesOf(from)));
}

/** A file's bytes, piece by piece. FILE_MISSING and its like. */
export async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) yield piece;
  } catch (error) {
    throw readRefusal(error, path);
  }
}

/** A new file that is durable and whole when this answers, or is not there. Pieces are wiped once they are written. */
export async function writePieces(path: string, pieces: Pieces): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const piece of pieces) {
        await file.writeFile(piece);
        wipe(piece);
      }
      await file.sync();
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      await file.close();
    }
    await syncFolder(dirname(path));
  } catch (error) {
    throw writeRefusal(error, path);
  }
}
