import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { writeDurably } from './durable-file.ts';
import { seal, sealed, unseal } from './sealed.ts';

/** Data at rest: a file for each label, bound to the token and encrypted under the PIN's key, so that it cannot be altered. */
const dataFile = z.strictObject({ header: z.strictObject({ token: z.string(), label: z.string() }), value: sealed });
type DataFile = z.infer<typeof dataFile>;

/** What the token keeps data under. STORE_DAMAGED. */
export function dataLabels(folder: string, serial: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^data-[0-9a-f]{32}\.json$/.test(name))
    .sort()
    .map((name) => parseDataFile(join(folder, name), serial).header.label);
}

/** Null if there is none. STORE_DAMAGED. */
export function readDataFile(folder: string, serial: string, pinKey: Uint8Array, label: string): Uint8Array | null {
  const path = pathOf(folder, label);
  if (!existsSync(path)) return null;
  const { header, value } = parseDataFile(path, serial);
  const plain = header.label === label ? unseal(pinKey, value, header) : null;
  if (!plain) throw new Refusal('STORE_DAMAGED', { path, detail: 'the data does not open' });
  return new Uint8Array(plain);
}

/** In place of what was there. OUTPUT_FULL, OUTPUT_UNWRITABLE. */
export function writeDataFile(
  folder: string,
  serial: string,
  pinKey: Uint8Array,
  label: string,
  bytes: Uint8Array,
): void {
  const header = { token: serial, label };
  const content: DataFile = { header, value: seal(pinKey, bytes, header) };
  writeDurably(pathOf(folder, label), `${JSON.stringify(content, null, 2)}\n`);
}

function parseDataFile(path: string, serial: string): DataFile {
  let content: DataFile;
  try {
    content = dataFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new Refusal('STORE_DAMAGED', { path, detail: 'not data of a software token' });
  }
  if (content.header.token !== serial) {
    throw new Refusal('STORE_DAMAGED', { path, detail: 'data of another token' });
  }
  return content;
}

/** A label is no file name: 32 hex digits of its SHA-256 are. */
function pathOf(folder: string, label: string): string {
  return join(folder, `data-${createHash('sha256').update(label).digest('hex').slice(0, 32)}.json`);
}
