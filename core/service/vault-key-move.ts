import { resolve } from 'node:path';
import { Refusal } from '../contract/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Store } from '../store/open.ts';
import { record, vaultRow } from '../vault/parts.ts';
import { activeKey, checkOf } from '../vault/vault.ts';
import { modeOfKey, openToken, placeSchema } from './vault-key.ts';

/**
 * The vault's key lies in another token from now on, into which a ceremony has recovered it under its label: tried there before anything is written. With it goes another key of a rotation that
 * was in the same token. `secret`: the new token's PIN, where its file names no source for it; the caller wipes it. VAULT_NEW, INPUT_INVALID for a key in a keystore, STORE_OF_OTHER_MODE,
 * TOKEN_KEK_NEEDED, VAULT_KEY_DAMAGED, and what opening a token and a key in it refuses.
 */
export async function moveKey(
  { store, ledger }: { store: Store; ledger: Ledger },
  tokenFile: string,
  secret: Uint8Array | null,
): Promise<{ keyId: string; label: string; token: string }> {
  const key = await activeKey(store.db);
  if (!key) throw new Refusal('VAULT_NEW');
  const before = placeSchema.parse(JSON.parse(key.place));
  if (!('token' in before)) throw new Refusal('INPUT_INVALID', { detail: 'its key is in a keystore' });
  const { label } = before;
  const token = resolve(tokenFile);
  modeOfKey({ token, label }, key.mode);
  const kms = await openToken({ ...before, token }, key.id, secret, ledger);
  try {
    await checkOf(key, kms);
    const rows = [vaultRow('vault.key-moved', { key: key.id, from: before.token, to: token })];
    await record(ledger, rows, async (db) => {
      const keys = await db.selectFrom('vault_key').selectAll().where('state', '!=', 'destroyed').execute();
      for (const { id, place: text } of keys) {
        const place = placeSchema.parse(JSON.parse(text));
        if (!('token' in place) || place.token !== before.token) continue;
        const moved = JSON.stringify({ ...place, token });
        await db.updateTable('vault_key').set({ place: moved }).where('id', '=', id).execute();
      }
    });
  } finally {
    await kms.close();
  }
  return { keyId: key.id, label, token };
}
