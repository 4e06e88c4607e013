import type { Pieces } from './lines.ts';
import type { LedgerSegmentTable } from './schema.ts';

/** A ledger row as SQLite has it: in a damaged file a column can hold anything. */
export type RawRow = [seq: number, at: unknown, kind: unknown, ceremony: unknown, body: unknown];

/** The ledger of a store for whoever verifies it: one state of it, nothing written. Everything throws STORE_DAMAGED. */
export type LedgerReader = {
  origin: string;
  segments: LedgerSegmentTable[];
  /** The last number that a row ever had, by SQLite's own count (PostgreSQL has none, and says the last there is), and the last that the tree has. */
  lastGiven: number;
  lastInTree: number;
  rows(after: number, limit: number): RawRow[] | Promise<RawRow[]>;
  /** The bytes of a sealed segment. FILE_MISSING, FILE_UNREADABLE. */
  segment(segment: LedgerSegmentTable): Pieces;
  /** The tree's hashes of rows `from` to `to`, one after the other. */
  hashes(from: number, to: number): Buffer | Promise<Buffer>;
  close(): Promise<void>;
};
