import type { Kysely } from 'kysely';
import type { LedgerReader } from './ledger-reader.ts';
import type { Pieces } from './lines.ts';
import type { LedgerSegmentTable, Tables } from './schema.ts';

/** What holds a ledger and a vault: a database in the folder itself, or one on PostgreSQL that several nodes share, each with a folder of its own. */
export type Store = {
  /** Beside the database: keystore, settings, and sealed segments where nobody shares the store. */
  folder: string;
  db: Kysely<Tables>;
  /** Whether others write to it too: what was read a moment ago may have changed. */
  shared: boolean;
  /**
   * A change, with the database's errors made refusals: OUTPUT_FULL, OUTPUT_UNWRITABLE, STORE_DAMAGED, STORE_BUSY, STORE_UNREACHABLE, STORE_OVERTAKEN. Transactions are one after the other, whoever
   * begins them. It may run more than once.
   */
  write<T>(change: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /**
   * Does some work that only one node does at a time; null where another one is at it. When that one dies the database lets go of its lock. `lost`: aborted when the lock is gone before the
   * work has ended, and somebody else may be at it.
   */
  alone<T>(what: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null>;
  /** Writes zeros over the write-ahead log, so that erased content is gone from the files too (secure_delete is on). PostgreSQL has its own time for that. OUTPUT_UNWRITABLE and its like. */
  flush(): Promise<void>;
  /** A copy of the database in a new SQLite file (0600), as it is at one moment, while others go on. OUTPUT_FULL and its like. */
  snapshot(path: string): Promise<void>;
  /** The bytes of a sealed segment: a file's in the folder, or the database's where the store is shared. FILE_MISSING, FILE_UNREADABLE. */
  segment(segment: LedgerSegmentTable): Pieces;
  /** The ledger as it is now, for a verification while the store is open. */
  ledgerReader(): Promise<LedgerReader>;
  close(): Promise<void>;
};
