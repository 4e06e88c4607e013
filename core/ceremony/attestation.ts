import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { say } from './say.ts';
import type { CeremonyState } from './state.ts';

/** What an attestation says, to the byte (docs/formats/attestation.md): of one share, and of the whole set. */

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const head = {
  ceremony: z.string(),
  mode: z.enum(['training', 'live']),
  at: z.iso.datetime(),
  masterKeyId: z.string(),
  setId: z.string(),
  epoch: z.int(),
};
const of = {
  share: z.int().min(1).max(15),
  /** The share's point, as in the manifest. */
  x: z.int().min(1).max(255),
  /** Who holds it, by the newest custody register. */
  custodian: z.string(),
};

export const shareAttestation = z.strictObject({
  format: z.literal('claviger-share-attestation-1'),
  ...head,
  ...of,
  commitment: hash,
  outcome: z.discriminatedUnion('is', [
    z.strictObject({ is: z.literal('attested') }),
    z.strictObject({ is: z.literal('absent'), reason: z.string() }),
  ]),
  proves: z.array(z.string()),
  doesNotProve: z.array(z.string()),
});
export type ShareAttestation = z.infer<typeof shareAttestation>;

export const setAttestation = z.strictObject({
  format: z.literal('claviger-attestation-1'),
  ...head,
  threshold: z.int(),
  shareCount: z.int(),
  madeIn: z.string(),
  /** How many subsets of threshold shares were combined when the set was made, each giving the key-check value. */
  subsetsChecked: z.int(),
  shares: z.array(
    z.strictObject({
      ...of,
      attested: z.boolean(),
      /** Of the share's own attestation, byte for byte. */
      sha256: hash,
    }),
  ),
  backups: z.array(
    z.strictObject({
      label: z.string(),
      /** Of the wrapped key. */
      sha256: hash,
      challenge: z.base64(),
      /** By the key in the backup; null of a KEK, which opened the challenge instead. */
      signature: z.base64().nullable(),
      /** Of the certificate that the signature verifies under. */
      certificateSha256: hash.nullable(),
    }),
  ),
  conclusion: z.enum(['all', 'threshold', 'below']),
  proves: z.array(z.string()),
  doesNotProve: z.array(z.string()),
});
export type SetAttestation = z.infer<typeof setAttestation>;

/** The bytes that are written and signed (RFC 8785), and their SHA-256 in hex. */
export function attestationBytes(record: ShareAttestation | SetAttestation): { bytes: Uint8Array; sha256: string } {
  const bytes = new TextEncoder().encode(canonicalize(record));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

type Reader = Pick<CeremonyState, 'language'>;

/** A file is in English whatever its ceremony speaks: those of several years are read side by side. */
export const OF_A_FILE: Reader = { language: 'en' };

/** What one share's attestation is worth. */
export function worthOfShare(
  reader: Reader,
  outcome: ShareAttestation['outcome'],
): Pick<ShareAttestation, 'proves' | 'doesNotProve'> {
  if (outcome.is === 'absent') return { proves: [], doesNotProve: [say(reader, 'worth.notShown')] };
  return { proves: [say(reader, 'worth.opened')], doesNotProve: [say(reader, 'worth.oneShare')] };
}

type Counted = Pick<SetAttestation, 'threshold' | 'shareCount' | 'subsetsChecked' | 'shares' | 'backups'>;

/** What the attestations of a set are worth together, in words that an auditor can rely on. */
export function worthOfSet(
  reader: Reader,
  set: Counted,
): Pick<SetAttestation, 'conclusion' | 'proves' | 'doesNotProve'> {
  const { threshold, shareCount, subsetsChecked, backups } = set;
  const attested = set.shares.filter((share) => share.attested).length;
  const missing = set.shares
    .filter((share) => !share.attested)
    .map(({ share, custodian }) => `${share} (${custodian})`);
  const logged = subsetsChecked === subsetCount(shareCount, threshold);
  const conclusion = attested === shareCount ? 'all' : attested >= threshold ? 'threshold' : 'below';
  const proves = [say(reader, 'worth.counted', { attested, shareCount, threshold })];
  const doesNotProve: string[] = [];
  if (conclusion === 'below') {
    doesNotProve.push(say(reader, 'worth.below'));
  } else if (!logged) {
    doesNotProve.push(say(reader, 'worth.noLog'));
  } else {
    proves.push(say(reader, `worth.${conclusion}`, { threshold, subsetsChecked }));
  }
  if (missing.length > 0) doesNotProve.push(say(reader, 'worth.missing', { shares: missing.join(', ') }));
  if (backups.length > 0) {
    proves.push(say(reader, 'worth.backups', { labels: backups.map(({ label }) => label).join(', ') }));
    doesNotProve.push(say(reader, 'worth.sameKey'));
  }
  return { conclusion, proves, doesNotProve };
}

/** C(n, k). */
export function subsetCount(n: number, k: number): number {
  let count = 1;
  for (let taken = 1; taken <= k; taken++) count = (count * (n - k + taken)) / taken;
  return count;
}
