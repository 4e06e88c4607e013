import { type Kysely, sql } from 'kysely';
import { Refusal } from '../contract/errors.ts';
import type { LedgerReader, RawRow } from './ledger-reader.ts';
import { keptPieces } from './postgres-segments.ts';
import type { Tables } from './schema.ts';

/** The ledger of a store on PostgreSQL as it is at one moment, whoever writes meanwhile: a transaction that reads alone. `path`: how the database is called. */
export async function postgresLedgerReader(db: Kysely<Tables>, path: string): Promise<LedgerReader> {
  const transaction = await db
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute();
  const close = async () => {
    await transaction.rollback().execute();
  };
  try {
    const last = async (table: 'ledger' | 'ledger_tree') =>
      (await transaction.selectFrom(table).select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst())?.seq ?? 0;
    const names = await transaction.selectFrom('ledger_origin').select('origin').execute();
    const [lastInTable, lastInTree] = [await last('ledger'), await last('ledger_tree')];
    return {
      // One row: a name that is there twice is none.
      origin: names.length === 1 ? String(names[0]?.origin) : 'null',
      segments: await transaction.selectFrom('ledger_segment').selectAll().orderBy('first').execute(),
      lastGiven: lastInTable,
      lastInTree,
      async rows(after, limit) {
        const rows = await transaction
          .selectFrom('ledger')
          .selectAll()
          .where('seq', '>', after)
          .orderBy('seq')
          .limit(limit)
          .execute();
        return rows.map(({ seq, at, kind, ceremony, body }): RawRow => [seq, at, kind, ceremony, body]);
      },
      segment: (segment) => keptPieces(transaction, segment),
      async hashes(from, to) {
        const { rows } = await sql<{ hashes: Buffer | null }>`
          SELECT string_agg(hashes, '' ORDER BY seq) AS hashes FROM ledger_tree WHERE seq BETWEEN ${from} AND ${to}`.execute(
          transaction,
        );
        return rows[0]?.hashes ?? Buffer.alloc(0);
      },
      close,
    };
  } catch (error) {
    await close();
    // A table that is not there, or is not what it was.
    throw error instanceof Refusal ? error : new Refusal('STORE_DAMAGED', { path, detail: 'ledger' });
  }
}
