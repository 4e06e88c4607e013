import { z } from 'zod';

/** Each kind of row, with the schema of its body. */
export type Kinds = Readonly<Record<string, z.ZodType>>;

const base64 = z.base64().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The rows that the ledger writes of itself. */
export const LEDGER_KINDS = {
  /**
   * From here on this key signs. `certificate`: DER. `signature`: detached CMS over the certificate by the key before it, or null
   * for the first key of all.
   */
  'ledger.key': z.strictObject({ certificate: base64, signature: base64.nullable() }),
  /** A signed tree head. `body`: the text of a checkpoint. `signature`: detached CMS over it. */
  'ledger.checkpoint': z.strictObject({ body: z.string(), signature: base64 }),
  /** The rows `from` to `to` have gone to the file `file` of the data folder, whose SHA-256 is `sha256`. */
  'ledger.sealed': z.strictObject({
    from: z.int().min(1),
    to: z.int().min(1),
    file: z.string().regex(/^segments\/\d+-\d+\.ledger$/),
    sha256,
  }),
} as const;

export type LedgerKind = keyof typeof LEDGER_KINDS;
export type LedgerBody<K extends LedgerKind> = z.infer<(typeof LEDGER_KINDS)[K]>;

/** What a row's body lacks to be of its kind; null if nothing. */
export function misfit(kinds: Kinds, kind: string, body: unknown): string | null {
  const schema = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!schema) return `there is no kind ${kind}`;
  const issue = schema.safeParse(body).error?.issues[0];
  return issue ? `${kind} ${issue.path.join('.')}: ${issue.message}` : null;
}
