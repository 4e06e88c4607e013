import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteQueryCompiler } from 'kysely';
import { StoreAdapter, type StatementCache } from './dialect.ts';
import type { Tables } from './schema.ts';

/** What one use of the vault takes some ten of: a query is built, compiled and prepared once, and then takes as long as SQLite does. */

/** A query whose values come later. */
export type Statement<A, R> = { sql: string; parameters: (args: A) => unknown[]; row?: R };

class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: () => {
      throw new Error('nothing is asked here');
    },
  },
});

/** `build` gets a place for each value; what it is not given a place for stands in the query for good. */
export function statement<A extends object, R = unknown>(
  build: (db: Kysely<Tables>, values: A) => Compilable<R>,
): Statement<A, R> {
  const places = new Proxy({}, { get: (_, name) => new Parameter(String(name)) }) as A;
  const { sql, parameters } = build(compiler, places).compile();
  return {
    sql,
    parameters: (args) =>
      parameters.map((one) => (one instanceof Parameter ? (args as Record<string, unknown>)[one.name] : one)),
  };
}

/** Rows of a statement, on the connection of a store or in the transaction that `db` is. */
export async function rowsOf<A, R>(db: Kysely<Tables>, { sql, parameters }: Statement<A, R>, args: A): Promise<R[]> {
  return (await connectionFor(db)).prepare(sql).all(parameters(args)) as R[];
}

export async function firstOf<A, R>(db: Kysely<Tables>, wanted: Statement<A, R>, args: A): Promise<R | undefined> {
  return (await rowsOf(db, wanted, args))[0];
}

/** Does what a statement says, and answers how many rows it changed. */
export async function change<A>(
  db: Kysely<Tables>,
  { sql, parameters }: Statement<A, unknown>,
  args: A,
): Promise<number> {
  return (await connectionFor(db)).prepare(sql).run(parameters(args)).changes;
}

/** Outside a transaction nobody sees what another one has not committed. */
async function connectionFor(db: Kysely<Tables>): Promise<StatementCache> {
  const { adapter } = db.getExecutor();
  if (!(adapter instanceof StoreAdapter)) throw new Error('a statement without a store');
  if (!db.isTransaction) while (adapter.transaction) await adapter.transaction;
  return adapter.statements;
}
