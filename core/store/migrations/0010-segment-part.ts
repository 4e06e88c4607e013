import { type Kysely, sql } from 'kysely';
import { isPostgres, refuseChange } from './both.ts';

/** Where several nodes share a store each has a folder of its own, so that sealed segments lie in the database (docs/decisions/0032). A row leaves the table when its segment is there, and not before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!isPostgres(db)) return;
  await db.schema
    .createTable('ledger_segment_part')
    .addColumn('first', 'integer', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('bytes', 'blob', (column) => column.notNull())
    .addPrimaryKeyConstraint('ledger_segment_part_key', ['first', 'number'])
    .execute();
  for (const change of ['UPDATE', 'DELETE'] as const) await refuseChange(db, 'ledger_segment_part', change);
  await sql`CREATE FUNCTION keep_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT max(seq) FROM gone) >
      (SELECT coalesce(max(last), 0) FROM ledger_segment JOIN ledger_segment_part USING (first) WHERE number = 0) THEN
      RAISE EXCEPTION 'the ledger is append-only';
    END IF;
    RETURN NULL;
  END $$`.execute(db);
  await sql`DROP TRIGGER ledger_no_delete ON ledger`.execute(db);
  await sql`CREATE TRIGGER ledger_no_delete AFTER DELETE ON ledger REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION keep_unsealed()`.execute(db);
}
