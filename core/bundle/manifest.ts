import canonicalize from 'canonicalize';
import { z } from 'zod';
import { Refusal } from '../contract/errors.ts';

/**
 * What the signature of a bundle says. docs/formats/bundle.md. The manifest is JSON in the canonical form of RFC 8785,
 * so that the same facts are always the same bytes.
 */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** UTC to the second. */
const instant = z.iso.datetime({ precision: 0 });

/** A relative path that no file system reads in another way: ASCII, no leading dot, no empty part. */
export const itemPath = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/)
  .refine((path) => path !== MANIFEST_PATH, 'the manifest is no item');

export const MANIFEST_PATH = 'manifest.json';

export const ITEM_TYPES = ['certificate', 'wrapped-key', 'share-set-manifest', 'revocation-list', 'document'] as const;
export type ItemType = (typeof ITEM_TYPES)[number];

const item = z.strictObject({
  path: itemPath,
  type: z.enum(ITEM_TYPES),
  sha256,
  /** Bytes. */
  size: z.int().min(0),
  /** The system that the item is for, as the script names it. */
  target: z.string().min(1).max(80),
});

export const manifestSchema = z.strictObject({
  format: z.literal('claviger-bundle-1'),
  ceremony: z.string().min(1).max(80),
  mode: z.enum(['training', 'live']),
  /** 1 for a root's first bundle; then one more each time, whoever the recipient is. */
  sequence: z.int().min(1),
  /** SHA-256 of the bundle file before this one; null for the first. */
  previous: sha256.nullable(),
  created: instant,
  expires: instant,
  recipient: z.strictObject({ subject: z.string(), certificateSha256: sha256 }),
  issuer: z.strictObject({
    subject: z.string(),
    /** Over the export key's SubjectPublicKeyInfo. */
    exportKeySha256: sha256,
  }),
  /** Over the root certificate (DER). */
  rootSha256: sha256,
  /** Ascending by path. */
  items: z.array(item).min(1).max(200),
});
export type BundleManifest = z.infer<typeof manifestSchema>;
export type ManifestItem = BundleManifest['items'][number];

/** The manifest's bytes (RFC 8785). */
export function manifestBytes(manifest: BundleManifest): Uint8Array {
  const text = canonicalize(manifestSchema.parse(manifest));
  if (text === undefined) throw new Error('the manifest has no canonical form');
  return new TextEncoder().encode(text);
}

/** The opposite; takes no other bytes than `manifestBytes` makes. BUNDLE_DAMAGED. */
export function parseManifest(bytes: Uint8Array): BundleManifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw damaged('the manifest is not JSON');
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(`the manifest's ${issue?.path.join('.') || 'form'} is not valid`);
  }
  if (Buffer.compare(manifestBytes(parsed.data), bytes) !== 0) throw damaged('the manifest is not in canonical form');
  if (!isOrdered(parsed.data.items)) throw damaged('the items are not in order or clash');
  return parsed.data;
}

/** Ascending, no path twice (whatever the case, for FAT), none the folder of another. */
export function isOrdered(items: readonly { path: string }[]): boolean {
  const folded = new Set(items.map(({ path }) => path.toLowerCase()));
  return (
    folded.size === items.length &&
    items.every(({ path }, index) => index === 0 || (items[index - 1]?.path ?? '') < path) &&
    items.every(({ path }) => parentsOf(path.toLowerCase()).every((parent) => !folded.has(parent)))
  );
}

/** The folders above a path, the outermost first: `a/b/c` has `a` and `a/b`. */
export function parentsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function damaged(detail: string): Refusal {
  return new Refusal('BUNDLE_DAMAGED', { detail });
}
