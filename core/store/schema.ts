import type { Generated } from 'kysely';

/** The tables. Each migration file says why its table is there. */
export type Tables = {
  ledger: LedgerTable;
  sealed_share: SealedShareTable;
};

export type LedgerTable = {
  seq: Generated<number>;
  /** ISO 8601, UTC. */
  at: string;
  kind: string;
  /** Null for a row that belongs to no ceremony. */
  ceremony: string | null;
  /** Canonical JSON (RFC 8785). */
  body: string;
};

export type SealedShareTable = {
  ceremony: string;
  number: number;
  x: number;
  /** The share as printed: encrypted under its custodian's passphrase. */
  text: string;
};
