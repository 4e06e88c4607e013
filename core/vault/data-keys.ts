import type { SecretIdentity } from '../contract/vault.ts';
import type { DataKey, EncryptionContext, KmsProvider } from '../kms/provider.ts';
import { withNewestRoot, withRootOf } from './data-root.ts';
import { type Caller, record } from './parts.ts';
import type { Vault } from './vault.ts';

/** Whoever makes data keys and opens them again: a KEK at hand, or the holder of one, under a grant. No KEK is ever given out. */
export type DataKeys = Pick<KmsProvider, 'generateDataKey' | 'decrypt'>;

/** Under which name: nothing is stored there, and grants cover it as they cover a secret. `context`: what else it is bound to. */
export type DataKeyUse = {
  identity: SecretIdentity;
  context: EncryptionContext;
  purpose?: string | undefined;
  request?: string | undefined;
};

const CATEGORY = 'data-key';

/** What a data key is bound to: its name, and apart from it whatever the caller says. */
function contextOfUse({ identity, context }: DataKeyUse): EncryptionContext {
  const said = Object.entries(context).map(([name, value]) => [`context.${name}`, value]);
  return { use: CATEGORY, ...identity, ...(Object.fromEntries(said) as EncryptionContext) };
}

/** A new data key for one field or file: WRITE there. The caller wipes it. VAULT_REFUSED and what else the guard refuses. */
export async function closeDataKey({ parts, guard }: Vault, caller: Caller, use: DataKeyUse): Promise<DataKey> {
  const { identity, purpose, request } = use;
  const act = { action: 'data-key', right: 'WRITE', identity, decrypts: false, category: CATEGORY } as const;
  const { rows, also } = await guard.admit(caller, { ...act, purpose, request });
  await record(parts.ledger, rows, also);
  return withNewestRoot(parts, (root) => root.generateDataKey(contextOfUse(use)));
}

/** The same again: READ there, and the row is durable before it is opened. The caller wipes it. KMS_UNOPENED, and as above. */
export async function openDataKey(
  { parts, guard }: Vault,
  caller: Caller,
  use: DataKeyUse,
  wrapped: Uint8Array,
): Promise<Uint8Array> {
  const { identity, purpose, request } = use;
  const act = { action: 'open-data-key', right: 'READ', identity, decrypts: true, category: CATEGORY } as const;
  const { rows, also } = await guard.admit(caller, { ...act, purpose, request });
  await record(parts.ledger, rows, also);
  const context = contextOfUse(use);
  const open = (kms: DataKeys) => kms.decrypt(wrapped, context);
  return withRootOf(parts, wrapped, open, () => open(parts.kms));
}

/** A caller's data keys under one name, for `encryptField` and `encryptFile`. */
export function dataKeysOf(vault: Vault, caller: Caller, identity: SecretIdentity, purpose?: string): DataKeys {
  return {
    generateDataKey: (context) => closeDataKey(vault, caller, { identity, context, purpose }),
    decrypt: (wrapped, context) => openDataKey(vault, caller, { identity, context, purpose }, wrapped),
  };
}
