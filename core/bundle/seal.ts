import { Refusal } from '../contract/errors.ts';
import { sha256Of } from '../pki/certificate.ts';
import { chainToRoot } from '../pki/chain.ts';
import { nameText } from '../pki/distinguished-name.ts';
import { envelopData } from '../pki/enveloped-data.ts';
import { type ReadCertificate, parseCertificate, readRecipientCertificate } from '../pki/read-certificate.ts';
import { signData } from '../pki/signed-data.ts';
import type { Signer } from '../pki/signer.ts';
import { BUNDLE_LIMIT_BYTES, packArchive } from './archive.ts';
import { type BundleManifest, type ItemType, isOrdered, manifestSchema } from './manifest.ts';

export type SealedBundle = {
  /** The bundle file: a CMS AuthEnvelopedData message, DER. */
  der: Uint8Array;
  /** Over `der`: what the next bundle names as `previous`. */
  sha256: string;
  manifest: BundleManifest;
};

/**
 * Packs items, has them signed with the export key, and encrypts that to the recipient's certificate.
 * docs/formats/bundle.md. CERTIFICATE_INVALID for a recipient that cannot be encrypted to, INPUT_INVALID for items or dates.
 */
export async function sealBundle(input: {
  ceremony: string;
  mode: 'training' | 'live';
  sequence: number;
  previous: string | null;
  /** Fractions of a second are cut off both. */
  created: Date;
  expires: Date;
  items: { path: string; type: ItemType; target: string; bytes: Uint8Array }[];
  /** The export key, its certificate, and the root that issued it (DER). */
  signer: Signer;
  exportCertificate: Uint8Array;
  rootCertificate: Uint8Array;
  /** PEM or DER; `recipientPath` is named when it cannot be used. */
  recipientCertificate: Uint8Array;
  recipientPath: string;
}): Promise<SealedBundle> {
  const recipient = readRecipientCertificate(input.recipientCertificate, input.recipientPath, input.created);
  const exporter = certificateOrBug(input.exportCertificate);
  const root = certificateOrBug(input.rootCertificate);
  if (chainToRoot(exporter, [root], input.created)?.length !== 2) {
    throw new Error('the export certificate is not of this root');
  }
  const items = input.items.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const manifest: BundleManifest = {
    format: 'claviger-bundle-1',
    ceremony: input.ceremony,
    mode: input.mode,
    sequence: input.sequence,
    previous: input.previous,
    created: toTheSecond(input.created),
    expires: toTheSecond(input.expires),
    recipient: { subject: subjectOf(recipient), certificateSha256: sha256Of(recipient.der) },
    issuer: { subject: subjectOf(exporter), exportKeySha256: exportKeySha256(exporter) },
    rootSha256: sha256Of(root.der),
    items: items.map(({ path, type, target, bytes }) => ({
      path,
      type,
      sha256: sha256Of(bytes),
      size: bytes.length,
      target,
    })),
  };
  const checked = manifestSchema.safeParse(manifest);
  if (!checked.success || !isOrdered(items) || input.expires <= input.created) {
    const field = checked.error?.issues[0]?.path.join('.') ?? 'the items or the expiry';
    throw new Refusal('INPUT_INVALID', { detail: `no bundle can be made: ${field}` });
  }
  const content = await packArchive(manifest, items);
  // The recipient's certificate goes along, so that the far side can compare it with its key and with the envelope.
  const signed = await signData({
    content,
    attached: true,
    signer: input.signer,
    certificate: input.exportCertificate,
    certificates: [root.der, recipient.der],
    signingTime: input.created,
  });
  const der = envelopData(signed, recipient);
  if (der.length > BUNDLE_LIMIT_BYTES) {
    throw new Refusal('INPUT_INVALID', { detail: `a bundle holds at most ${BUNDLE_LIMIT_BYTES} bytes` });
  }
  return { der, sha256: sha256Of(der), manifest };
}

/** SHA-256 (hex) over the SubjectPublicKeyInfo of an export certificate. */
export function exportKeySha256({ x509 }: ReadCertificate): string {
  return sha256Of(x509.publicKey.export({ format: 'der', type: 'spki' }));
}

export function subjectOf({ structure }: ReadCertificate): string {
  return nameText(structure.tbsCertificate.subject);
}

function toTheSecond(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function certificateOrBug(der: Uint8Array): ReadCertificate {
  const read = parseCertificate(der);
  if (!read) throw new Error('not a certificate');
  return read;
}
