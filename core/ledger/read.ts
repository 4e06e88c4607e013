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
  /** About some of each of these: ids of secrets and principals, as the vault's trail has them. */
  about?: string[][] | undefined;
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
  /** Of those in the store alone: no file is read. */
  inStore?: boolean | undefined;
};

/** The rows of the store that fit, the newest first. */
export function storedRows(store: Store, filter: RowFilter) {
  let query = store.db.selectFrom('ledger').selectAll('ledger');
  const [first, ...others] = filter.about ?? [];
  if (first) {
    // The trail leads to the rows, and has them in their order.
    const along = query.innerJoin('vault_trail as t', 't.seq', 'ledger.seq').where('t.about', 'in', first);
    query = along.orderBy('t.seq', 'desc');
    for (const ids of others) {
      query = query.where((where) =>
        where.exists(
          where
            .selectFrom('vault_trail as o')
            .select('o.seq')
            .where('o.about', 'in', ids)
            .whereRef('o.seq', '=', 'ledger.seq'),
        ),
      );
    }
  }
  // Ordered by the number itself SQLite reads all rows in their order, rather than the few that the index knows.
  else if (filter.ofCeremonies) query = query.where('ceremony', '>', '').orderBy(sql`+ledger.seq`, 'desc');
  else query = query.orderBy('ledger.seq', 'desc');
  if (filter.ceremony !== undefined) query = query.where('ceremony', '=', filter.ceremony);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.before !== undefined) query = query.where('at', '<', filter.before);
  if (filter.from !== undefined) query = query.where('ledger.seq', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('ledger.seq', '<=', filter.to);
  if (filter.find !== undefined) {
    const position = sql.raw(store.shared ? 'strpos' : 'instr');
    const text = sql<string>`lower(kind || ' ' || coalesce(ceremony, '') || ' ' || body)`;
    query = query.where(sql<boolean>`${position}(${text}, ${lower(filter.find)}) > 0`);
  }
  return filter.limit === undefined ? query : query.limit(filter.limit);
}

/** Rows that fit, in order: those of the store by its indexes, those of sealed segments by reading the files. */
export async function readRows(store: Store, filter: RowFilter): Promise<LedgerRow[]> {
  const stored = (await storedRows(store, filter).execute()).map(parsedRow).reverse();
  if (filter.inStore) return stored;
  const segments = (await segmentsOf(store)).reverse();
  // What has left the table since it was read is in a file by now, and not to be told twice.
  const sealedTo = segments[0]?.last ?? 0;
  let rows = stored.filter(({ seq }) => seq > sealedTo);
  const limit = filter.limit ?? Infinity;
  const trails = await trailsOf(store, filter, sealedTo);
  for (const segment of segments) {
    if (rows.length >= limit) break;
    const { first, last } = segment;
    if (last < (filter.from ?? 1) || first > (filter.to ?? last)) continue;
    if (trails.some((trail) => ![...trail].some((seq) => seq >= first && seq <= last))) continue;
    const sealed: LedgerRow[] = [];
    for await (const page of segmentPages(store, segment)) {
      for (const { seq, at, kind, ceremony, body } of page) {
        const row = { seq, at, kind, ceremony, body };
        if (fits(row, filter) && trails.every((trail) => trail.has(seq))) sealed.push(row);
      }
    }
    rows = [...sealed, ...rows];
  }
  return limit < rows.length ? rows.slice(-limit) : rows;
}

/** What a file cannot tell: which of its rows are about whom. */
async function trailsOf(store: Store, { about = [] }: RowFilter, sealedTo: number): Promise<Set<number>[]> {
  if (sealedTo === 0) return [];
  return Promise.all(
    about.map(async (ids) => {
      const rows = await store.db
        .selectFrom('vault_trail')
        .select('seq')
        .where('about', 'in', ids)
        .where('seq', '<=', sealedTo)
        .execute();
      return new Set(rows.map(({ seq }) => seq));
    }),
  );
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
