import { type Kysely, sql } from 'kysely';

/**
 * A secret that nobody has read yet has a time that never was instead of null: a row that grew with its first access pushed its neighbours to other pages, four written instead of one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`UPDATE vault_secret SET accessed_at = '0000-00-00T00:00:00.000Z' WHERE accessed_at IS NULL`.execute(db);
}
