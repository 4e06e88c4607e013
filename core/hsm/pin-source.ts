import { closeSync, fstatSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { Refusal } from '../contract/errors.ts';
import { guarded, guardedCopy, wipe } from '../process/guarded.ts';
import { SECRET_LIMIT } from '../process/secret-channel.ts';

const readChunk = promisify(read);

/** Where a PIN comes from; never the command line, and never the token file itself. `pad`: typed at the token. */
export type PinSource = 'prompt' | 'pad' | PinParts | { file: string } | { fd: number };
/** Typed in parts, each by another person: nobody alone can log in. */
export type PinParts = { parts: number };

/** PIN_SOURCE unless the file is there and its owner alone may read it. `pin` says which PIN. */
export function checkPinFile(source: PinSource, pin: string): void {
  if (typeof source === 'object' && 'file' in source) closeSync(openPinFile(source.file, pin));
}

/**
 * The PIN of a file or file descriptor, without one trailing newline, in guarded memory: the caller wipes it.
 * A descriptor is read to its end, and so gives its PIN once. PIN_SOURCE.
 */
export async function readPinSource(source: Exclude<PinSource, string | PinParts>, pin = 'PIN'): Promise<Uint8Array> {
  if ('fd' in source) return readAll(source.fd, pin, `fd ${source.fd}`);
  const handle = openPinFile(source.file, pin);
  try {
    return await readAll(handle, pin, source.file);
  } finally {
    closeSync(handle);
  }
}

/** Opened first and looked at then, so that what is checked is what is read. */
function openPinFile(path: string, pin: string): number {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    throw new Refusal('PIN_SOURCE', { pin, source: path });
  }
  const mode = fstatSync(handle).mode & 0o777;
  if ((mode & 0o077) === 0) return handle;
  closeSync(handle);
  throw new Refusal('PIN_SOURCE', { pin, source: `${path} (mode ${mode.toString(8)}: others may read it)` });
}

async function readAll(handle: number, pin: string, source: string): Promise<Uint8Array> {
  // One byte more than a PIN may have, and one for the newline.
  const buffer = guarded(SECRET_LIMIT + 2);
  try {
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await readChunk(handle, buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > 0 && buffer[length - 1] === 0x0a) length -= 1;
    if (length === 0 || length > SECRET_LIMIT) throw new Refusal('PIN_SOURCE', { pin, source });
    return guardedCopy(buffer.subarray(0, length));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('PIN_SOURCE', { pin, source });
  } finally {
    wipe(buffer);
  }
}
