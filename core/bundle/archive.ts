import { extract, pack } from 'tar-stream';
import { Refusal } from '../contract/errors.ts';
import { sha256Of } from '../pki/certificate.ts';
import { type BundleManifest, MANIFEST_PATH, manifestBytes, parseManifest } from './manifest.ts';

/** The signed content of a bundle: a POSIX ustar archive that is always the same bytes for the same items. */

/** No bundle is larger (bytes). Certificates and wrapped keys are a few kilobytes each. */
export const BUNDLE_LIMIT_BYTES = 8 * 1024 * 1024;

export type BundleItem = { path: string; bytes: Uint8Array };

/** The manifest first, then the items in its order; every header says the same but for name and size. */
export async function packArchive(manifest: BundleManifest, items: readonly BundleItem[]): Promise<Uint8Array> {
  const archive = pack();
  const entries = [{ path: MANIFEST_PATH, bytes: manifestBytes(manifest) }, ...items];
  for (const { path, bytes } of entries) {
    archive.entry(
      {
        name: path,
        size: bytes.length,
        type: 'file',
        mode: 0o644,
        uid: 0,
        gid: 0,
        uname: '',
        gname: '',
        mtime: new Date(0),
      },
      Buffer.from(bytes),
    );
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads an archive back, checks every item's size and hash against the manifest, and takes no other bytes than
 * `packArchive` makes: no link, no other owner or mode, nothing missing, nothing more, nothing behind the end. BUNDLE_DAMAGED.
 */
export async function readArchive(bytes: Uint8Array): Promise<{ manifest: BundleManifest; items: BundleItem[] }> {
  const [first, ...items] = await entriesOf(bytes);
  if (first?.path !== MANIFEST_PATH) throw damaged('its first entry is not the manifest');
  const manifest = parseManifest(first.bytes);
  if (items.length !== manifest.items.length) throw damaged('it does not hold what its manifest names');
  for (const [index, { path, sha256, size }] of manifest.items.entries()) {
    const item = items[index];
    if (item?.path !== path) throw damaged(`${path} is not where its manifest puts it`);
    if (item.bytes.length !== size || sha256Of(item.bytes) !== sha256) throw damaged(`${path} is not what was signed`);
  }
  if (Buffer.compare(await packArchive(manifest, items), bytes) !== 0)
    throw damaged('its archive is not in the one form');
  return { manifest, items };
}

async function entriesOf(bytes: Uint8Array): Promise<BundleItem[]> {
  const archive = extract();
  const entries: BundleItem[] = [];
  try {
    archive.end(Buffer.from(bytes));
    for await (const entry of archive) {
      const { name, type } = entry.header;
      if (type !== 'file') throw damaged('its archive holds something else than files');
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
      entries.push({ path: name, bytes: Buffer.concat(chunks) });
    }
  } catch (error) {
    throw error instanceof Refusal ? error : damaged('its archive does not unpack');
  }
  return entries;
}

function damaged(detail: string): Refusal {
  return new Refusal('BUNDLE_DAMAGED', { detail });
}
