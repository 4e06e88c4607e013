import { z } from 'zod';
import { custodyRegister, sheetAtLarge } from '../contract/custody.ts';
import { manifestSchema } from '../hsm/process/protocol.ts';
import { WRAP_MECHANISMS } from '../hsm/token.ts';
import { setAttestation, shareAttestation } from './attestation.ts';

/** Shapes of the results that later steps read. Bytes are base64; all of them are public or encrypted. */

const attributes = z.record(z.string(), z.boolean());

export const preflightResult = z.strictObject({
  warnings: z.array(z.string()),
  acceptedBy: z.string().nullable(),
  /** Who compared the clock with one in the room. */
  clockBy: z.string(),
});

const keyPairResult = z.strictObject({
  label: z.string(),
  id: z.string(),
  algorithm: z.enum(['EC-P256', 'EC-P384', 'RSA-3072', 'RSA-4096']),
  purpose: z.enum(['ca', 'service']),
  publicKey: z.base64(),
  attributes,
});
export type KeyPair = z.infer<typeof keyPairResult>;

const vaultKekResult = z.strictObject({
  label: z.string(),
  id: z.string(),
  algorithm: z.literal('AES-256'),
  purpose: z.literal('vault-kek'),
  attributes,
});

export const generatedKeyResult = z.discriminatedUnion('purpose', [keyPairResult, vaultKekResult]);
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

/** A share set of another epoch. `masterKey` is the one that it was, with the manifest of the new set. */
export const reshareResult = z.strictObject({
  masterKey: masterKeyResult,
  replaces: z.strictObject({ setId: z.string(), epoch: z.int() }),
  sharesUsed: z.array(z.int()),
});

/** A lost share that was made again, at its old x: the same share on another sheet. */
export const replacedShareResult = z.strictObject({
  setId: z.string(),
  share: z.int(),
  x: z.int(),
  from: z.string(),
  to: z.string(),
  sharesUsed: z.array(z.int()),
});
export type ReplacedShare = z.infer<typeof replacedShareResult>;

const destroyedSheet = z.strictObject({
  share: z.int(),
  x: z.int(),
  custodian: z.string(),
  fate: z.enum(['destroyed', 'valid']),
  /** Who saw it destroyed. */
  seenBy: z.string().nullable(),
  /** Why it was not. */
  why: z.string(),
});

/** What became of the sheets of a share set that has a newer one, and of those that aborted ceremonies had printed. */
export const destroyedSheetsResult = z.strictObject({
  masterKeyId: z.string(),
  setId: z.string(),
  epoch: z.int(),
  sheets: z.array(destroyedSheet),
  aborted: z.array(destroyedSheet.extend({ masterKeyId: z.string(), setId: z.string(), epoch: z.int() })).default([]),
});
export type DestroyedSheets = z.infer<typeof destroyedSheetsResult>;

export const retiredMasterKeyResult = z.strictObject({ label: z.string(), id: z.string(), masterKeyId: z.string() });

const wrappedKey = z.strictObject({
  label: z.string(),
  file: z.string(),
  mechanism: z.enum(WRAP_MECHANISMS),
  blob: z.base64(),
  sha256: z.string(),
});
export type WrappedKey = z.infer<typeof wrappedKey>;

export const backupResult = z.strictObject({ backups: z.array(wrappedKey) });

/** A custody register as it was written, and the SHA-256 of its bytes. */
export const custodyResult = z.strictObject({ register: custodyRegister, sha256: z.string() });
export type Custody = z.infer<typeof custodyResult>;

/** Nulls where no recipient was named and none was needed. */
export const bundleResult = z.union([
  z.strictObject({
    sequence: z.int(),
    sha256: z.string(),
    recipientSha256: z.string(),
    /** Its subject, and when the bundle expires: earlier rows have neither. */
    recipient: z.string().optional(),
    expires: z.iso.datetime().optional(),
  }),
  z.strictObject({ sequence: z.null() }),
]);
export type Bundle = z.infer<typeof bundleResult>;

/** RFC 5280 5.3.1, without those that no list of ours may hold (BR 7.2.2). */
export const REVOCATION_REASONS = [
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

export const revocation = z.strictObject({
  /** Lower-case hex without leading zeroes. */
  serial: z.string().regex(/^[1-9a-f][0-9a-f]*$/),
  reason: z.enum(REVOCATION_REASONS),
  at: z.iso.datetime(),
});
export type Revocation = z.infer<typeof revocation>;

export const revocationListResult = z.strictObject({
  label: z.string(),
  /** Of the issuing key's SubjectPublicKeyInfo. */
  issuerKeySha256: z.string(),
  number: z.int(),
  thisUpdate: z.iso.datetime(),
  nextUpdate: z.iso.datetime(),
  file: z.string(),
  der: z.base64(),
  sha256: z.string(),
  /** Every certificate on the list, those of earlier lists first. */
  revoked: z.array(revocation),
});
export type RevocationList = z.infer<typeof revocationListResult>;

/** What earlier ceremonies made that is in the token now. */
export const foundKeysResult = z.strictObject({
  keys: z.array(z.strictObject({ ceremony: z.string(), key: generatedKeyResult })),
  /** Of these keys, of the authorities above them, and what these keys certified; of one label the newest first. */
  certificates: z.array(certificateResult),
  /** The newest of each of these keys. */
  revocationLists: z.array(revocationListResult),
});
export type FoundKeys = z.infer<typeof foundKeysResult>;

/** A share set that an earlier ceremony made, and the wrapped keys that it opens. */
export const foundSharesResult = z.strictObject({
  ceremony: z.string(),
  /** Where that ceremony left its files. */
  folder: z.string(),
  masterKey: masterKeyResult,
  /** Sheets of it that a later ceremony made, and where that left them. */
  replacedSheets: z.array(z.strictObject({ share: z.int(), folder: z.string() })).default([]),
  /** Earlier sets of this master key, whose sheets still open. */
  superseded: z.array(z.strictObject({ setId: z.string(), epoch: z.int() })).default([]),
  /** Sheets that aborted ceremonies printed of it, or of what was to come after it. */
  aborted: z.array(sheetAtLarge).default([]),
  /** Who holds the shares, in the order of their numbers. */
  holders: z.array(z.string()),
  /** Every custody register of this set, in the order of their numbers. */
  registers: z.array(custodyResult),
  /** The newest of each label. */
  backups: z.array(wrappedKey.extend({ folder: z.string() })),
});
export type FoundShares = z.infer<typeof foundSharesResult>;

/** A share set that came in from a medium, with the certificates of the keys that its backups hold. */
export const broughtSetResult = z.strictObject({
  shares: foundSharesResult,
  certificates: z.array(certificateResult),
  keys: z.array(
    z.strictObject({
      label: z.string(),
      algorithm: z.enum(['EC-P256', 'EC-P384', 'RSA-3072', 'RSA-4096', 'AES-256']),
    }),
  ),
});
export type BroughtSet = z.infer<typeof broughtSetResult>;

/** The last numbers of a store that is gone, as people bring them; `typed` is their word alone. 0: there never was one. */
export const broughtNumbersResult = z.strictObject({
  lists: z.array(
    z.strictObject({
      label: z.string(),
      /** Of the issuing key's SubjectPublicKeyInfo. */
      issuerKeySha256: z.string(),
      number: z.int().min(0),
      from: z.enum(['file', 'typed']),
      /** The newest that is left, which may be of a lower number. */
      list: revocationListResult.nullable(),
    }),
  ),
  /** `sha256`: of the newest bundle, if its file is left. */
  bundle: z.strictObject({ sequence: z.int().min(0), sha256: z.string().nullable() }),
});
export type BroughtNumbers = z.infer<typeof broughtNumbersResult>;

/** Keys that came back into a new token. */
export const recoveredKeysResult = z.strictObject({
  keys: z.array(generatedKeyResult),
  masterKeyAttributes: attributes,
  /** `signature`: of the challenge, by the recovered key; null of a KEK. */
  proofs: z.array(z.strictObject({ label: z.string(), challenge: z.base64(), signature: z.base64().nullable() })),
  sharesUsed: z.array(z.int()),
});
export type RecoveredKeys = z.infer<typeof recoveredKeysResult>;

/** One custodian's attestation as it was written, and the SHA-256 of its bytes. */
export const attestedShareResult = z.strictObject({ record: shareAttestation, sha256: z.string() });
export type AttestedShare = z.infer<typeof attestedShareResult>;

export const checkedBackupsResult = z.strictObject({ backups: setAttestation.shape.backups });
export type CheckedBackups = z.infer<typeof checkedBackupsResult>;

export const concludedAttestationResult = z.strictObject({ record: setAttestation, sha256: z.string() });
export type ConcludedAttestation = z.infer<typeof concludedAttestationResult>;

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
