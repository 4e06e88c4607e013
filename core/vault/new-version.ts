import { randomUUID } from 'node:crypto';
import type { Category, SecretIdentity } from '../contract/vault.ts';
import { wipe } from '../process/guarded.ts';
import type { VaultSecretTable } from '../store/schema.ts';
import { contextOf, seal } from './envelope.ts';
import type { Admission } from './guard.ts';
import { type Caller, type VaultParts, byOf, record, vaultRow } from './parts.ts';
import { NEVER, insertVersion, rotationDueOf, setTags } from './rows.ts';
import { hashPassword, macToken } from './verifiers.ts';

export type Put = {
  identity: SecretIdentity;
  /** Of a new secret; of one that is there it stays what it is. */
  category?: string | undefined;
  description?: string | undefined;
  tags?: string[] | undefined;
  /** Shorter than the policy's, for this secret alone, from now on (days). */
  rotationDays?: number | undefined;
  purpose?: string | undefined;
  request?: string | undefined;
};

/** Seals a value as the next version of a secret, or as its first, with the row that says so. `named`: the category. The caller wipes `value`. */
export async function storeVersion(
  { kms, ledger, clock }: VaultParts,
  caller: Caller,
  wanted: Put,
  { value, admission, named }: { value: Uint8Array; admission: Admission; named: string },
): Promise<{ id: string; version: number }> {
  const { identity, tags } = wanted;
  const { secret: before, category } = admission;
  const now = clock();
  const at = now.toISOString();
  const days = wanted.rotationDays ?? before?.rotation_days ?? null;
  const secret: VaultSecretTable = {
    ...(before ?? { ...identity, id: randomUUID(), created_at: at, accessed_at: NEVER }),
    category: named,
    description: wanted.description ?? before?.description ?? '',
    version: (before?.version ?? 0) + 1,
    updated_at: at,
    rotation_due: rotationDueOf(category, days, now),
    rotation_days: days,
  };
  const kept = await protect(category, value);
  const sealed = await seal(kms, contextOf({ ...identity, id: secret.id }, secret.version), kept).finally(() => {
    if (kept !== value) wipe(kept);
  });
  const row = vaultRow(
    'vault.stored',
    {
      ...identity,
      ...{
        secret: secret.id,
        category: named,
        version: secret.version,
        key: sealed.keyId,
        algorithm: sealed.algorithm,
      },
      ...{ bytes: kept.length, rotationDue: secret.rotation_due, ...byOf(caller) },
    },
    { secret: secret.id, principal: caller.principal.id },
  );
  await record(ledger, [...admission.rows, row], async (db) => {
    await admission.also(db);
    await insertVersion(db, kms, secret, sealed, { by: caller.principal.name, keep: category.keepVersions });
    if (tags) await setTags(db, secret.id, tags);
  });
  return { id: secret.id, version: secret.version };
}

function protect({ protection }: Category, value: Uint8Array): Promise<Uint8Array> {
  if (protection === 'argon2id') return hashPassword(value);
  return Promise.resolve(protection === 'hmac' ? macToken(value) : value);
}
