import { Refusal } from '../contract/errors.ts';
import type { KeyRing } from '../kms/key-ring.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Store } from '../store/open.ts';
import { VAULT_KINDS } from './kinds.ts';
import { record, vaultRow } from './parts.ts';
import { OWN } from './rows.ts';
import { activeKey, checkOf } from './vault.ts';

/** The holder itself, where nobody asked for it. */
const BY = { principal: 'claviger', address: 'pipe', agent: 'claviger' };

/** What a key that is lost or damaged is refused with; a wrong passphrase is neither. */
const TROUBLE = [
  'VAULT_KEY_DAMAGED',
  'VAULT_KEY_GONE',
  'VAULT_KEY_OTHER',
  'KEYSTORE_DAMAGED',
  'KEY_AMBIGUOUS',
  'KEY_DIFFERENT',
  'TOKEN_GONE',
  'TOKEN_LIED',
];

/** A key that could not be opened at an unlock is told of in the ledger, and as an alert (requirement K6). */
export async function tellKeyTrouble(ledger: Ledger, key: string, error: unknown): Promise<void> {
  if (error instanceof Refusal && TROUBLE.includes(error.code)) await note(ledger, key, error.code);
}

/** It opened at an unlock: where it was in trouble before, that is over. */
export async function tellKeyWhole(ledger: Ledger, key: string): Promise<void> {
  const [newest] = await ledger.read({ kind: 'vault.key-check', limit: 1 });
  if (newest && !VAULT_KINDS['vault.key-check'].parse(newest.body).ok) await note(ledger, key, null);
}

/** While a vault is open its key is tried now and then: what it sealed when it began must open. Trouble is told once, and so is its end. */
export class KeyWatch {
  readonly #parts: { store: Store; ledger: Ledger; kms: KeyRing };
  #trouble: string | null = null;

  constructor(parts: { store: Store; ledger: Ledger; kms: KeyRing }) {
    this.#parts = parts;
  }

  async check(): Promise<void> {
    const { store, ledger, kms } = this.#parts;
    const found = await troubleOf(store, kms);
    if (found === this.#trouble) return;
    await note(ledger, kms.keyId, found);
    this.#trouble = found;
  }
}

/** A code, or what the provider says of itself; null where the key opens. */
async function troubleOf(store: Store, kms: KeyRing): Promise<string | null> {
  const { ok, detail } = await kms.healthCheck();
  if (!ok) return detail ?? 'KMS_CLOSED';
  try {
    const key = await activeKey(store.db);
    // While one key takes the place of another the ring has both: the one that the store names is tried.
    if (key) await checkOf(key, kms.key(key.id) ?? kms);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

async function note(ledger: Ledger, key: string, code: string | null): Promise<void> {
  const alert = { owner: OWN, environment: 'isolated', name: 'key', secret: null, count: 1, ...BY } as const;
  await record(ledger, [
    vaultRow('vault.key-check', { key, ok: code === null, code }),
    ...(code === null ? [] : [vaultRow('vault.alert', { alert: 'key', ...alert })]),
  ]);
}
