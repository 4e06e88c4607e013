import { type Kysely, sql } from 'kysely';
import { Refusal } from '../contract/errors.ts';
import { type Pieces, filePieces } from './lines.ts';
import type { LedgerSegmentTable, Tables } from './schema.ts';

/** Where several nodes share a store, a sealed segment lies in the database: each of them reads it, and what keeps the database keeps it too (docs/decisions/0032). */

/** Of a segment that is in the database. FILE_MISSING. */
export async function* keptPieces(db: Kysely<Tables>, { first, file }: LedgerSegmentTable): Pieces {
  for (let number = 0; ; number += 1) {
    const part = await db
      .selectFrom('ledger_segment_part')
      .select('bytes')
      .where('first', '=', first)
      .where('number', '=', number)
      .executeTakeFirst();
    if (!part && number === 0) throw new Refusal('FILE_MISSING', { path: file });
    if (!part) return;
    yield part.bytes;
  }
}

/** Puts a file into the database, in the transaction in which its rows leave, and compares what is there with its SHA-256. FILE_MISSING, FILE_UNREADABLE, STORE_DAMAGED. */
export async function keepSegment(db: Kysely<Tables>, path: string, { first, sha256 }: LedgerSegmentTable) {
  let number = 0;
  for await (const bytes of filePieces(path)) {
    await db.insertInto('ledger_segment_part').values({ first, number, bytes }).execute();
    number += 1;
  }
  const { rows } = await sql<{ sha256: string }>`
    SELECT encode(sha256(string_agg(bytes, '' ORDER BY number)), 'hex') AS sha256
    FROM ledger_segment_part WHERE first = ${first}`.execute(db);
  if (rows[0]?.sha256 !== sha256) throw new Refusal('STORE_DAMAGED', { path, detail: 'ledger_segment_part' });
}
