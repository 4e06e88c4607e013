import {
  type Compilable,
  CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteQueryCompiler,
} from 'kysely';
import { StoreAdapter, type StatementCache } from './dialect.ts';
import type { Tables } from './schema.ts';

/** What one use of the vault takes some ten of: a query is built, compiled and prepared once, and then takes as long as SQLite does. */

/** A query whose values come later, in SQLite's words and in PostgreSQL's. */
export type Statement<A, R> = { sql: string; postgres: string; parameters: (args: A) => unknown[]; row?: R };

class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const [sqlite, postgres] = [new SqliteQueryCompiler(), new PostgresQueryCompiler()].map(
  (compiler) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createQueryCompiler: () => compiler,
        createIntrospector: () => {
          throw new Error('nothing is asked here');
        },
      },
    }),
) as [Kysely<Tables>, Kysely<Tables>];

/** `build` gets a place for each value; what it is not given a place for stands in the query for good. `other`: where PostgreSQL says it differently, with the values in the same order. */
export function statement<A extends object, R = unknown>(
  build: (db: Kysely<Tables>, values: A) => Compilable<R>,
  other = build,
): Statement<A, R> {
  const places = new Proxy({}, { get: (_, name) => new Parameter(String(name)) }) as A;
  const { sql, parameters } = build(sqlite, places).compile();
  return {
    sql,
    postgres: other(postgres, places).compile().sql,
    parameters: (args) =>
      parameters.map((one) => (one instanceof Parameter ? (args as Record<string, unknown>)[one.name] : one)),
  };
}

/** Rows of a statement, on the connection of a store or in the transaction that `db` is. */
export async function rowsOf<A, R>(db: Kysely<Tables>, wanted: Statement<A, R>, args: A): Promise<R[]> {
  const statements = await connectionFor(db);
  if (!statements) return (await onPostgres(db, wanted, args)).rows;
  return statements.prepare(wanted.sql).all(wanted.parameters(args)) as R[];
}

export async function firstOf<A, R>(db: Kysely<Tables>, wanted: Statement<A, R>, args: A): Promise<R | undefined> {
  return (await rowsOf(db, wanted, args))[0];
}

/** Does what a statement says, and answers how many rows it changed. */
export async function change<A>(db: Kysely<Tables>, wanted: Statement<A, unknown>, args: A): Promise<number> {
  const statements = await connectionFor(db);
  if (!statements) return Number((await onPostgres(db, wanted, args)).numAffectedRows ?? 0n);
  return statements.prepare(wanted.sql).run(wanted.parameters(args)).changes;
}

/** Outside a transaction nobody sees what another one has not committed. Null on PostgreSQL, which sees to that itself. */
async function connectionFor(db: Kysely<Tables>): Promise<StatementCache | null> {
  const { adapter } = db.getExecutor();
  if (!(adapter instanceof StoreAdapter)) return null;
  if (!db.isTransaction) while (adapter.transaction) await adapter.transaction;
  return adapter.statements;
}

function onPostgres<A, R>(db: Kysely<Tables>, { postgres, parameters }: Statement<A, R>, args: A) {
  return db.executeQuery<R>(CompiledQuery.raw(postgres, parameters(args)));
}
