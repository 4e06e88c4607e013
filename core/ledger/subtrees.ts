import type { Kysely } from 'kysely';
import type { Tables } from '../store/schema.ts';
import { HASH_BYTES, type Subtree } from './tree.ts';

/** The hashes of complete subtrees as the store has them, in the order asked for: a subtree's is with its last row. */
export async function readSubtrees(db: Kysely<Tables>, subtrees: Subtree[]): Promise<Uint8Array[]> {
  if (subtrees.length === 0) return [];
  const lastRow = ({ level, index }: Subtree) => (index + 1) * 2 ** level;
  const rows = await db
    .selectFrom('ledger_tree')
    .selectAll()
    .where('seq', 'in', [...new Set(subtrees.map(lastRow))])
    .execute();
  const bySeq = new Map(rows.map(({ seq, hashes }) => [seq, hashes]));
  return subtrees.map((subtree) => {
    const place = subtree.level * HASH_BYTES;
    const found = bySeq.get(lastRow(subtree))?.subarray(place, place + HASH_BYTES);
    if (found?.length !== HASH_BYTES) throw new Error(`the tree of the ledger lacks a hash at row ${lastRow(subtree)}`);
    return found;
  });
}
