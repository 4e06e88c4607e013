import { type Kysely, sql } from 'kysely';
import { isPostgres } from './both.ts';

/** How many secrets there are, kept as they come and go: counting a hundred thousand at each look takes longer than the look may. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('vault_count')
    .addColumn('category', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('secrets', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('vault_count_key', ['category', 'environment'])
    .execute();
  // What the vault keeps for itself (core/vault/rows.ts: OWN) is not counted.
  const add = (row: string, by: number) =>
    `INSERT INTO vault_count SELECT ${row}.category, ${row}.environment, ${by} WHERE ${row}.owner <> '.vault'
     ON CONFLICT (category, environment) DO UPDATE SET secrets = vault_count.secrets + ${by};`;
  const trigger = async (name: string, event: string, changes: string) => {
    if (!isPostgres(db)) {
      await sql
        .raw(`CREATE TRIGGER vault_count_${name} AFTER ${event} ON vault_secret BEGIN ${changes} END`)
        .execute(db);
      return;
    }
    const body = `BEGIN ${changes} RETURN NULL; END`;
    await sql
      .raw(`CREATE FUNCTION vault_count_${name}() RETURNS trigger LANGUAGE plpgsql AS $$ ${body} $$`)
      .execute(db);
    const after = `AFTER ${event} ON vault_secret FOR EACH ROW`;
    await sql.raw(`CREATE TRIGGER vault_count_${name} ${after} EXECUTE FUNCTION vault_count_${name}()`).execute(db);
  };
  await trigger('insert', 'INSERT', add('NEW', 1));
  await trigger('delete', 'DELETE', add('OLD', -1));
  await trigger('update', 'UPDATE OF owner, environment, category', add('OLD', -1) + add('NEW', 1));
  await sql`INSERT INTO vault_count SELECT category, environment, count(*) FROM vault_secret
    WHERE owner <> '.vault' GROUP BY category, environment`.execute(db);
}
