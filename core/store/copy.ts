import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/** Rows that are in memory at a time. */
const PAGE_ROWS = 500;
/** SQLite takes 32766 values in one statement. */
const INSERT_ROWS = 50;

/** Fills a new SQLite database, whose tables are made, with all that another database holds at one moment. */
export async function copyTables(from: Kysely<Tables>, into: Kysely<Tables>): Promise<void> {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'kysely!_%' ESCAPE '!'`.execute(
    into,
  );
  // What came with the new tables gives way: the ledger's name, which its triggers would keep.
  const { rows: triggers } = await sql<{ name: string; sql: string }>`
    SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`.execute(into);
  await sql`PRAGMA foreign_keys = OFF`.execute(into);
  const reading = from.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  await reading.execute((source) =>
    into.transaction().execute(async (copy) => {
      for (const { name } of triggers) await sql`DROP TRIGGER ${sql.ref(name)}`.execute(copy);
      for (const { name } of tables) {
        await sql`DELETE FROM ${sql.table(name)}`.execute(copy);
        for await (const rows of pagesOf(source, name)) await insert(copy, name as keyof Tables, rows);
      }
      for (const trigger of triggers) await sql.raw(trigger.sql).execute(copy);
    }),
  );
}

type Row = Record<string, unknown>;

async function* pagesOf(db: Kysely<Tables>, table: string): AsyncGenerator<Row[]> {
  await sql`DECLARE copied NO SCROLL CURSOR FOR SELECT * FROM ${sql.table(table)}`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`FETCH ${sql.lit(PAGE_ROWS)} FROM copied`.execute(db);
    if (rows.length === 0) break;
    yield rows;
  }
  await sql`CLOSE copied`.execute(db);
}

async function insert(db: Kysely<Tables>, table: keyof Tables, rows: Row[]): Promise<void> {
  for (let from = 0; from < rows.length; from += INSERT_ROWS) {
    await db
      .insertInto(table)
      .values(rows.slice(from, from + INSERT_ROWS))
      .execute();
  }
}
