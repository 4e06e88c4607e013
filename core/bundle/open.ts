import { type KeyObject, createPublicKey } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { sha256Of } from '../pki/certificate.ts';
import { chainToRoot } from '../pki/chain.ts';
import { isEnvelopeFor, openEnvelope } from '../pki/enveloped-data.ts';
import { verifySignedData } from '../pki/signed-data.ts';
import { type BundleItem, readArchive } from './archive.ts';
import type { BundleManifest } from './manifest.ts';
import { exportKeySha256, subjectOf } from './seal.ts';

export type OpenedBundle = {
  manifest: BundleManifest;
  items: BundleItem[];
  /** Over the root certificate that the bundle is signed under. */
  rootSha256: string;
  /** Over the bundle itself. */
  bundleSha256: string;
};

/**
 * Decrypts a bundle and checks all of it before it gives anything out: signature, chain, root, recipient, manifest,
 * every item, expiry. `trustedRoot` is the root's SHA-256 in hex; null takes the root that the bundle brings, and then
 * the caller shows it to a person. BUNDLE_NOT_FOR_KEY, BUNDLE_DAMAGED, BUNDLE_UNTRUSTED, BUNDLE_EXPIRED.
 */
export async function openBundle(input: {
  bundle: Uint8Array;
  privateKey: KeyObject;
  trustedRoot: string | null;
  now: Date;
}): Promise<OpenedBundle> {
  const { content, signer, certificates } = verifySignedData(openEnvelope(input.bundle, input.privateKey), null);
  const chain = chainToRoot(signer, certificates, input.now);
  // Directly under the root: whoever holds a certificate of an issuing CA must not be able to sign bundles.
  const root = chain?.length === 2 ? chain[1] : undefined;
  const rootSha256 = root ? sha256Of(root.der) : null;
  if (!rootSha256 || (input.trustedRoot ?? rootSha256) !== rootSha256) throw new Refusal('BUNDLE_UNTRUSTED');

  const { manifest, items } = await readArchive(content);
  if (
    manifest.rootSha256 !== rootSha256 ||
    manifest.issuer.exportKeySha256 !== exportKeySha256(signer) ||
    manifest.issuer.subject !== subjectOf(signer)
  ) {
    throw damaged('its manifest names another issuer than its signature');
  }
  // Signed content that a third person encrypted anew to this key names the recipient it was meant for.
  const recipient = certificates.find(({ der }) => sha256Of(der) === manifest.recipient.certificateSha256);
  const ownKey = createPublicKey(input.privateKey);
  if (!recipient?.x509.publicKey.equals(ownKey) || manifest.recipient.subject !== subjectOf(recipient)) {
    throw new Refusal('BUNDLE_NOT_FOR_KEY');
  }
  if (!isEnvelopeFor(input.bundle, recipient)) throw damaged('its envelope was altered');
  if (input.now > new Date(manifest.expires)) throw new Refusal('BUNDLE_EXPIRED', { expires: manifest.expires });
  return { manifest, items, rootSha256, bundleSha256: sha256Of(input.bundle) };
}

function damaged(detail: string): Refusal {
  return new Refusal('BUNDLE_DAMAGED', { detail });
}
