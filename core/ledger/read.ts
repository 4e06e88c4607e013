import canonicalize from 'canonicalize';
import { sql } from 'kysely';
import type { Store } from '../store/open.ts';
import { type LedgerRow, parsedRow } from './row.ts';
import { segmentPages, segmentsOf } from './rows.ts';

export type RowFilter = {
  /** Those that belong to some ceremony. */
  ofCeremonies?: boolean | undefined;
  ceremony?: string | undefined;
  kind?: string | undefined;
  /** ISO 8601, UTC: not before this time. */
  since?: string | undefined;
  /** ISO 8601, UTC: earlier than this time. */
  before?: string | undefined;
  /** Row numbers, both ends included. */
  from?: number | undefined;
  to?: number | undefined;
  /** Stands somewhere in kind, ceremony or body, capitals or not (of ASCII letters). */
  find?: string | undefined;
  /** The newest so many, still in order. */
  limit?: number | undefined;
};

/** The rows of the store that fit, the newest first. */
export function storedRows(store: Store, filter: RowFilter) {
  let query = store.db.selectFrom('ledger').selectAll();
  // Ordered by the number itself SQLite reads all rows in their order, rather than the few that the index knows.
  if (filter.ofCeremonies) query = query.where('ceremony', '>', '').orderBy(sql`+seq`, 'desc');
  else query = query.orderBy('seq', 'desc');
  if (filter.ceremony !== undefined) query = query.where('ceremony', '=', filter.ceremony);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.before !== undefined) query = query.where('at', '<', filter.before);
  if (filter.from !== undefined) query = query.where('seq', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('seq', '<=', filter.to);
  if (filter.find !== undefined) {
    const position = sql.raw(store.shared ? 'strpos' : 'instr');
    const text = sql<string>`lower(kind || ' ' || coalesce(ceremony, '') || ' ' || body)`;
    query = query.where(sql<boolean>`${position}(${text}, ${lower(filter.find)}) > 0`);
  }
  return filter.limit === undefined ? query : query.limit(filter.limit);
}

/** Rows that fit, in order: those of the store by its indexes, those of sealed segments by reading the files. */
export async function readRows(store: Store, filter: RowFilter): Promise<LedgerRow[]> {
  let rows = (await storedRows(store, filter).execute()).map(parsedRow).reverse();
  const limit = filter.limit ?? Infinity;
  for (const segment of (await segmentsOf(store)).reverse()) {
    if (rows.length >= limit) break;
    if (segment.last < (filter.from ?? 1) || segment.first > (filter.to ?? segment.last)) continue;
    const sealed: LedgerRow[] = [];
    for await (const page of segmentPages(store.folder, segment)) {
      for (const { seq, at, kind, ceremony, body } of page) {
        const row = { seq, at, kind, ceremony, body };
        if (fits(row, filter)) sealed.push(row);
      }
    }
    rows = [...sealed, ...rows];
  }
  return limit < rows.length ? rows.slice(-limit) : rows;
}

function fits({ seq, at, kind, ceremony, body }: LedgerRow, filter: RowFilter): boolean {
  return (
    (!filter.ofCeremonies || (ceremony ?? '') !== '') &&
    (filter.ceremony === undefined || ceremony === filter.ceremony) &&
    (filter.kind === undefined || kind === filter.kind) &&
    (filter.since === undefined || at >= filter.since) &&
    (filter.before === undefined || at < filter.before) &&
    seq >= (filter.from ?? 1) &&
    seq <= (filter.to ?? seq) &&
    (filter.find === undefined ||
      lower(`${kind} ${ceremony ?? ''} ${canonicalize(body) ?? ''}`).includes(lower(filter.find)))
  );
}

/** As SQLite's lower(): ASCII alone. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
