import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The rows that bundles leave in a ledger outside of ceremonies. */
export const BUNDLE_KINDS = {
  /** A bundle was opened, verified whole, and what it holds was written to `directory`. `sha256`: of the bundle file. */
  'bundle.imported': z.strictObject({
    sha256,
    sequence: z.int().min(1),
    issuer: z.string(),
    recipient: z.string(),
    created: z.iso.datetime(),
    expires: z.iso.datetime(),
    rootSha256: sha256,
    trust: z.enum(['given', 'remembered', 'first']),
    bundle: z.string(),
    directory: z.string(),
    written: z.array(z.strictObject({ path: z.string(), type: z.string(), sha256 })),
  }),
} as const;

export type ImportedRow = z.infer<(typeof BUNDLE_KINDS)['bundle.imported']>;
