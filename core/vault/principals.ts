import { randomBytes, randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { PrincipalView } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import { guarded, wipe } from '../process/guarded.ts';
import type { VaultPrincipalTable } from '../store/schema.ts';
import {
  type SealedCredential,
  credentialsOf,
  eraseCredentials,
  openCredential,
  sealCredential,
  writeCredential,
} from './credentials.ts';
import { EVERYTHING, requireAdmin } from './grants.ts';
import type { VaultBody } from './kinds.ts';
import { type Caller, type Principal, type VaultParts, type VaultRow, byOf, record, vaultRow } from './parts.ts';
import { unlock } from './uses.ts';
import { hashPassword, macToken } from './verifiers.ts';

/** Shorter ones are refused, whatever they are made of (characters are for the window's measure). */
export const PASSWORD_BYTES = 12;
/** RFC 6238, RFC 4226 4: at least 128 bits, 160 recommended. */
const TOTP_KEY_BYTES = 20;
const TOKEN_BYTES = 32;
const TOKEN_PREFIX = 'clv_';

/** What one-time codes are, everywhere here (RFC 6238: SHA-1, 6 digits, 30 seconds, which every authenticator has). */
export function totpOf(name: string, key: Uint8Array): TOTP {
  const secret = new Secret({ buffer: Uint8Array.from(key).buffer });
  return new TOTP({ issuer: 'Claviger', label: name, secret, algorithm: 'SHA1', digits: 6, period: 30 });
}

export function principalOf({ id, name, kind, system }: VaultPrincipalTable): Principal {
  return { id, name, kind, system: system !== 0 };
}

type Change = VaultBody<'vault.principal'>['change'];

/** People and services: added by whoever administers the whole vault, and never erased, since rows name them. */
export class Principals {
  readonly #parts: VaultParts;

  constructor(parts: VaultParts) {
    this.#parts = parts;
  }

  async list(caller: Caller): Promise<PrincipalView[]> {
    await this.#administrator(caller, 'principal list');
    const { db } = this.#parts.store;
    const rows = await db.selectFrom('vault_principal').selectAll().orderBy('name').execute();
    const locked = await db
      .selectFrom('vault_use')
      .select('principal')
      .distinct()
      .where('locked_at', 'is not', null)
      .execute();
    const credentials = await credentialsOf(db);
    return rows.map((row) => ({
      ...{ id: row.id, name: row.name, kind: row.kind, system: row.system !== 0, disabled: row.disabled !== 0 },
      ...{ certificate: row.certificate, uid: row.uid, createdAt: row.created_at },
      locked: locked.some(({ principal }) => principal === row.id),
      credentials: credentials.get(row.id) ?? [],
    }));
  }

  /** PRINCIPAL_EXISTS, VAULT_REFUSED. */
  async add(caller: Caller, wanted: { name: string; kind: 'person' | 'service'; system: boolean }): Promise<string> {
    await this.#administrator(caller, 'principal add');
    const row = newPrincipal(wanted, this.#parts.clock());
    const { db } = this.#parts.store;
    const exists = await db
      .selectFrom('vault_principal')
      .select('id')
      .where('name', '=', wanted.name)
      .executeTakeFirst();
    if (exists) throw new Refusal('PRINCIPAL_EXISTS', { name: wanted.name });
    await record(this.#parts.ledger, [changed(row, 'added', caller)], async (transaction) => {
      await transaction.insertInto('vault_principal').values(row).execute();
    });
    return row.id;
  }

  /** One's own, or another's by an administrator. The caller wipes `password`. PASSWORD_SHORT, PRINCIPAL_UNKNOWN, VAULT_REFUSED. */
  async setPassword(caller: Caller, name: string, password: Uint8Array): Promise<void> {
    const row = await this.#person(caller, name);
    await this.#set(caller, row, 'password', await newPassword(this.#parts, row.id, password));
  }

  /** A new key of one-time codes, as the URI that an authenticator reads, in guarded memory; shown once, and the caller wipes it. */
  async setTotp(caller: Caller, name: string): Promise<Uint8Array> {
    const row = await this.#person(caller, name);
    const { uri, credential } = await newTotp(this.#parts, row);
    await this.#set(caller, row, 'totp', credential);
    return uri;
  }

  /**
   * A new token of a service, in guarded memory; shown once, and the caller wipes it. The one before ends, once `deliver` has the new one: what it refuses changes nothing.
   */
  async issueToken(
    caller: Caller,
    name: string,
    deliver: (token: Uint8Array) => Promise<void> = () => Promise.resolve(),
  ): Promise<Uint8Array> {
    await this.#administrator(caller, 'principal token');
    const row = await this.#find(name);
    if (row.kind !== 'service') throw new Refusal('PRINCIPAL_KIND', { name });
    const random = randomBytes(TOKEN_BYTES);
    const text = new TextEncoder().encode(`${TOKEN_PREFIX}${row.id}_${random.toString('base64url')}`);
    wipe(random);
    const token = guarded(text.length);
    token.set(text);
    wipe(text);
    try {
      await deliver(token);
      await this.#set(caller, row, 'token', await sealCredential(this.#parts, row.id, 'token', macToken(token)));
      return token;
    } catch (error) {
      wipe(token);
      throw error;
    }
  }

  /** Authenticates by a client certificate (SHA-256 of its DER, hex), or as a user of this machine. CREDENTIAL_TAKEN. */
  async bind(caller: Caller, name: string, to: { certificate: string } | { uid: number }): Promise<void> {
    await this.#administrator(caller, 'principal bind');
    const row = await this.#find(name);
    if (row.kind !== 'service') throw new Refusal('PRINCIPAL_KIND', { name });
    const { db } = this.#parts.store;
    const [column, value] = 'uid' in to ? (['uid', to.uid] as const) : (['certificate', to.certificate] as const);
    const taken = await db
      .selectFrom('vault_principal')
      .select('id')
      .where(column, '=', value)
      .where('id', '!=', row.id)
      .executeTakeFirst();
    if (taken) throw new Refusal('CREDENTIAL_TAKEN');
    await record(this.#parts.ledger, [changed(row, column, caller)], async (transaction) => {
      await transaction.updateTable('vault_principal').set(to).where('id', '=', row.id).execute();
    });
  }

  /** Ends every way in at once, or lets somebody in again who sets new credentials. Nobody disables themselves. */
  async setDisabled(caller: Caller, name: string, disabled: boolean): Promise<void> {
    await this.#administrator(caller, 'principal disable');
    const row = await this.#find(name);
    if (row.id === caller.principal.id) throw new Refusal('PRINCIPAL_ONESELF');
    const out = disabled ? { disabled: 1, certificate: null, uid: null } : { disabled: 0 };
    await record(this.#parts.ledger, [changed(row, disabled ? 'disabled' : 'enabled', caller)], async (transaction) => {
      if (disabled) await eraseCredentials(transaction, row.id);
      await transaction.updateTable('vault_principal').set(out).where('id', '=', row.id).execute();
    });
  }

  /** Takes off every lock that failures have put on a principal. */
  async unlock(caller: Caller, name: string): Promise<void> {
    await this.#administrator(caller, 'principal unblock');
    const row = await this.#find(name);
    if (row.id === caller.principal.id) throw new Refusal('PRINCIPAL_ONESELF');
    await record(this.#parts.ledger, [changed(row, 'unlocked', caller)], (transaction) => unlock(transaction, row.id));
  }

  async #set(caller: Caller, row: VaultPrincipalTable, change: Change, credential: SealedCredential): Promise<void> {
    await record(this.#parts.ledger, [changed(row, change, caller)], (db) =>
      writeCredential(db, this.#parts.kms, credential),
    );
  }

  #administrator(caller: Caller, action: string): Promise<void> {
    return requireAdmin(this.#parts, caller, EVERYTHING, action);
  }

  async #find(name: string): Promise<VaultPrincipalTable> {
    const row = await this.#parts.store.db
      .selectFrom('vault_principal')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    if (!row) throw new Refusal('PRINCIPAL_UNKNOWN', { name });
    return row;
  }

  async #person(caller: Caller, name: string): Promise<VaultPrincipalTable> {
    if (caller.principal.name !== name) await this.#administrator(caller, 'principal credential');
    const row = await this.#find(name);
    if (row.kind !== 'person') throw new Refusal('PRINCIPAL_KIND', { name });
    return row;
  }
}

export function newPrincipal(
  wanted: { name: string; kind: 'person' | 'service'; system: boolean },
  now: Date,
): VaultPrincipalTable {
  return {
    ...{ id: randomUUID(), name: wanted.name, kind: wanted.kind, system: wanted.system ? 1 : 0, disabled: 0 },
    ...{ certificate: null, uid: null, totp_counter: null, created_at: now.toISOString() },
  };
}

export function changed(row: VaultPrincipalTable, change: Change, caller: Caller): VaultRow {
  const { id, name: subject, kind, system } = row;
  return vaultRow(
    'vault.principal',
    { subject, id, kind, system: system !== 0, change, ...byOf(caller) },
    { principal: id },
  );
}

/** PASSWORD_SHORT */
export function refuseShort(password: Uint8Array): void {
  if (password.length < PASSWORD_BYTES) throw new Refusal('PASSWORD_SHORT', { bytes: PASSWORD_BYTES });
}

export async function newPassword(
  parts: VaultParts,
  principal: string,
  password: Uint8Array,
): Promise<SealedCredential> {
  refuseShort(password);
  const hash = await hashPassword(password);
  return sealCredential(parts, principal, 'password', hash);
}

export async function newTotp(
  parts: VaultParts,
  { id, name }: VaultPrincipalTable,
): Promise<{ uri: Uint8Array; credential: SealedCredential }> {
  const key = guarded(TOTP_KEY_BYTES);
  const random = randomBytes(TOTP_KEY_BYTES);
  key.set(random);
  wipe(random);
  try {
    const credential = await sealCredential(parts, id, 'totp', key);
    const text = new TextEncoder().encode(totpOf(name, key).toString());
    const uri = guarded(text.length);
    uri.set(text);
    wipe(text);
    return { uri, credential };
  } finally {
    wipe(key);
  }
}

export async function totpKeyOf(parts: VaultParts, principal: string): Promise<Uint8Array | null> {
  return openCredential(parts, principal, 'totp');
}
