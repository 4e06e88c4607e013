import { Refusal } from '../contract/errors.ts';
import { sameBytes } from '../pki/same-bytes.ts';
import type { Store } from '../store/open.ts';
import { leafOf } from './row.ts';
import { altered } from './row-check.ts';
import { leafHash } from './tree.ts';

const PAGE_ROWS = 1000;

/**
 * Hashes the rows that are in the table anew and compares them with the tree's leaves, which checkpoints and proofs are made of: a
 * row that was changed beside its leaf is found before anything is built on it. Everything else is `ledger verify`'s. LEDGER_ALTERED.
 */
export async function checkLeaves(store: Store): Promise<void> {
  for (let last = 0; ;) {
    const rows = await store.db
      .selectFrom('ledger')
      .leftJoin('ledger_tree', 'ledger_tree.seq', 'ledger.seq')
      .select(['ledger.seq as seq', 'at', 'kind', 'ceremony', 'body', 'hashes'])
      .where('ledger.seq', '>', last)
      .orderBy('ledger.seq')
      .limit(PAGE_ROWS)
      .execute()
      .catch((error: unknown) => {
        if (error instanceof Refusal) throw error;
        throw altered(last + 1, 'it cannot be read');
      });
    for (const { hashes, ...row } of rows) {
      const leaf = leafHash(leafOf(row));
      // The leaf's hash comes first; those of the subtrees that it completes follow.
      if (!hashes || !sameBytes(hashes.subarray(0, leaf.length), leaf))
        throw altered(row.seq, 'it is not what the tree says');
      last = row.seq;
    }
    if (rows.length < PAGE_ROWS) return;
  }
}
