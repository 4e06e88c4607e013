import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  ENVIRONMENTS,
  PROTECTIONS,
  VALUE_LIMIT,
  descriptionSchema,
  identitySchema,
  tagsSchema,
} from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import { guarded, guardedCopy, wipe } from '../process/guarded.ts';
import { jsonOf } from './json.ts';

/** A namespace in one file: what is inside its envelope. docs/formats/vault-export.md */

const LENGTH_BYTES = 4;
/** No export is larger (bytes of values), or has more secrets. */
export const EXPORT_LIMIT = 64 * 1024 * 1024;
export const EXPORT_SECRETS = 10_000;
const MANIFEST_LIMIT = 64 * 1024 * 1024;

const item = identitySchema.extend({
  category: z.string().min(1).max(41),
  /** `argon2id`, `hmac`: the bytes are what a candidate is tried against. */
  protection: z.enum(PROTECTIONS),
  description: descriptionSchema,
  tags: tagsSchema,
  version: z.int().min(1),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  rotationDue: z.iso.datetime().nullable(),
  size: z.int().min(1).max(VALUE_LIMIT),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const manifestSchema = z.strictObject({
  claviger: z.literal('vault-export'),
  version: z.literal(1),
  origin: z.string().min(1).max(200),
  createdAt: z.iso.datetime(),
  owner: z.string(),
  environment: z.enum(ENVIRONMENTS).nullable(),
  items: z.array(item).min(1).max(EXPORT_SECRETS),
});
export type ExportManifest = z.infer<typeof manifestSchema>;
export type ExportItem = ExportManifest['items'][number];

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** length of the manifest 4 || manifest || values in its order, in guarded memory, which the caller wipes, as they wipe the values. */
export function packExport(manifest: ExportManifest, values: Uint8Array[]): Uint8Array {
  const text = Buffer.from(canonicalize(manifest) ?? '');
  const total = values.reduce((sum, { length }) => sum + length, LENGTH_BYTES + text.length);
  const bytes = guarded(total);
  Buffer.from(bytes.buffer, bytes.byteOffset, total).writeUInt32BE(text.length);
  bytes.set(text, LENGTH_BYTES);
  let at = LENGTH_BYTES + text.length;
  for (const value of values) {
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

/** All of it, checked whole: form, sizes, every hash, no name twice. Values are guarded copies, which the caller wipes. EXPORT_DAMAGED. */
export function unpackExport(bytes: Uint8Array): { manifest: ExportManifest; values: Uint8Array[] } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = bytes.length < LENGTH_BYTES ? MANIFEST_LIMIT : view.readUInt32BE();
  const start = LENGTH_BYTES + length;
  if (length > MANIFEST_LIMIT || start > bytes.length) throw damaged('it ends too early');
  const text = view.subarray(LENGTH_BYTES, start);
  const parsed = manifestSchema.safeParse(jsonOf(text));
  if (!parsed.success || canonicalize(parsed.data) !== text.toString()) {
    throw damaged(`its manifest does not fit its form${parsed.success ? '' : ` at ${at(parsed.error)}`}`);
  }
  const { items, owner, environment } = parsed.data;
  if (items.reduce((sum, { size }) => sum + size, start) !== bytes.length) throw damaged('its length is another');
  const names = new Set(items.map((one) => `${one.owner}/${one.environment}/${one.name}`));
  const strays = items.some((one) => one.owner !== owner || (environment !== null && one.environment !== environment));
  if (names.size !== items.length || strays) throw damaged('its manifest names a secret twice, or one of elsewhere');
  const values: Uint8Array[] = [];
  let from = start;
  for (const { size, sha256, name } of items) {
    const value = bytes.subarray(from, from + size);
    if (sha256Of(value) !== sha256) {
      wipe(...values);
      throw damaged(`${name} has another hash`);
    }
    values.push(guardedCopy(value));
    from += size;
  }
  return { manifest: parsed.data, values };
}

function at({ issues }: z.ZodError): string {
  return issues[0]?.path.join('.') ?? 'its top';
}

function damaged(detail: string): Refusal {
  return new Refusal('EXPORT_DAMAGED', { detail });
}
