import { type Kysely, sql } from 'kysely';

/**
 * Fewer pages for each row of a vault: its trail is one tree instead of a table and two indexes, and a row that belongs to no ceremony is in no index of ceremonies.
 * `about`: id of a secret or of a principal.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE vault_trail_about (about text NOT NULL, seq integer NOT NULL, PRIMARY KEY (about, seq)) WITHOUT ROWID`.execute(
    db,
  );
  await sql`INSERT INTO vault_trail_about
    SELECT secret, seq FROM vault_trail WHERE secret IS NOT NULL
    UNION SELECT principal, seq FROM vault_trail WHERE principal IS NOT NULL`.execute(db);
  await sql`DROP TABLE vault_trail`.execute(db);
  await sql`ALTER TABLE vault_trail_about RENAME TO vault_trail`.execute(db);
  await sql`DROP INDEX ledger_by_ceremony`.execute(db);
  await sql`CREATE INDEX ledger_by_ceremony ON ledger (ceremony, seq) WHERE ceremony IS NOT NULL`.execute(db);
}
