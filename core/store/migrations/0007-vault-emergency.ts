import type { Kysely } from 'kysely';

/** Break-glass: who may, what was broken and reviewed, and whom it is still to be told. The rights that it gives are grants that name it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('vault_emergency')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('principal', 'text', (column) => column.notNull().references('vault_principal.id'))
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('rights', 'text', (column) => column.notNull())
    .addColumn('opened_row', 'integer', (column) => column.notNull())
    .addColumn('opened_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'text')
    .addColumn('ended', 'text')
    .addColumn('ended_by', 'text')
    .addColumn('reviewed_at', 'text')
    .addColumn('reviewed_by', 'text')
    .addColumn('finding', 'text')
    // Of two that are broken at the same moment one is refused by this, too.
    .addColumn('unreviewed', 'integer', (column) => column.unique())
    .execute();
  await db.schema
    .createIndex('vault_emergency_by_principal')
    .on('vault_emergency')
    .columns(['principal', 'ended_at'])
    .execute();
  await db.schema
    .createTable('vault_emergency_person')
    .addColumn('principal', 'text', (column) => column.primaryKey().references('vault_principal.id'))
    .addColumn('added_by', 'text', (column) => column.notNull())
    .addColumn('added_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('vault_notice')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('emergency', 'text', (column) => column.notNull().references('vault_emergency.id'))
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('notifier', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('vault_notice_by_state').on('vault_notice').column('state').execute();
  await db.schema.alterTable('vault_grant').addColumn('emergency', 'text').execute();
}
