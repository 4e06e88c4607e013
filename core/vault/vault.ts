import { randomUUID } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { DEFAULT_POLICY } from '../contract/vault.ts';
import { KeyRing } from '../kms/key-ring.ts';
import type { KmsProvider } from '../kms/provider.ts';
import { wipe } from '../process/guarded.ts';
import type { Store } from '../store/open.ts';
import type { VaultKeyTable } from '../store/schema.ts';
import { SecretCache } from './cache.ts';
import { CacheSharing } from './cache-sharing.ts';
import { writeCredential } from './credentials.ts';
import { Emergencies } from './emergency.ts';
import { EVERYTHING } from './grants.ts';
import { Guard } from './guard.ts';
import { Logins, type Origin } from './login.ts';
import { Notices } from './notices.ts';
import { type Caller, type Db, type VaultParts, byOf, record, vaultRow } from './parts.ts';
import { Policies } from './policies.ts';
import { Principals, changed, newPassword, newPrincipal, newTotp } from './principals.ts';
import { Retention } from './retention.ts';
import { Secrets } from './secrets.ts';

/** An unlocked vault: its KEK is at hand. Everything of it passes the guard, or is an administrator's. */
export class Vault {
  readonly parts: VaultParts & { kms: KeyRing };
  readonly policies: Policies;
  readonly principals: Principals;
  readonly logins: Logins;
  readonly guard: Guard;
  readonly secrets: Secrets;
  readonly notices: Notices;
  readonly emergencies: Emergencies;
  readonly cache: SecretCache;
  readonly retention: Retention;
  readonly #sharing: CacheSharing;

  constructor(parts: VaultParts, cache: SecretCache = new SecretCache()) {
    this.cache = cache;
    this.parts = { ...parts, kms: KeyRing.over(parts.kms), ledger: cache.over(parts.ledger), cache };
    this.policies = new Policies(this.parts);
    this.principals = new Principals(this.parts);
    this.logins = new Logins(this.parts, this.policies);
    this.guard = new Guard(this.parts, this.policies);
    this.secrets = new Secrets(this.parts, this.guard, cache);
    this.notices = new Notices(this.parts, this.policies);
    this.emergencies = new Emergencies(this.parts, this.policies, this.logins, this.notices);
    this.retention = new Retention(this.parts, this.policies);
    this.#sharing = new CacheSharing(this.parts, this.policies, cache);
  }

  /** What time brings: at the start, and every now and then. Nobody waits for what is only told. */
  async keep(): Promise<void> {
    await this.parts.store.alone('emergencies', () => this.emergencies.sweep());
    this.cache.purge();
    await this.#sharing.follow();
    this.notices.sendSoon();
  }

  /** Once what was begun has ended; the key is gone then, and what is cached. */
  async close(): Promise<void> {
    await this.retention.close();
    await this.notices.settled();
    await this.#sharing.close();
    this.cache.close();
    await this.parts.kms.close();
  }
}

/** A constant, sealed by each KEK when it begins: what opens to it is that KEK. */
const CHECK = new TextEncoder().encode('claviger vault key check 1 -----');
const CHECK_CONTEXT = { use: 'key-check' } as const;

/** The key that encrypts now; null for a store without a vault. */
export async function activeKey(db: Db): Promise<VaultKeyTable | null> {
  return (await db.selectFrom('vault_key').selectAll().where('state', '=', 'active').executeTakeFirst()) ?? null;
}

/** VAULT_NEW; VAULT_KEY_OTHER for a key of another vault; VAULT_KEY_DAMAGED for one that does not open its check. */
export async function checkKey(store: Store, kms: KmsProvider): Promise<void> {
  const key = await activeKey(store.db);
  if (!key) throw new Refusal('VAULT_NEW');
  await checkOf(key, kms);
}

/** What a new key keeps beside it: public, and it alone opens it. */
export function sealCheck(kms: KmsProvider): Promise<Uint8Array> {
  return kms.encrypt(CHECK, CHECK_CONTEXT);
}

/** That a key is the one that the store has recorded. VAULT_KEY_OTHER, VAULT_KEY_DAMAGED. */
export async function checkOf(key: VaultKeyTable, kms: KmsProvider): Promise<void> {
  if (key.id !== kms.keyId) throw new Refusal('VAULT_KEY_OTHER', { key: key.id, given: kms.keyId });
  const opened = await kms.decrypt(key.check_value, CHECK_CONTEXT).catch((error: unknown) => {
    const doesNotOpen = error instanceof Refusal && ['KMS_UNOPENED', 'KMS_KEY_UNKNOWN'].includes(error.code);
    throw doesNotOpen ? new Refusal('VAULT_KEY_DAMAGED', { key: key.id }) : error;
  });
  const right = Buffer.from(CHECK).equals(opened);
  wipe(opened);
  if (!right) throw new Refusal('VAULT_KEY_DAMAGED', { key: key.id });
}

/**
 * Makes a vault in a store that has none: its key, its policy, its first administrator, who may administer and read nothing yet. All or none. The URI of the
 * administrator's one-time codes is shown once; it lies in guarded memory, and the caller wipes it, as they wipe `password`. VAULT_EXISTS, PASSWORD_SHORT.
 */
export async function initialiseVault(
  parts: VaultParts,
  wanted: { place: string; administrator: string; password: Uint8Array },
  origin: Origin,
): Promise<Uint8Array> {
  const { store, ledger, kms, clock, mode } = parts;
  if (await activeKey(store.db)) throw new Refusal('VAULT_EXISTS');
  const now = clock();
  const at = now.toISOString();
  const administrator = newPrincipal({ name: wanted.administrator, kind: 'person', system: false }, now);
  const caller: Caller = {
    principal: { id: administrator.id, name: administrator.name, kind: 'person', system: false },
    ...origin,
  };
  const password = await newPassword(parts, administrator.id, wanted.password);
  const { uri, credential: totp } = await newTotp(parts, administrator);
  const key: VaultKeyTable = {
    ...{ id: kms.keyId, provider: kms.name, place: wanted.place, state: 'active', mode, created_at: at },
    check_value: await sealCheck(kms),
  };
  const scope = EVERYTHING;
  const grant = { id: randomUUID(), rights: ['ADMIN' as const] };
  const about = { principal: administrator.id };
  const rows = [
    vaultRow('vault.key', { key: key.id, provider: key.provider, state: 'active' }),
    vaultRow('vault.policy', { version: 1, policy: DEFAULT_POLICY, ...byOf(caller) }, about),
    changed(administrator, 'added', caller),
    vaultRow(
      'vault.grant',
      { grant: grant.id, subject: administrator.name, scope, rights: grant.rights, expiresAt: null, ...byOf(caller) },
      about,
    ),
  ];
  await record(ledger, rows, async (db) => {
    if (await activeKey(db)) throw new Refusal('VAULT_EXISTS');
    await db.insertInto('vault_key').values(key).execute();
    await db
      .insertInto('vault_policy')
      .values({ version: 1, at, changed_by: administrator.name, policy: JSON.stringify(DEFAULT_POLICY) })
      .execute();
    await db.insertInto('vault_principal').values(administrator).execute();
    await writeCredential(db, kms, password);
    await writeCredential(db, kms, totp);
    await db
      .insertInto('vault_grant')
      .values({
        ...{
          id: grant.id,
          principal: administrator.id,
          ...scope,
          rights: JSON.stringify(grant.rights),
          expires_at: null,
        },
        ...{ granted_by: administrator.name, created_at: at, revoked_at: null, emergency: null },
      })
      .execute();
  });
  return uri;
}
