import type { ImportedBundle } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { wordsOf } from '../contract/words.ts';
import { sha256Of } from '../pki/certificate.ts';
import { readCertificate } from '../pki/read-certificate.ts';
import { readFileOrRefuse } from '../store/files.ts';
import { BUNDLE_LIMIT_BYTES } from './archive.ts';
import type { BundleManifest } from './manifest.ts';
import { openBundle } from './open.ts';
import { readPrivateKey } from './private-key.ts';
import { type ImportMemory, readMemory, writeItems } from './targets/directory.ts';

const CERTIFICATE_LIMIT_BYTES = 64 * 1024;

/**
 * Opens a bundle file and writes what it holds into a folder; nothing is written before everything is verified. The
 * root is trusted because `root` (PEM or DER) names it, because an earlier import into this folder did, or for the first time.
 * Besides `openBundle`'s and `writeItems`' codes: FILE_MISSING, FILE_UNREADABLE, FILE_TOO_LARGE, KEY_FILE_INVALID,
 * CERTIFICATE_INVALID, BUNDLE_REPLAYED, BUNDLE_FORKED, STORE_DAMAGED.
 */
export async function importBundle(input: {
  bundle: string;
  key: string;
  directory: string;
  root?: string | undefined;
  now: Date;
}): Promise<ImportedBundle> {
  const bundle = await readFileOrRefuse(input.bundle, BUNDLE_LIMIT_BYTES);
  const given = input.root === undefined ? null : await rootSha256At(input.root);
  const last = await readMemory(input.directory);
  // A folder belongs to one root: a new one begins in a new folder.
  if (given && last && given !== last.rootSha256) throw new Refusal('BUNDLE_UNTRUSTED');
  const privateKey = await readPrivateKey(input.key);
  const trustedRoot = given ?? last?.rootSha256 ?? null;
  const { manifest, items, rootSha256, bundleSha256 } = await openBundle({
    bundle,
    privateKey,
    trustedRoot,
    now: input.now,
  });
  refuseReplay(manifest, last);
  await writeItems(input.directory, items, last, { rootSha256, sequence: manifest.sequence, bundleSha256 });
  return {
    sha256: bundleSha256,
    sequence: manifest.sequence,
    issuer: manifest.issuer.subject,
    recipient: manifest.recipient.subject,
    created: manifest.created,
    expires: manifest.expires,
    rootSha256,
    // The first 16 bytes, as they were read aloud when the root was issued.
    rootWords: wordsOf(Buffer.from(rootSha256, 'hex').subarray(0, 16)),
    trust: given ? 'given' : last ? 'remembered' : 'first',
    written: manifest.items.map(({ path, type, sha256 }) => ({ path, type, sha256 })),
  };
}

async function rootSha256At(path: string): Promise<string> {
  return sha256Of(readCertificate(await readFileOrRefuse(path, CERTIFICATE_LIMIT_BYTES), path).der);
}

/** Sequence numbers only grow, and the next number follows the very bundle that was imported before it. */
function refuseReplay({ sequence, previous }: BundleManifest, last: ImportMemory | null): void {
  if (!last) return;
  if (sequence <= last.sequence) throw new Refusal('BUNDLE_REPLAYED', { sequence, last: last.sequence });
  if (sequence === last.sequence + 1 && previous !== last.bundleSha256)
    throw new Refusal('BUNDLE_FORKED', { sequence });
}
