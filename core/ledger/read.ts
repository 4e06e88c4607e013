import type { Store } from '../store/open.ts';
import { type LedgerRow, parsedRow } from './row.ts';

export type RowFilter = {
  ceremony?: string;
  kind?: string;
  /** ISO 8601, UTC: not before this time. */
  since?: string;
  /** Row numbers, both ends included. */
  from?: number;
  to?: number;
  /** The newest so many, still in order. */
  limit?: number;
};

export async function readRows(store: Store, filter: RowFilter): Promise<LedgerRow[]> {
  let query = store.db
    .selectFrom('ledger')
    .selectAll()
    .orderBy('seq', filter.limit === undefined ? 'asc' : 'desc');
  if (filter.ceremony !== undefined) query = query.where('ceremony', '=', filter.ceremony);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.from !== undefined) query = query.where('seq', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('seq', '<=', filter.to);
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  const rows = (await query.execute()).map(parsedRow);
  return filter.limit === undefined ? rows : rows.reverse();
}
