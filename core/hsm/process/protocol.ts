import { z } from 'zod';
import type { Outcome } from '../../contract/errors.ts';
import type { ShareSetManifest } from '../../shares/manifest.ts';
import type { KeyRecord, TokenInfo } from '../token.ts';

/**
 * What core may ask of a token process: ciphertext, signatures and public keys come back, nothing else. Bytes travel
 * as base64 (all of them public or encrypted); secrets go ahead through the secret channel and are named by ticket.
 */

const ticket = z.string().regex(/^[0-9a-f]{32}$/);
const label = z.string().min(1).max(64);
const bytes = z.base64();
const keyAlgorithm = z.enum(['EC-P256', 'EC-P384', 'RSA-3072', 'RSA-4096']);

export const tokenLocation = z.union([
  z.strictObject({ kind: z.literal('pkcs11'), module: z.string().min(1), token: z.string().min(1) }),
  z.strictObject({ kind: z.literal('software'), folder: z.string().min(1), token: z.string().min(1) }),
]);
/** Which token a token process opens. */
export type TokenLocation = z.infer<typeof tokenLocation>;

const manifest = z.strictObject({
  format: z.literal('CLV1'),
  masterKeyId: z.string(),
  ceremony: z.string(),
  threshold: z.int(),
  shareCount: z.int(),
  epoch: z.int(),
  setId: z.string(),
  keyCheckValue: z.string(),
  shares: z.array(z.strictObject({ x: z.int(), commitment: z.string() })),
}) satisfies z.ZodType<ShareSetManifest>;

const sign = z.strictObject({ label, message: bytes, hash: z.enum(['SHA-256', 'SHA-384']) });
const wrap = z.strictObject({ masterKeyLabel: label, label });
/** No batch is longer (calls): enough to make the way there and back cheap. */
export const BATCH_LIMIT = 32;

export const TOKEN_CALLS = {
  open: z.strictObject({ location: tokenLocation }),
  login: z.strictObject({ pin: ticket, securityOfficerPin: ticket.nullable() }),
  inventory: z.strictObject({}),
  generateKey: z.strictObject({ label, algorithm: keyAlgorithm, purpose: z.enum(['ca', 'service']) }),
  /** The master key: made, split, all subsets checked, shares encrypted, imported, wiped, in this one call. */
  makeMasterKey: z
    .strictObject({
      label,
      masterKeyId: z.string().regex(/^[0-9a-f]{32}$/),
      ceremony: z.string().min(1),
      threshold: z.int().min(2).max(15),
      shareCount: z.int().min(2).max(15),
      epoch: z.int().min(0).max(255),
      /** One a custodian. */
      passphrases: z.array(ticket),
      /** Dice rolls as digits 1 to 6, mixed in as a third source. */
      dice: ticket.nullable(),
      scryptLog2N: z.int().min(10).max(20),
    })
    .refine((input) => input.threshold <= input.shareCount, 'threshold must not exceed shareCount')
    .refine((input) => input.passphrases.length === input.shareCount, 'one passphrase a share'),
  sign,
  wrap,
  /** Several in one message: the way there and back costs as much as a wrap. Each has an outcome of its own. */
  batch: z.strictObject({
    calls: z
      .array(
        z.discriminatedUnion('name', [
          z.strictObject({ name: z.literal('sign'), input: sign }),
          z.strictObject({ name: z.literal('wrap'), input: wrap }),
        ]),
      )
      .max(BATCH_LIMIT),
  }),
  /** On a rehearsal token: master key rebuilt, backup unwrapped, challenge signed, both destroyed, absence read back. */
  rehearse: z.strictObject({
    manifest,
    shares: z.array(z.strictObject({ text: z.string().max(400), passphrase: ticket })).max(15),
    backups: z.array(
      z.strictObject({
        label,
        algorithm: keyAlgorithm,
        blob: bytes,
        challenge: bytes,
        hash: z.enum(['SHA-256', 'SHA-384']),
      }),
    ),
  }),
  destroy: z.strictObject({ label }),
} as const;

export type TokenCallName = keyof typeof TOKEN_CALLS;
export type TokenCallInput<C extends TokenCallName> = z.infer<(typeof TOKEN_CALLS)[C]>;

/** A key record as it crosses the pipe. */
export type KeyRecordMessage = Omit<KeyRecord, 'publicKey'> & { publicKey: string | null };

export type TokenCallOutput = {
  open: TokenInfo;
  login: TokenInfo;
  inventory: { keys: KeyRecordMessage[] };
  generateKey: KeyRecordMessage;
  makeMasterKey: {
    key: KeyRecordMessage;
    manifest: ShareSetManifest;
    /** `text` is the encrypted share: 155 characters, in the order of the passphrases. */
    shares: { x: number; text: string }[];
    /** How many threshold-sized subsets were combined and gave the key-check value. */
    subsetsChecked: number;
    entropySources: string[];
  };
  sign: { signature: string };
  wrap: { mechanism: 'RFC5649'; blob: string };
  /** In the order of the calls. */
  batch: { outcomes: Outcome<TokenCallOutput['sign'] | TokenCallOutput['wrap']>[] };
  rehearse: {
    signatures: { label: string; signature: string }[];
    sharesUsed: number[];
    /** Keys on the rehearsal token that were not there before, by label: none, or something went wrong. */
    leftBehind: string[];
  };
  destroy: { destroyed: true };
};
