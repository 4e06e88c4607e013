import { z } from 'zod';
import type { Outcome } from '../../contract/errors.ts';
import type { Probe, ProbedToken } from '../../contract/token.ts';
import type { ShareSetManifest } from '../../shares/manifest.ts';
import {
  type Capabilities,
  KEY_ALGORITHMS,
  type KeyRecord,
  type TokenInfo,
  WRAP_MECHANISMS,
  type WrapMechanism,
} from '../token.ts';

/**
 * What core may ask of a token process: ciphertext, signatures and public keys come back, nothing else. Bytes travel
 * as base64 (all of them public or encrypted); secrets go ahead through the secret channel and are named by ticket.
 */

const ticket = z.string().regex(/^[0-9a-f]{32}$/);
const label = z.string().min(1).max(64);
/** CKA_ID of the original, in hex: what a wrap of a whole object must bring back. */
const keyId = z
  .string()
  .regex(/^([0-9a-f]{2}){1,32}$/)
  .optional();
const bytes = z.base64();
const keyAlgorithm = z.enum(KEY_ALGORITHMS);
/** Null for Ed25519, which hashes itself. */
const hash = z.enum(['SHA-256', 'SHA-384', 'SHA-512']).nullable();
/** The second person who agrees to a last try. */
const lastTryWith = z.string().trim().min(1).max(80).optional();

export const tokenLocation = z.union([
  z.strictObject({
    kind: z.literal('pkcs11'),
    module: z.string().min(1),
    /** For the module's C_Initialize, where it wants some. */
    parameters: z.string().optional(),
    token: z.string().min(1),
  }),
  z.strictObject({ kind: z.literal('software'), folder: z.string().min(1), token: z.string().min(1) }),
]);
/** Which token a token process opens. */
export type TokenLocation = z.infer<typeof tokenLocation>;

/** A share set's manifest as it crosses a pipe or stands in a ledger row. */
export const manifestSchema = z.strictObject({
  format: z.enum(['CLV1', 'CLV1-EXERCISE']),
  masterKeyId: z.string(),
  ceremony: z.string(),
  threshold: z.int(),
  shareCount: z.int(),
  epoch: z.int(),
  setId: z.string(),
  keyCheckValue: z.string(),
  shares: z.array(z.strictObject({ x: z.int(), commitment: z.string() })),
}) satisfies z.ZodType<ShareSetManifest>;

const tokenPosition = z.union([
  z.strictObject({ slot: z.string().regex(/^\d{1,20}$/) }),
  z.strictObject({ serial: z.string().min(1).max(16) }),
]);

/** A wrapped key, and what it has to sign, or (a KEK) to open of what the original encrypted, to prove that it came back. */
const triedBackup = z.union([
  z.strictObject({
    label,
    id: keyId,
    algorithm: keyAlgorithm,
    mechanism: z.enum(WRAP_MECHANISMS),
    blob: bytes,
    challenge: bytes,
    hash,
  }),
  z.strictObject({
    label,
    id: keyId,
    algorithm: z.literal('AES-256'),
    mechanism: z.enum(WRAP_MECHANISMS),
    blob: bytes,
    iv: bytes,
    ciphertext: bytes,
  }),
]);
const sealedShare = z.strictObject({ text: z.string().max(400), passphrase: ticket });

const sign = z.strictObject({ label, message: bytes, hash });
const wrap = z.strictObject({ masterKeyLabel: label, label });
/** Encrypted under the transport key (transport.ts), as base64: a data key, or 4 KiB that stand for one. */
const transported = bytes.max(6 * 1024);
const additionalData = bytes.max(12 * 1024);
const encrypt = z.strictObject({ label, plain: transported, additionalData });
const decrypt = z.strictObject({ label, iv: bytes, ciphertext: transported, additionalData });
/** What custodians give: the encrypted text and the passphrase. */
const givenShares = z.array(sealedShare).max(15);
/** How a master key is split. */
const splitting = {
  ceremony: z.string().min(1),
  threshold: z.int().min(2).max(15),
  shareCount: z.int().min(2).max(15),
  epoch: z.int().min(0).max(255),
  /** One a custodian. */
  passphrases: z.array(ticket),
  scryptLog2N: z.int().min(10).max(20),
};
/** No batch is longer (calls): enough to make the way there and back cheap, and to warm the caches once for many. */
export const BATCH_LIMIT = 256;

/** What a token is given to keep (16 KiB, as base64); many take less, and say so. */
const DATA_LIMIT_BASE64 = Math.ceil((16 * 1024) / 3) * 4;

/** The notification that a token process sends while a call with several passphrases is under way: {done, total}. */
export const PROGRESS = 'progress';
export const progressSchema = z.strictObject({ done: z.int(), total: z.int() });

export const TOKEN_CALLS = {
  /** What a module tells without a login. No token needs to be open. */
  probe: z.strictObject({ module: z.string().min(1), parameters: z.string().optional() }),
  /** C_InitToken and C_InitPIN: everything on that token is destroyed. No token may be open. */
  initialiseToken: z.strictObject({
    module: z.string().min(1),
    parameters: z.string().optional(),
    at: tokenPosition,
    label: z.string().min(1).max(32),
    securityOfficerPin: ticket,
    pin: ticket,
    /** Whether a token that has a user PIN may be initialised. */
    wipe: z.boolean(),
    lastTryWith,
  }),
  /** `lock`: a file that one token process holds at a time; a new one waits until the one before has ended. */
  open: z.strictObject({ location: tokenLocation, lock: z.string().min(1).optional() }),
  /** Wipes secrets that came ahead and will not be named. */
  forget: z.strictObject({ tickets: z.array(ticket).max(64) }),
  /** One PIN of parts that several people typed, in their order; it is whole in this process only. */
  joinSecrets: z.strictObject({ parts: z.array(ticket).min(2).max(4) }),
  /** What the open token says of itself now; no login is needed. */
  info: z.strictObject({}),
  /** A null `pin` is typed at the token's own pad. */
  login: z.strictObject({ pin: ticket.nullable(), securityOfficerPin: ticket.nullable(), lastTryWith }),
  capabilities: z.strictObject({}),
  inventory: z.strictObject({}),
  /** Everything that the open token holds, of whatever class. */
  contents: z.strictObject({}),
  read: z.strictObject({ label }),
  generateKey: z.discriminatedUnion('purpose', [
    z.strictObject({ label, algorithm: keyAlgorithm, purpose: z.literal('ca') }),
    z.strictObject({ label, algorithm: keyAlgorithm, purpose: z.literal('service') }),
    z.strictObject({ label, algorithm: z.literal('AES-256'), purpose: z.literal('kek') }),
  ]),
  /** The master key: made, split, all subsets checked, shares encrypted, imported, wiped, in this one call. */
  makeMasterKey: z
    .strictObject({
      label,
      masterKeyId: z.string().regex(/^[0-9a-f]{32}$/),
      ...splitting,
      /** Dice rolls as digits 1 to 6, mixed in as a third source. */
      dice: ticket.nullable(),
    })
    .refine((input) => input.threshold <= input.shareCount, 'threshold must not exceed shareCount')
    .refine((input) => input.passphrases.length === input.shareCount, 'one passphrase a share'),
  sign,
  wrap,
  /** The key under which `encrypt` and `decrypt` say what is secret (32 bytes); a new one takes its place. */
  transportKey: z.strictObject({ key: ticket }),
  encrypt,
  decrypt,
  /** Several in one message: the way there and back costs as much as a wrap. Each has an outcome of its own. */
  batch: z.strictObject({
    calls: z
      .array(
        z.discriminatedUnion('name', [
          z.strictObject({ name: z.literal('sign'), input: sign }),
          z.strictObject({ name: z.literal('wrap'), input: wrap }),
          z.strictObject({ name: z.literal('encrypt'), input: encrypt }),
          z.strictObject({ name: z.literal('decrypt'), input: decrypt }),
        ]),
      )
      .max(BATCH_LIMIT),
  }),
  /** A challenge, which is no secret, encrypted under a KEK: whoever can open it holds the same key. */
  encryptChallenge: z.strictObject({ label, challenge: bytes }),
  /** On a rehearsal token: master key rebuilt, backup unwrapped, challenge met, both destroyed, absence read back. */
  rehearse: z.strictObject({
    manifest: manifestSchema,
    shares: givenShares,
    backups: z.array(triedBackup),
  }),
  /** Disaster recovery: the master key rebuilt and imported for good, each backup back as the key that it was. A KEK signs nothing. */
  restore: z.strictObject({
    manifest: manifestSchema,
    shares: givenShares,
    masterKeyLabel: label,
    lost: z.array(
      z.strictObject({
        label,
        algorithm: z.union([keyAlgorithm, z.literal('AES-256')]),
        mechanism: z.enum(WRAP_MECHANISMS),
        blob: bytes,
        challenge: bytes,
        hash,
      }),
    ),
  }),
  /** A lost share made again at its x from threshold others, under a new passphrase. No master key is formed. */
  rebuildShare: z.strictObject({
    manifest: manifestSchema,
    shares: givenShares,
    x: z.int().min(1).max(255),
    passphrase: ticket,
    scryptLog2N: z.int().min(10).max(20),
  }),
  /** From threshold shares to a set of another epoch: master key rebuilt, split, all subsets checked, wiped, in this one call. */
  reshare: z
    .strictObject({ manifest: manifestSchema, shares: givenShares, ...splitting })
    .refine((input) => input.threshold <= input.shareCount, 'threshold must not exceed shareCount')
    .refine((input) => input.passphrases.length === input.shareCount, 'one passphrase a share'),
  /** A backup unwrapped under the master key that this token holds, as an object of the session: challenge met, destroyed. */
  proveBackup: z.strictObject({ masterKeyLabel: label, backup: triedBackup }),
  /** One share alone, opened and compared with its commitment. A process that has opened a token, or a share, refuses. */
  attestShare: z.strictObject({ manifest: manifestSchema, share: sealedShare }),
  /** A dummy set, and what it was made of brought back, in a process that has opened no token. */
  makeExerciseSet: z
    .strictObject({
      masterKeyId: z.string().regex(/^[0-9a-f]{32}$/),
      ceremony: z.string().min(1),
      threshold: z.int().min(2).max(15),
      shareCount: z.int().min(2).max(15),
      passphrases: z.array(ticket),
      scryptLog2N: z.int().min(10).max(20),
    })
    .refine((input) => input.threshold <= input.shareCount, 'threshold must not exceed shareCount')
    .refine((input) => input.passphrases.length === input.shareCount, 'one passphrase a share'),
  recoverExercise: z.strictObject({ manifest: manifestSchema, shares: z.array(sealedShare).max(15) }),
  readData: z.strictObject({ label }),
  writeData: z.strictObject({ label, value: bytes.max(DATA_LIMIT_BASE64) }),
  destroy: z.strictObject({ label }),
} as const;

export type TokenCallName = keyof typeof TOKEN_CALLS;
export type TokenCallInput<C extends TokenCallName> = z.infer<(typeof TOKEN_CALLS)[C]>;

/** A key record as it crosses the pipe. */
export type KeyRecordMessage = Omit<KeyRecord, 'publicKey'> & { publicKey: string | null };

export type TokenCallOutput = {
  probe: Probe;
  initialiseToken: {
    token: ProbedToken;
    /** What was seen without a login before: "certificate root-2026". */
    visibleBefore: string[];
    /** What the new user sees: nothing, or TOKEN_LIED. */
    objectsAfter: string[];
  };
  open: TokenInfo;
  forget: { forgotten: number };
  joinSecrets: { ticket: string };
  info: TokenInfo;
  login: TokenInfo;
  capabilities: Capabilities;
  inventory: { keys: KeyRecordMessage[] };
  read: KeyRecordMessage;
  contents: { objects: string[] };
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
  wrap: { mechanism: WrapMechanism; blob: string };
  transportKey: { taken: true };
  encrypt: { iv: string; ciphertext: string };
  /** Encrypted under the transport key. */
  decrypt: { plain: string };
  /** In the order of the calls. */
  batch: { outcomes: Outcome<TokenCallOutput['sign' | 'wrap' | 'encrypt' | 'decrypt']>[] };
  encryptChallenge: { iv: string; ciphertext: string };
  rehearse: {
    signatures: { label: string; signature: string }[];
    /** The challenges that recovered KEKs opened. */
    opened: { label: string; challenge: string }[];
    sharesUsed: number[];
    /** Keys on the rehearsal token that were not there before, by label: none, or something went wrong. */
    leftBehind: string[];
  };
  restore: {
    masterKey: KeyRecordMessage;
    keys: { key: KeyRecordMessage; signature: string | null }[];
    sharesUsed: number[];
  };
  rebuildShare: { text: string; sharesUsed: number[] };
  reshare: {
    manifest: ShareSetManifest;
    /** In the order of the passphrases. */
    shares: { x: number; text: string }[];
    subsetsChecked: number;
    sharesUsed: number[];
  };
  /** What signed the challenge, or what a KEK opened. */
  proveBackup: { signature: string } | { opened: string };
  attestShare: { x: number };
  makeExerciseSet: Pick<TokenCallOutput['makeMasterKey'], 'manifest' | 'shares' | 'subsetsChecked'>;
  recoverExercise: { sharesUsed: number[] };
  readData: { value: string | null };
  writeData: { written: true };
  destroy: { destroyed: true };
};
