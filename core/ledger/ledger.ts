import canonicalize from 'canonicalize';
import type { Store } from '../store/open.ts';

/** A row as it stands: its body is canonical JSON (RFC 8785). */
export type LedgerRow = { seq: number; at: string; kind: string; ceremony: string | null; body: unknown };

export type Ledger = {
  /** Durable when it answers: the transaction is synced to disk. */
  append(row: { kind: string; ceremony: string | null; body: unknown }): Promise<LedgerRow>;
  /** Rows in order; of one ceremony if named. */
  read(filter?: { ceremony?: string }): Promise<LedgerRow[]>;
};

/** The append-only ledger in a store. `clock` gives each row its time. */
export function openLedger(store: Store, clock: () => Date): Ledger {
  return {
    async append({ kind, ceremony, body }) {
      const at = clock().toISOString();
      const text = canonicalize(body);
      if (text === undefined) throw new Error('a ledger row needs a body');
      const inserted = await store.db
        .insertInto('ledger')
        .values({ at, kind, ceremony, body: text })
        .returning('seq')
        .executeTakeFirstOrThrow();
      return { seq: inserted.seq, at, kind, ceremony, body };
    },
    async read(filter = {}) {
      let query = store.db.selectFrom('ledger').selectAll().orderBy('seq');
      if (filter.ceremony !== undefined) query = query.where('ceremony', '=', filter.ceremony);
      const rows = await query.execute();
      return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as unknown }));
    },
  };
}
