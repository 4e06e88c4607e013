import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { EncryptionContext } from '../kms/provider.ts';
import { wipe } from '../process/guarded.ts';
import type { DataKeys } from './data-keys.ts';
import { encryptField, isField } from './field.ts';

export type ColumnToEncrypt = {
  table: string;
  /** Unique and ordered; it names the row in the context. */
  key: string;
  /** A text. */
  column: string;
  /** What every row of it is bound to, besides table, column and key. */
  context: EncryptionContext;
  batch?: number;
};

/** What a field of a row is bound to: it does not open in another row, column or table. */
export function fieldContext({ table, column, context }: ColumnToEncrypt, key: string | number): EncryptionContext {
  return { ...context, table, column, row: String(key) };
}

/**
 * Encrypts a column of a table that is there (SQLite, PostgreSQL), row by row, a batch in one transaction. Null stays null, and what is encrypted stays as it is: begun again
 * after an interruption it goes on. A row that was changed meanwhile is taken again. Answers how many it encrypted.
 */
export async function encryptColumn(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- somebody else's tables
  db: Kysely<any>,
  keys: DataKeys,
  wanted: ColumnToEncrypt,
): Promise<number> {
  const { table, key, column, batch = 500 } = wanted;
  const [rowKey, value] = [sql.ref<string | number>(key), sql.ref<string | null>(column)];
  let encrypted = 0;
  let after: string | number | null = null;
  for (;;) {
    const more: RawBuilder<unknown> = after === null ? sql`true` : sql`${rowKey} > ${after}`;
    const { rows } = await sql<{ key: string | number; value: string | null }>`
      SELECT ${rowKey} AS key, ${value} AS value FROM ${sql.table(table)} WHERE ${more} ORDER BY ${rowKey} LIMIT ${batch}`.execute(
      db,
    );
    const last = rows.at(-1);
    if (!last) return encrypted;
    const changes: { key: string | number; from: string; to: string }[] = [];
    for (const { key: row, value: from } of rows) {
      if (from === null || isField(from)) continue;
      const plain = Buffer.from(from);
      changes.push({ key: row, from, to: await encryptField(keys, fieldContext(wanted, row), plain) });
      wipe(plain);
    }
    let lost = 0;
    await db.transaction().execute(async (transaction) => {
      for (const { key: row, from, to } of changes) {
        const { numAffectedRows } = await sql`
          UPDATE ${sql.table(table)} SET ${value} = ${to} WHERE ${rowKey} = ${row} AND ${value} = ${from}`.execute(
          transaction,
        );
        if (numAffectedRows === 0n) lost += 1;
      }
    });
    encrypted += changes.length - lost;
    // Whoever wrote in between left the clear text of another value: the batch is read again.
    if (lost === 0) after = last.key;
  }
}
