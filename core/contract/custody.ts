import { z } from 'zod';

/** Who keeps what where, in which sealed bag: the register (docs/formats/custody.md), and how it is asked for. */

const person = z.string().trim().min(1).max(80);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const bagSchema = z.strictObject({
  place: z.string().trim().min(1).max(80),
  bag: z.string().trim().min(1).max(40),
  seal: z.string().trim().min(1).max(40),
});
export type Bag = z.infer<typeof bagSchema>;

/** What lies in a bag of its own. A share's two things never share a bag, nor a place. */
export const BAGGED = ['sheet', 'card', 'envelope'] as const;
export type Bagged = (typeof BAGGED)[number];

/** One thing that is kept, as it is asked for: a share, a backup sheet, the manifest sheet, an envelope. */
export type Kept = {
  /** Its name in answers and changes: `share-1`, `backup-root-2026`, `manifest`, `envelope-1`. */
  item: string;
  /** For people: `Share 1`. */
  what: string;
  /** Null where nobody keeps it by name. */
  custodian: string | null;
  bags: { of: Bagged; present: Bag | null }[];
};

export const custodyRow = z.strictObject({
  item: z.string().min(1).max(80),
  custodian: person.nullable(),
  bags: z.array(bagSchema.extend({ of: z.enum(BAGGED) })).max(2),
  /** Why it changed; null for what did not, or is recorded for the first time. */
  reason: z.string().trim().min(1).max(200).nullable(),
});
export type CustodyRow = z.infer<typeof custodyRow>;

const shareCustody = z.strictObject({
  share: z.int().min(1).max(15),
  /** The share's point, as in the manifest. */
  x: z.int().min(1).max(255),
  custodian: person,
  /** Where the share sheet lies, and where the card with its passphrase does. */
  sheet: bagSchema,
  card: bagSchema,
});
const paperCustody = bagSchema.extend({ item: z.string(), what: z.string() });
const custodyChange = z.strictObject({
  item: z.string(),
  handOver: z.strictObject({ from: person, to: person }).nullable(),
  /** The share was made again on a new sheet; the one that `from` had is lost, and stays valid. */
  replaced: z.strictObject({ from: person, to: person }).optional(),
  /** What lies at another place now. */
  moved: z.array(z.enum(BAGGED)),
  /** What lies in another bag, or under another seal. */
  sealedAnew: z.array(z.enum(BAGGED)),
  reason: z.string(),
});
export type CustodyChange = z.infer<typeof custodyChange>;

/** A sheet that is in no bag of this register and still holds a share. */
export const sheetAtLarge = z.strictObject({
  masterKeyId: z.string(),
  setId: z.string(),
  epoch: z.int().min(0).max(255),
  share: z.int().min(1).max(15),
  x: z.int().min(1).max(255),
  /** Who had it last. */
  custodian: person,
  why: z.string(),
});
export type SheetAtLarge = z.infer<typeof sheetAtLarge>;

export const STILL_VALID =
  'Each of these sheets still holds its share. Neither a new sheet nor sharing anew revokes one: enough of them of one set, with their passphrases, recover the master key that they are of. Only rotating the master key ends that, and what the old one wrapped stays readable with it.';

export const custodyRegister = z.strictObject({
  format: z.literal('claviger-custody-1'),
  /** 1 for the first register of a share set; each one after it is one more. */
  number: z.int().min(1),
  /** SHA-256 of the register before this one, byte for byte; null for the first. */
  previous: hash.nullable(),
  setId: z.string(),
  mode: z.enum(['training', 'live']),
  ceremony: z.string(),
  at: z.iso.datetime(),
  shares: z.array(shareCustody),
  /** Backup sheets and the manifest sheet. */
  papers: z.array(paperCustody),
  changes: z.array(custodyChange),
  stillValid: z.strictObject({ says: z.string(), sheets: z.array(sheetAtLarge).min(1) }).optional(),
});
export type CustodyRegister = z.infer<typeof custodyRegister>;
