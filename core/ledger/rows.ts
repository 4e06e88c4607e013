import { Refusal } from '../contract/errors.ts';
import type { Store } from '../store/open.ts';
import type { LedgerSegmentTable } from '../store/schema.ts';
import type { RowText } from './row.ts';
import type { LedgerBody } from './kinds.ts';
import { type Slice, type SliceRow, openSlice } from './slice.ts';
import canonicalize from 'canonicalize';

const PAGE_ROWS = 1000;

/** Rows `from` to `to` in order, some at a time, from sealed segments and the store. LEDGER_SEGMENT_MISSING, LEDGER_SEGMENT_DAMAGED. */
export async function* rowPages(store: Store, from: number, to: number): AsyncGenerator<RowText[]> {
  let next = from;
  while (next <= to) {
    const rows = await store.db
      .selectFrom('ledger')
      .selectAll()
      .where('seq', '>=', next)
      .where('seq', '<=', to)
      .orderBy('seq')
      .limit(PAGE_ROWS)
      .execute();
    // After each page anew: what is sealed meanwhile leaves the table between two of them.
    const segment = rows[0]?.seq === next ? null : await segmentWith(store, next);
    if (segment) {
      for await (const sealed of segmentPages(store, segment)) {
        const wanted = sealed.filter(({ seq }) => seq >= next && seq <= to);
        if (wanted.length > 0) yield wanted.map(textOf);
      }
      next = segment.last + 1;
      continue;
    }
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    next = last.seq + 1;
  }
}

async function segmentWith(store: Store, seq: number): Promise<LedgerSegmentTable | null> {
  return (await segmentsOf(store)).find(({ first, last }) => first <= seq && last >= seq) ?? null;
}

export function segmentsOf(store: Store): Promise<LedgerSegmentTable[]> {
  return store.db.selectFrom('ledger_segment').selectAll().orderBy('first').execute();
}

/** The rows of a sealed segment; a segment that is not the one that was sealed is refused, at the latest after its last row. */
export async function* segmentPages(store: Store, segment: LedgerSegmentTable): AsyncGenerator<SliceRow[]> {
  const slice = await openSegment(store, segment);
  try {
    yield* slice.pages;
    if (slice.sha256() !== segment.sha256) throw damaged(segment);
  } finally {
    await slice.close();
  }
}

/** The ledger keys that a sealed segment rests on, in order. */
export async function segmentKeys(store: Store, segment: LedgerSegmentTable): Promise<LedgerBody<'ledger.key'>[]> {
  const slice = await openSegment(store, segment);
  await slice.close();
  return slice.header.keys;
}

function openSegment(store: Store, segment: LedgerSegmentTable): Promise<Slice> {
  const { file, first: from, last: to } = segment;
  return openSlice(store.segment(segment), () => damaged(segment)).catch((error: unknown) => {
    const missing = error instanceof Refusal && error.code === 'FILE_MISSING';
    throw missing ? new Refusal('LEDGER_SEGMENT_MISSING', { file, from, to }) : error;
  });
}

function damaged({ file, first: from, last: to }: LedgerSegmentTable): Refusal {
  return new Refusal('LEDGER_SEGMENT_DAMAGED', { file, from, to });
}

export function textOf({ seq, at, kind, ceremony, body }: SliceRow): RowText {
  return { seq, at, kind, ceremony, body: canonicalize(body) ?? '' };
}
