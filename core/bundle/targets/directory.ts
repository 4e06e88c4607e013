import { mkdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { sha256Of } from '../../pki/certificate.ts';
import {
  entryAt,
  nameWithoutReplacing,
  readFileOrRefuse,
  syncFolder,
  writeNewFile,
  writeRefusal,
} from '../../store/files.ts';
import { BUNDLE_LIMIT_BYTES, type BundleItem } from '../archive.ts';
import { parentsOf } from '../manifest.ts';

/** What a folder remembers of its last import. No item path begins with a dot, so that nothing in a bundle reaches these. */
const MEMORY = '.claviger-import.json';
const STAGING = '.claviger-staging';
const FILE_MODE = 0o600;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const memorySchema = z.strictObject({
  format: z.literal('claviger-import-1'),
  rootSha256: hash,
  sequence: z.int().min(1),
  bundleSha256: hash,
  files: z.array(z.strictObject({ path: z.string(), sha256: hash })),
});
export type ImportMemory = z.infer<typeof memorySchema>;

/** What the last import into a folder left behind; null if there was none. STORE_DAMAGED. */
export async function readMemory(directory: string): Promise<ImportMemory | null> {
  const path = join(directory, MEMORY);
  let bytes: Uint8Array;
  try {
    bytes = await readFileOrRefuse(path, BUNDLE_LIMIT_BYTES);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'FILE_MISSING') return null;
    throw error;
  }
  try {
    return memorySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // Without it an old bundle would pass for a new one: stop rather than trust anew.
    throw new Refusal('STORE_DAMAGED', { path, detail: 'it is not what an import writes' });
  }
}

/**
 * Writes items and memory into a folder, which is made if its parent is there. Everything is first written and fsynced in
 * a staging folder, then moved into place, the memory last: a full disk leaves nothing, a crash leaves no file half-written,
 * and the same import done again finishes it. Replaces only what an earlier import wrote and nobody changed since.
 * OUTPUT_EXISTS, OUTPUT_MISSING, OUTPUT_FULL, OUTPUT_UNWRITABLE.
 */
export async function writeItems(
  directory: string,
  items: readonly BundleItem[],
  last: ImportMemory | null,
  memory: Omit<ImportMemory, 'format' | 'files'>,
): Promise<void> {
  const staging = join(directory, STAGING);
  const folders = foldersOf(directory, items);
  const madeFolders: string[] = [];
  const newFiles: string[] = [];
  try {
    for (const item of items) await refuseForeign(directory, item, last);
    for (const folder of folders) if (await makeFolder(folder)) madeFolders.push(folder);
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging, { mode: 0o700 });
    for (const [index, { bytes }] of items.entries()) {
      await writeNewFile(join(staging, String(index)), bytes, FILE_MODE);
    }
    await writeNewFile(join(staging, MEMORY), memoryBytes(memory, items, last), FILE_MODE);

    for (const [index, { path }] of items.entries()) {
      const final = join(directory, path);
      if (await entryAt(final)) {
        await rename(join(staging, String(index)), final);
      } else {
        await nameWithoutReplacing(join(staging, String(index)), final);
        newFiles.push(final);
      }
    }
    for (const folder of folders) await syncFolder(folder);
    await rename(join(staging, MEMORY), join(directory, MEMORY));
    // From here on it is imported, and nothing is taken back.
    newFiles.length = 0;
    await syncFolder(directory);
    await rm(staging, { recursive: true, force: true });
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    for (const file of newFiles) await unlink(file).catch(() => undefined);
    // Only those that are empty go.
    for (const folder of madeFolders.reverse()) await rmdir(folder).catch(() => undefined);
    throw writeRefusal(error, directory);
  }
}

/** The folder itself and those that items need below it, each after its parent. */
function foldersOf(directory: string, items: readonly BundleItem[]): string[] {
  const below = items.flatMap(({ path }) => parentsOf(path));
  return [directory, ...Array.from(new Set(below), (path) => join(directory, path))];
}

/** Answers whether it was made. */
async function makeFolder(path: string): Promise<boolean> {
  if (await entryAt(path)) return false;
  await mkdir(path, { mode: 0o755 });
  await syncFolder(dirname(path));
  return true;
}

/** Something at the item's place that no import wrote, or that somebody changed since. OUTPUT_EXISTS. */
async function refuseForeign(directory: string, { path, bytes }: BundleItem, last: ImportMemory | null): Promise<void> {
  for (const parent of parentsOf(path).map((name) => join(directory, name))) {
    const entry = await entryAt(parent);
    if (entry && !entry.isDirectory()) throw new Refusal('OUTPUT_EXISTS', { path: parent });
  }
  const final = join(directory, path);
  const entry = await entryAt(final);
  if (!entry) return;
  const found =
    entry.isFile() && entry.size <= BUNDLE_LIMIT_BYTES
      ? sha256Of(await readFileOrRefuse(final, BUNDLE_LIMIT_BYTES))
      : '';
  const written = last?.files.find((file) => file.path === path)?.sha256;
  // The same bytes may stand there already: an import that a crash cut short.
  if (found !== sha256Of(bytes) && found !== written) throw new Refusal('OUTPUT_EXISTS', { path: final });
}

function memoryBytes(
  memory: Omit<ImportMemory, 'format' | 'files'>,
  items: readonly BundleItem[],
  last: ImportMemory | null,
): Uint8Array {
  const files = new Map(last?.files.map(({ path, sha256 }) => [path, sha256]));
  for (const { path, bytes } of items) files.set(path, sha256Of(bytes));
  const remembered: ImportMemory = {
    format: 'claviger-import-1',
    ...memory,
    files: Array.from(files, ([path, sha256]) => ({ path, sha256 })),
  };
  return Buffer.from(`${JSON.stringify(remembered, null, 2)}\n`);
}
