import { randomUUID } from 'node:crypto';
import { CREDENTIALS, type Credential, type SecretIdentity } from '../contract/vault.ts';
import type { VaultSecretTable } from '../store/schema.ts';
import type { KmsProvider } from '../kms/provider.ts';
import { type Sealed, contextOf, seal } from './envelope.ts';
import type { Db, VaultParts } from './parts.ts';
import { NEVER, OWN, findSecret, insertVersion, openVersion } from './rows.ts';

/**
 * What principals authenticate by rests as the vault's own secrets, sealed as any other: a hash of a password, a key of one-time codes, a MAC of a token. They have
 * no rows of their own in the ledger: the principal's rows say what changed, and each login is a row. `outside`: by what the vault itself logs in elsewhere, as it is;
 * in place of a principal stands what it is for.
 */
export type CredentialKind = Credential | 'outside';

const place = (principal: string, kind: CredentialKind): SecretIdentity => ({
  ...{ owner: OWN, environment: 'isolated' as const },
  name: `${kind}/${principal}`,
});

/** Ready to be written in the transaction of the row that tells of it. The caller wipes `value`. */
export type SealedCredential = { secret: VaultSecretTable; sealed: Sealed };

export async function sealCredential(
  { store, kms, clock }: VaultParts,
  principal: string,
  kind: CredentialKind,
  value: Uint8Array,
): Promise<SealedCredential> {
  const identity = place(principal, kind);
  const at = clock().toISOString();
  const before = await findSecret(store.db, identity);
  const secret: VaultSecretTable = {
    ...(before ?? {
      ...identity,
      id: randomUUID(),
      created_at: at,
      accessed_at: NEVER,
      rotation_due: null,
      rotation_days: null,
    }),
    ...{ category: 'credential', description: '', version: (before?.version ?? 0) + 1, updated_at: at },
  };
  return { secret, sealed: await seal(kms, contextOf({ ...identity, id: secret.id }, secret.version), value) };
}

/** Older ones are erased. */
export async function writeCredential(db: Db, kms: KmsProvider, { secret, sealed }: SealedCredential): Promise<void> {
  await insertVersion(db, kms, secret, sealed, { by: OWN, keep: 1 });
}

/** In guarded memory, which the caller wipes; null where there is none. What the KMS refuses, SECRET_DAMAGED. */
export async function openCredential(
  parts: VaultParts,
  principal: string,
  kind: CredentialKind,
): Promise<Uint8Array | null> {
  const secret = await findSecret(parts.store.db, place(principal, kind));
  return secret ? openVersion(parts, secret) : null;
}

export async function eraseCredentials(db: Db, principal: string): Promise<void> {
  const names = CREDENTIALS.map((kind) => place(principal, kind).name);
  await db.deleteFrom('vault_secret').where('owner', '=', OWN).where('name', 'in', names).execute();
}

/** Which kinds there are of each principal. */
export async function credentialsOf(db: Db): Promise<Map<string, Credential[]>> {
  const rows = await db.selectFrom('vault_secret').select('name').where('owner', '=', OWN).execute();
  const names = new Set(rows.map(({ name }) => name));
  const principals = await db.selectFrom('vault_principal').select('id').execute();
  return new Map(
    principals.map(({ id }) => [id, CREDENTIALS.filter((kind) => names.has(place(id, kind).name))] as const),
  );
}
