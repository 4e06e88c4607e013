import type { Kysely } from 'kysely';

/** Encrypted shares rest here from the split until their sheets are printed and scanned back; then they are erased. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sealed_share')
    .addColumn('ceremony', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('x', 'integer', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('sealed_share_key', ['ceremony', 'number'])
    .execute();
}
