import type { Kysely } from 'kysely';
import { refuseChange } from './both.ts';

/** One append-only ledger for everything. The triggers stop an accident; a forger is stopped by the tree and its signatures. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ledger')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('ceremony', 'text')
    .addColumn('body', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('ledger_by_ceremony').on('ledger').columns(['ceremony', 'seq']).execute();
  for (const change of ['UPDATE', 'DELETE'] as const) await refuseChange(db, 'ledger', change);
}
