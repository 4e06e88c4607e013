/** The tables. Each migration file says why its table is there. */
export type Tables = {
  ledger: LedgerTable;
  ledger_tree: LedgerTreeTable;
  ledger_origin: { origin: string };
  ledger_segment: LedgerSegmentTable;
  sealed_share: SealedShareTable;
};

export type LedgerTable = {
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  kind: string;
  /** Null for a row that belongs to no ceremony. */
  ceremony: string | null;
  /** Canonical JSON (RFC 8785). */
  body: string;
};

export type LedgerTreeTable = {
  seq: number;
  /** The leaf's hash, then those of the subtrees that the row completes, 32 bytes each. */
  hashes: Uint8Array;
};

/** Rows `first` to `last` are in a file of the data folder. */
export type LedgerSegmentTable = { first: number; last: number; file: string; sha256: string };

export type SealedShareTable = {
  ceremony: string;
  number: number;
  x: number;
  /** The share as printed: encrypted under its custodian's passphrase. */
  text: string;
};
