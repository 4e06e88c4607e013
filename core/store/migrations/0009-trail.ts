import { type Kysely, sql } from 'kysely';
import { isPostgres } from './both.ts';

/**
 * Fewer pages for each row of a vault: its trail is one tree instead of a table and two indexes, and a row that belongs to no ceremony is in no index of ceremonies.
 * `about`: id of a secret or of a principal.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const table = db.schema
    .createTable('vault_trail_about')
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('vault_trail_key', ['about', 'seq']);
  await (isPostgres(db) ? table : table.modifyEnd(sql`WITHOUT ROWID`)).execute();
  await sql`INSERT INTO vault_trail_about
    SELECT secret, seq FROM vault_trail WHERE secret IS NOT NULL
    UNION SELECT principal, seq FROM vault_trail WHERE principal IS NOT NULL`.execute(db);
  await sql`DROP TABLE vault_trail`.execute(db);
  await sql`ALTER TABLE vault_trail_about RENAME TO vault_trail`.execute(db);
  await sql`DROP INDEX ledger_by_ceremony`.execute(db);
  await sql`CREATE INDEX ledger_by_ceremony ON ledger (ceremony, seq) WHERE ceremony IS NOT NULL`.execute(db);
}
