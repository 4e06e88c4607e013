import { type Kysely, PostgresAdapter, sql } from 'kysely';

/**
 * What migrations say in two ways. They run on SQLite and on PostgreSQL (docs/decisions/0030): by the schema builder with the types `integer`, `text` and `blob`, or in SQL that both understand;
 * what only one of them knows stands behind this question.
 */
export function isPostgres(db: Kysely<unknown>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** A table that only grows: `change` of its rows is refused. `when`: SQLite's condition of the trigger. */
export async function refuseChange(
  db: Kysely<unknown>,
  table: string,
  change: 'UPDATE' | 'DELETE',
  when = '',
): Promise<void> {
  const name = `${table}_no_${change.toLowerCase()}`;
  if (!isPostgres(db)) {
    await sql
      .raw(
        `CREATE TRIGGER ${name} BEFORE ${change} ON ${table} ${when}
         BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`,
      )
      .execute(db);
    return;
  }
  await sql`CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$`.execute(db);
  const trigger = async (suffix: string, event: string, each: string) =>
    sql
      .raw(
        `CREATE TRIGGER ${name}${suffix} BEFORE ${event} ON ${table} FOR EACH ${each} EXECUTE FUNCTION refuse_change()`,
      )
      .execute(db);
  await trigger('', change, 'ROW');
  // SQLite has no such statement.
  if (change === 'DELETE') await trigger('_truncate', 'TRUNCATE', 'STATEMENT');
}
