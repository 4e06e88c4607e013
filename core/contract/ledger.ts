import type { ErrorValue } from './errors.ts';

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

export type LedgerListing = {
  /** In order. */
  rows: LedgerRowView[];
  /** How many rows the ledger has, and how many of them the newest signed checkpoint covers. */
  size: number;
  signed: number;
  /** Every kind that a row can have. */
  kinds: string[];
};

/** The newest signed checkpoint, to be kept on paper. */
export type LedgerWitness = {
  origin: string;
  size: number;
  /** Its three lines, and the size with the root in words. */
  text: string;
  words: string[];
  at: string;
  /** A QR code of `text` (ISO/IEC 18004), row by row: 1 is a dark module. Its quiet zone is left to whoever draws it. */
  qr: string[];
};

/** Rows that went to a file of the data folder. `sha256`: hex. */
export type SealedSegment = { file: string; from: number; to: number; sha256: string };

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

/** How far a verification of the open store has come. */
export type VerificationProgress = {
  /** Counts every change, so that a view can wait for the next one. */
  version: number;
  state: 'none' | 'running' | 'paused' | 'cancelled' | 'verified' | 'refused';
  /** When it began; null where none did. */
  at: string | null;
  /** Rows that are checked, of how many. */
  done: number;
  total: number;
  verified: LedgerVerification | null;
  /** What is not in order; LEDGER_ALTERED names the first bad row. */
  error: ErrorValue | null;
};
