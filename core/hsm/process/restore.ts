import { because } from '../../contract/because.ts';
import { Refusal } from '../../contract/errors.ts';
import { guarded, wipe } from '../../process/guarded.ts';
import { type ShareSetManifest, isOfExercise } from '../../shares/manifest.ts';
import { recoverMasterKey } from '../../shares/recover.ts';
import type { BackupSpec, KeyRecord, SignatureHash, Token, Wrapped } from '../token.ts';

/** A lost key, and what it has to sign when it is back; a KEK signs nothing. */
export type LostKey = { spec: BackupSpec; wrapped: Wrapped; challenge: Uint8Array; hash: SignatureHash | null };

export type Restored = {
  masterKey: KeyRecord;
  keys: { key: KeyRecord; signature: Uint8Array | null }[];
  sharesUsed: number[];
};

/**
 * Rebuilds the master key from shares and imports it for good, then takes every backup back as the key that it was: one that can be
 * wrapped again. What was made is destroyed again if anything is refused. The caller wipes the passphrases.
 * KEY_EXISTS, BACKUP_UNOPENED, MANIFEST_INVALID, and the refusals of recoverMasterKey and of the token.
 */
export async function restore(
  token: Token,
  input: {
    manifest: ShareSetManifest;
    shares: { text: string; passphrase: Uint8Array }[];
    masterKeyLabel: string;
    lost: LostKey[];
  },
): Promise<Restored> {
  const { manifest, shares, masterKeyLabel, lost } = input;
  if (isOfExercise(manifest)) throw new Refusal('MANIFEST_INVALID', because('manifest.exercise'));
  const held = new Set(token.inventory().map(({ label }) => label));
  const taken = [masterKeyLabel, ...lost.map(({ spec }) => spec.label)].find((label) => held.has(label));
  if (taken !== undefined) throw new Refusal('KEY_EXISTS', { label: taken });
  const made: string[] = [];
  const secret = guarded(32);
  try {
    const { sharesUsed } = await recoverMasterKey({ manifest, shares, into: secret });
    const masterKey = token.importMasterKey(masterKeyLabel, secret);
    made.push(masterKeyLabel);
    wipe(secret);
    const keys = lost.map(({ spec, wrapped, challenge, hash }) => {
      const key = token.unwrap(masterKeyLabel, wrapped, { ...spec, as: 'original' });
      made.push(spec.label);
      return { key, signature: spec.algorithm === 'AES-256' ? null : token.sign(spec.label, challenge, hash) };
    });
    return { masterKey, keys, sharesUsed };
  } catch (error) {
    for (const label of made) token.destroy(label);
    throw error;
  } finally {
    wipe(secret);
  }
}
