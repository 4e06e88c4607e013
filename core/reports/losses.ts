import type { LossReport, RotationLine } from '../contract/compliance.ts';
import type { Inventory } from '../contract/reports.ts';

/** Whose certificate is reissued when the private key in the vault is gone. */
const CERTIFIED = ['root-ca-key', 'intermediate-ca-key', 'node-certificate-key'];

/**
 * What is gone with the vault's key, or with the CA keys, when neither token nor backup brings it back, and what is done about each (requirement K6): certificates from the
 * root down, as far as they are valid `now`; then each secret.
 */
export function lossesOf(
  { keys, certificates }: Inventory,
  secrets: RotationLine[],
  now: Date,
): Pick<LossReport, 'keys' | 'reissue' | 'secrets'> {
  const valid = certificates.filter(({ notAfter, revoked }) => Date.parse(notAfter) > now.getTime() && !revoked);
  return {
    keys: keys
      .filter(({ destroyedAt }) => destroyedAt === null)
      .map(({ label, purpose, algorithm, backups }) => ({ label, purpose, algorithm, backups: backups.length })),
    reissue: valid.map(({ name, sha256, serial, notAfter, depth, ca }) => ({
      name,
      sha256,
      serial,
      notAfter,
      depth,
      ca,
    })),
    secrets: secrets.map(({ owner, environment, name, category, version, key }) => ({
      ...{ owner, environment, name, category, version, key },
      remedy: CERTIFIED.includes(category) ? 'reissue' : category === 'user-password' ? 'reset' : 'replace',
    })),
  };
}
