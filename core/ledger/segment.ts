import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeRefusal } from '../store/files.ts';
import type { Store } from '../store/open.ts';
import { exportRows } from './export.ts';
import type { Kinds, LedgerBody } from './kinds.ts';
import { segmentsOf } from './rows.ts';
import { verifyExport } from './verify-export.ts';

/**
 * Writes the rows up to `to` that are in no segment yet to a file, and reads it back as an auditor would. A file of that name is
 * of an attempt that was interrupted: its rows are still in the store. Null if there are no such rows.
 */
export async function writeSegment(
  store: Store,
  to: number,
  kinds: Kinds,
): Promise<LedgerBody<'ledger.sealed'> | null> {
  const from = ((await segmentsOf(store)).at(-1)?.last ?? 0) + 1;
  if (to < from) return null;
  try {
    mkdirSync(join(store.folder, 'segments'), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw writeRefusal(error, store.folder);
  }
  const file = `segments/${from}-${to}.ledger`;
  const path = join(store.folder, file);
  const sha256 = await exportRows(store, { from, to }, { path, mode: 0o600, overwrite: true });
  await verifyExport(path, kinds, null);
  return { from, to, file, sha256 };
}
