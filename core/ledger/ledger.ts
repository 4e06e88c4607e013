import canonicalize from 'canonicalize';
import type { Store } from '../store/open.ts';

/** A row as it stands: its body is canonical JSON (RFC 8785). */
export type LedgerRow = { seq: number; at: string; kind: string; ceremony: string | null; body: unknown };

export type NewRow = { kind: string; ceremony: string | null; body: unknown };

export type Ledger = {
  /**
   * Appends rows that belong together, all or none. Durable when it answers: the transaction is synced to disk.
   * OUTPUT_FULL, OUTPUT_UNWRITABLE, STORE_DAMAGED.
   */
  append(rows: NewRow[]): Promise<LedgerRow[]>;
  /** Rows in order; of one ceremony if named. */
  read(filter?: { ceremony?: string }): Promise<LedgerRow[]>;
};

/** The append-only ledger in a store. `clock` gives each row its time. */
export function openLedger(store: Store, clock: () => Date): Ledger {
  return {
    async append(rows) {
      const at = clock().toISOString();
      const values = rows.map(({ kind, ceremony, body }) => {
        const text = canonicalize(body);
        if (text === undefined) throw new Error('a ledger row needs a body');
        return { at, kind, ceremony, body: text };
      });
      const inserted = await store.write((db) => db.insertInto('ledger').values(values).returning('seq').execute());
      return rows.map((row, index) => ({ ...row, at, seq: inserted[index]?.seq ?? 0 }));
    },
    async read(filter = {}) {
      let query = store.db.selectFrom('ledger').selectAll().orderBy('seq');
      if (filter.ceremony !== undefined) query = query.where('ceremony', '=', filter.ceremony);
      const rows = await query.execute();
      return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as unknown }));
    },
  };
}
