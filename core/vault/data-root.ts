import { randomFillSync, randomUUID } from 'node:crypto';
import { LocalKms } from '../kms/local.ts';
import { wrappedKeyId } from '../kms/wrapped-key.ts';
import { guarded, wipe } from '../process/guarded.ts';
import type { VaultSecretTable } from '../store/schema.ts';
import { type Sealed, contextOf, seal } from './envelope.ts';
import { type Db, type VaultParts, type VaultRow, record, vaultRow } from './parts.ts';
import { NEVER, OWN, insertVersion, openVersion } from './rows.ts';

/**
 * The keys that wrap data keys for what rests outside the vault: fields and files, which nobody wraps anew. Each is a secret of the vault's own (256 bits), so that a rotation of KEK or
 * data keys moves it with the others, and what it wrapped opens ever after. It is opened for one use and wiped. docs/decisions/0026.
 */
const PREFIX = 'data-root/';
const ROOT_BYTES = 32;

/** The newest one's work; the first is made when it is first needed. */
export async function withNewestRoot<T>(parts: VaultParts, work: (root: LocalKms) => Promise<T>): Promise<T> {
  let newest = await newestRoot(parts.store.db);
  if (!newest) {
    const { row, write } = await newRoot(parts);
    await record(parts.ledger, [row], write);
    newest = await newestRoot(parts.store.db);
  }
  if (!newest) throw new Error('the root that was made is not there');
  return withRoot(parts, newest, work);
}

/** The work of the one that wrapped this data key; `otherwise` where none of them did. */
export async function withRootOf<T>(
  parts: VaultParts,
  wrapped: Uint8Array,
  work: (root: LocalKms) => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  const secret = await parts.store.db
    .selectFrom('vault_secret')
    .selectAll()
    .where('owner', '=', OWN)
    .where('environment', '=', 'isolated')
    .where('name', '=', PREFIX + (wrappedKeyId(wrapped) ?? ''))
    .executeTakeFirst();
  return secret ? withRoot(parts, secret, work) : otherwise();
}

/** A fresh one, sealed: to be written with its row. */
export async function newRoot(parts: VaultParts): Promise<{ row: VaultRow; write: (db: Db) => Promise<void> }> {
  const id = randomUUID();
  const at = parts.clock().toISOString();
  const identity = { owner: OWN, environment: 'isolated' as const, name: PREFIX + id };
  const secret: VaultSecretTable = {
    ...{ ...identity, id: randomUUID(), category: 'data-root', description: '', version: 1 },
    ...{ created_at: at, updated_at: at, accessed_at: NEVER, rotation_due: null, rotation_days: null },
  };
  const value = randomFillSync(guarded(ROOT_BYTES));
  let sealed: Sealed;
  try {
    sealed = await seal(parts.kms, contextOf({ ...identity, id: secret.id }, 1), value);
  } finally {
    wipe(value);
  }
  return {
    row: vaultRow('vault.key', { key: id, provider: 'data-root', state: 'active' }),
    write: (db) => insertVersion(db, parts.kms, secret, sealed, { by: OWN, keep: 1 }),
  };
}

function newestRoot(db: Db): Promise<VaultSecretTable | undefined> {
  return db
    .selectFrom('vault_secret')
    .selectAll()
    .where('owner', '=', OWN)
    .where('environment', '=', 'isolated')
    .where('name', '>=', PREFIX)
    .where('name', '<', `${PREFIX}\u{10FFFF}`)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function withRoot<T>(
  parts: VaultParts,
  secret: VaultSecretTable,
  work: (root: LocalKms) => Promise<T>,
): Promise<T> {
  const value = await openVersion(parts, secret);
  if (!value) throw new Error('a root without its version');
  const root = new LocalKms(secret.name.slice(PREFIX.length), value);
  try {
    return await work(root);
  } finally {
    await root.close();
  }
}
