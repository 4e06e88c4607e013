import { join } from 'node:path';
import { Refusal } from '../contract/errors.ts';
import type { Store } from '../store/open.ts';
import type { LedgerSegmentTable } from '../store/schema.ts';
import type { RowText } from './row.ts';
import { type SliceRow, openSlice } from './slice.ts';
import canonicalize from 'canonicalize';

const PAGE_ROWS = 1000;

/** Rows `from` to `to` in order, some at a time, from sealed segments and the store. LEDGER_SEGMENT_MISSING, LEDGER_SEGMENT_DAMAGED. */
export async function* rowPages(store: Store, from: number, to: number): AsyncGenerator<RowText[]> {
  let next = from;
  for (const segment of await segmentsOf(store)) {
    if (segment.last < next || segment.first > to) continue;
    for await (const rows of segmentPages(store.folder, segment)) {
      const wanted = rows.filter(({ seq }) => seq >= next && seq <= to);
      if (wanted.length > 0) yield wanted.map(textOf);
    }
    next = segment.last + 1;
  }
  while (next <= to) {
    const rows = await store.db
      .selectFrom('ledger')
      .selectAll()
      .where('seq', '>=', next)
      .where('seq', '<=', to)
      .orderBy('seq')
      .limit(PAGE_ROWS)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    next = last.seq + 1;
  }
}

export function segmentsOf(store: Store): Promise<LedgerSegmentTable[]> {
  return store.db.selectFrom('ledger_segment').selectAll().orderBy('first').execute();
}

/** The rows of a sealed segment; a file that is not the one that was sealed is refused, at the latest after its last row. */
export async function* segmentPages(folder: string, segment: LedgerSegmentTable): AsyncGenerator<SliceRow[]> {
  const { file, first: from, last: to } = segment;
  const damaged = () => new Refusal('LEDGER_SEGMENT_DAMAGED', { file, from, to });
  const slice = await openSlice(join(folder, file), damaged).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'FILE_MISSING') {
      throw new Refusal('LEDGER_SEGMENT_MISSING', { file, from, to });
    }
    throw error;
  });
  try {
    yield* slice.pages;
    if (slice.sha256() !== segment.sha256) throw damaged();
  } finally {
    await slice.close();
  }
}

export function textOf({ seq, at, kind, ceremony, body }: SliceRow): RowText {
  return { seq, at, kind, ceremony, body: canonicalize(body) ?? '' };
}
