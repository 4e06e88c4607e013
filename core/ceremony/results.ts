import { z } from 'zod';
import { manifestSchema } from '../hsm/process/protocol.ts';

/** Shapes of the results that later steps read. Bytes are base64; all of them are public or encrypted. */

const attributes = z.record(z.string(), z.boolean());

export const generatedKeyResult = z.strictObject({
  label: z.string(),
  id: z.string(),
  algorithm: z.enum(['EC-P256', 'EC-P384', 'RSA-3072', 'RSA-4096']),
  purpose: z.enum(['ca', 'service']),
  publicKey: z.base64(),
  attributes,
});
export type GeneratedKey = z.infer<typeof generatedKeyResult>;

export const certificateResult = z.strictObject({
  label: z.string(),
  file: z.string(),
  subject: z.string(),
  der: z.base64(),
  sha256: z.string(),
});
export type Certificate = z.infer<typeof certificateResult>;

export const masterKeyResult = z.strictObject({
  label: z.string(),
  manifest: manifestSchema,
  /** x of the shares in the order of the custodians. */
  xByCustodian: z.array(z.int()),
  subsetsChecked: z.int(),
  entropySources: z.array(z.string()),
  attributes,
});
export type MasterKey = z.infer<typeof masterKeyResult>;

export const backupResult = z.strictObject({
  backups: z.array(
    z.strictObject({
      label: z.string(),
      file: z.string(),
      mechanism: z.literal('RFC5649'),
      blob: z.base64(),
      sha256: z.string(),
    }),
  ),
});

export const bundleResult = z.strictObject({ sequence: z.int(), sha256: z.string(), recipientSha256: z.string() });
