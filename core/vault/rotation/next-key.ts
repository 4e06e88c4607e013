import { z } from 'zod';
import type { KmsProvider } from '../../kms/provider.ts';
import type { VaultKeyTable } from '../../store/schema.ts';

/** A new KEK, wrapped under the master key: what brings it back. `blob`: base64. */
export const kekBackupSchema = z.strictObject({
  label: z.string(),
  masterKey: z.string(),
  mechanism: z.string(),
  /** In the data folder. */
  file: z.string(),
  sha256: z.string(),
  blob: z.base64(),
});
export type KekBackup = z.infer<typeof kekBackupSchema>;

/** KEKs where the vault's own lies: in the same token, or in keystores of the data folder under the same passphrase. */
export type NextKeys = {
  /** Where the KEK of a rotation will lie, as `vault_key.place` has it; nothing is made yet. */
  plan(rotation: string): string;
  /** That one can be made there. `secret`: a keystore's passphrase, which the caller wipes. KEYSTORE_PASSPHRASE_WRONG, ROTATION_NO_MASTER_KEY, INPUT_INVALID, what a token refuses. */
  check(secret: Uint8Array | null): Promise<void>;
  /** Makes it; what an interrupted attempt has left there is destroyed first. As above. */
  make(
    planned: string,
    secret: Uint8Array | null,
  ): Promise<{ kms: KmsProvider; place: string; backup: KekBackup | null }>;
  open(key: VaultKeyTable, secret: Uint8Array | null): Promise<KmsProvider>;
  /** Gone already is gone. */
  destroy(place: string): Promise<void>;
};
