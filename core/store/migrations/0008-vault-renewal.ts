import { type Kysely, sql } from 'kysely';

/** How secrets rotate, and their rotations: each step of one is here before the next begins. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('vault_secret').addColumn('rotation_days', 'integer').execute();
  const secret = 'vault_secret.id';
  await db.schema
    .createTable('vault_plan')
    .addColumn('secret', 'text', (column) => column.primaryKey().references(secret).onDelete('cascade'))
    .addColumn('plan', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('vault_renewal')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('secret', 'text', (column) => column.notNull().references(secret).onDelete('cascade'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('detail', 'text')
    .addColumn('told', 'text')
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('vault_renewal_by_secret')
    .on('vault_renewal')
    .columns(['secret', 'started_at'])
    .execute();
  // One at a time of each secret.
  await sql`CREATE UNIQUE INDEX vault_renewal_open ON vault_renewal (secret)
    WHERE state NOT IN ('activated', 'rolled-back')`.execute(db);
  await sql`CREATE INDEX vault_renewal_to_tell ON vault_renewal (told) WHERE told = 'due'`.execute(db);
  // Of which due date an alert was raised.
  await db.schema
    .createTable('vault_due_told')
    .addColumn('secret', 'text', (column) => column.primaryKey().references(secret).onDelete('cascade'))
    .addColumn('due', 'text', (column) => column.notNull())
    .execute();
}
