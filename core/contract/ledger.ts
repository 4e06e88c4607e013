/** What `ledger verify` found in order. Whatever is not in order is refused with a code. */
export type LedgerVerification = {
  of: 'store' | 'export';
  origin: string;
  /** The rows that were read, both ends included; an empty store has 0 and 0. */
  from: number;
  to: number;
  /** The tree over them, or the one that an export reaches. */
  size: number;
  /** Base64. */
  root: string;
  /** How many rows the newest signed checkpoint covers, and how many stand after it: not yet signed. */
  signed: number;
  notYetSigned: number;
  checkpoints: number;
  /** Whose signature the newest checkpoint carries; null where there is none. Compare it with paper, or with the root. */
  signer: LedgerKeyFact | null;
  /** In order. A key that signed nothing proves nothing: anybody can hand over to a certificate. */
  keys: LedgerKeyFact[];
  segments: number;
  /** Rows of the checkpoint on paper, if one was given: it is contained. */
  paper: number | null;
  /** Nothing that was altered, but something to know. */
  warnings: { seq: number; detail: string }[];
};

export type LedgerKeyFact = { subject: string; issuer: string; sha256: string };

export type LedgerRowView = { seq: number; at: string; kind: string; ceremony: string | null; body: unknown };

/** The newest signed checkpoint, to be kept on paper. */
export type LedgerWitness = {
  origin: string;
  size: number;
  /** Its three lines, and the size with the root in words. */
  text: string;
  words: string[];
  at: string;
};

/** One row, proven in the tree of a signed checkpoint (RFC 6962 2.1.1). Hashes and signature in base64. */
export type LedgerProof = {
  row: LedgerRowView;
  /** What is hashed for the row. */
  leaf: string;
  index: number;
  size: number;
  path: string[];
  checkpoint: { body: string; signature: string };
  keys: { certificate: string; signature: string | null }[];
};
