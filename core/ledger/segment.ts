import { mkdirSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Kysely } from 'kysely';
import { writeRefusal } from '../store/files.ts';
import type { Store } from '../store/open.ts';
import { keepSegment } from '../store/postgres-segments.ts';
import type { Tables } from '../store/schema.ts';
import { exportRows, signedHead } from './export.ts';
import type { Kinds, LedgerBody } from './kinds.ts';
import { segmentsOf } from './rows.ts';
import { verifyExport } from './verify-export.ts';

/** No segment has more rows: whoever reads a page of one reads the file, and while rows leave the table everybody else waits. */
export const SEGMENT_ROWS = 20_000;

const FOLDER = 'segments';
/** Where several nodes share the store: of a segment that is on its way to the database. */
const DRAFTS = '.sealing';

/**
 * Writes the rows up to `to` that are in no segment yet, or the first SEGMENT_ROWS of them, to a file, and reads it back as an auditor would. A file of that name is
 * of an attempt that was interrupted: its rows are still in the store. Null if there are no such rows.
 */
export async function writeSegment(
  store: Store,
  to: number,
  kinds: Kinds,
): Promise<LedgerBody<'ledger.sealed'> | null> {
  const from = ((await segmentsOf(store)).at(-1)?.last ?? 0) + 1;
  if (to < from) return null;
  const { size } = await signedHead(store, to);
  const last = Math.min(to, from + SEGMENT_ROWS - 1);
  const file = `${FOLDER}/${from}-${last}.ledger`;
  const path = writtenAt(store, file);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await removeInterrupted(store, dirname(path), from, size);
  } catch (error) {
    throw writeRefusal(error, store.folder);
  }
  const sha256 = await exportRows(store, { from, to: last }, { path, mode: 0o600, overwrite: true });
  await verifyExport(path, kinds, null);
  return { from, to: last, file, sha256 };
}

/** Removes rows from the table, in the transaction of the row that says so. */
export async function moveRows(store: Store, db: Kysely<Tables>, segment: LedgerBody<'ledger.sealed'>): Promise<void> {
  const { from: first, to: last, file, sha256 } = segment;
  const named = { first, last, file, sha256 };
  await db.insertInto('ledger_segment').values(named).execute();
  if (store.shared) await keepSegment(db, writtenAt(store, file), named);
  await db.deleteFrom('ledger').where('seq', '<=', last).execute();
}

/** When the rows have left: a file whose bytes the database has is of no more use. */
export async function endSegment(store: Store, { file }: LedgerBody<'ledger.sealed'>): Promise<void> {
  if (store.shared) await unlink(writtenAt(store, file));
}

function writtenAt(store: Store, file: string): string {
  return store.shared ? join(store.folder, DRAFTS, basename(file)) : join(store.folder, file);
}

/** What was being written when a process ended: halves, and whole files that no row names and whose rows are all in the store, which has `size`. Drafts are no more than that. */
async function removeInterrupted(store: Store, folder: string, from: number, size: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, half, first, last] = /^(\.?)(\d+)-(\d+)\.ledger(?:\.[0-9a-f]+\.tmp)?$/.exec(name) ?? [];
    if (half === undefined) continue;
    if (store.shared || half === '.' || (Number(first) === from && Number(last) <= size))
      await unlink(join(folder, name));
  }
}

/**
 * The last row from before `at` among the next SEGMENT_ROWS that are in the store, and among the first `size`; null if there is none. It looks at no more than those, however many the store has.
 */
export async function lastBefore({ db }: Store, at: string, size: number): Promise<number | null> {
  const first = await db.selectFrom('ledger').select('seq').orderBy('seq').limit(1).executeTakeFirst();
  if (!first) return null;
  const { last } = await db
    .selectFrom('ledger')
    .select(({ fn }) => fn.max('seq').as('last'))
    .where('seq', '<=', Math.min(first.seq + SEGMENT_ROWS - 1, size))
    .where('at', '<', at)
    .executeTakeFirstOrThrow();
  return last;
}
