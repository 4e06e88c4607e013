import { type Kysely, sql } from 'kysely';
import { isPostgres } from './both.ts';

/**
 * Data keys stand in a table of their own, once under each KEK that is in use: while one KEK takes the place of another, both open everything, and neither ciphertexts
 * nor the keys that are there already are touched. And the rotation that is under way: one at a time.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const table = db.schema
    .createTable('vault_data_key')
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('data_key', 'blob', (column) => column.notNull())
    .addPrimaryKeyConstraint('vault_data_key_key', ['secret', 'version', 'key_id'])
    .addForeignKeyConstraint(
      'vault_data_key_version',
      ['secret', 'version'],
      'vault_version',
      ['secret', 'version'],
      (key) => key.onDelete('cascade'),
    );
  await (isPostgres(db) ? table : table.modifyEnd(sql`WITHOUT ROWID`)).execute();
  await sql`INSERT INTO vault_data_key SELECT secret, version, key_id, data_key FROM vault_version`.execute(db);
  await db.schema.dropIndex('vault_version_by_key').execute();
  await db.schema.alterTable('vault_version').dropColumn('key_id').execute();
  await db.schema.alterTable('vault_version').dropColumn('data_key').execute();
  await db.schema
    .createTable('vault_rotation')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('old_key', 'text', (column) => column.notNull())
    .addColumn('new_key', 'text')
    // Where the new one is to lie, said before it is made.
    .addColumn('place', 'text')
    // The last version that was done in this phase.
    .addColumn('after_secret', 'text', (column) => column.notNull())
    .addColumn('after_version', 'integer', (column) => column.notNull())
    .addColumn('done', 'integer', (column) => column.notNull())
    .addColumn('total', 'integer', (column) => column.notNull())
    .addColumn('paused', 'integer', (column) => column.notNull())
    // The code of what stopped it.
    .addColumn('stopped', 'text')
    .addColumn('grace_hours', 'integer', (column) => column.notNull())
    .addColumn('grace_until', 'text')
    .addColumn('backup', 'text')
    .addColumn('started_by', 'text', (column) => column.notNull())
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('finished_at', 'text')
    .execute();
  await sql`CREATE UNIQUE INDEX vault_rotation_open ON vault_rotation ((1)) WHERE finished_at IS NULL`.execute(db);
}
