import { z } from 'zod';
import { manifestSchema } from '../hsm/process/protocol.ts';
import { WRAP_MECHANISMS } from '../hsm/token.ts';

/** Shapes of the results that later steps read. Bytes are base64; all of them are public or encrypted. */

const attributes = z.record(z.string(), z.boolean());

export const preflightResult = z.strictObject({
  warnings: z.array(z.string()),
  acceptedBy: z.string().nullable(),
  /** Who compared the clock with one in the room. */
  clockBy: z.string(),
});

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
      mechanism: z.enum(WRAP_MECHANISMS),
      blob: z.base64(),
      sha256: z.string(),
    }),
  ),
});

/** What later ceremonies read of seal-bags. */
export const custodyResult = z.object({
  rows: z.array(
    z.object({ share: z.int(), custodian: z.string(), place: z.string(), bag: z.string(), seal: z.string() }),
  ),
});

export const bundleResult = z.strictObject({ sequence: z.int(), sha256: z.string(), recipientSha256: z.string() });

export const inspectedSlotsResult = z.strictObject({
  slots: z.array(z.strictObject({ slot: z.string(), inUse: z.boolean() })),
});
export type InspectedSlots = z.infer<typeof inspectedSlotsResult>;

export const bornTokenResult = z.strictObject({
  label: z.string(),
  serial: z.string(),
  firmware: z.string(),
  manufacturer: z.string(),
  model: z.string(),
  /** Where the two PINs lie, each in a sealed envelope. */
  envelopes: z.array(
    z.strictObject({
      pin: z.string(),
      sealedBy: z.string(),
      place: z.string(),
      envelope: z.string(),
      seal: z.string(),
    }),
  ),
});
export type BornToken = z.infer<typeof bornTokenResult>;
