import { VAULT_KINDS, type VaultBody, type VaultKind } from '../vault/kinds.ts';

/** A row of the ledger, as far as a report reads it. */
export type Row = { seq: number; at: string; kind: string; body: unknown };

/** The body of a row of some kind; null for a row of another. */
export function bodyOf<K extends VaultKind>(row: Row, kind: K): VaultBody<K> | null {
  return row.kind === kind ? (VAULT_KINDS[kind].parse(row.body) as VaultBody<K>) : null;
}
