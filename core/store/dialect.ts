import type Database from 'better-sqlite3';
import { type Driver, SqliteAdapter, type SqliteDatabase, SqliteDialect } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { WriteAheadLog } from './write-ahead-log.ts';

/**
 * Statements are prepared once, and whoever is in no transaction waits for the one that is open (statement.ts). SQLite ends a transaction by itself when the disk is
 * full or fails: rolled back once more, the refusal of that would hide the cause.
 */
export class StoreDialect extends SqliteDialect {
  readonly #database: Database.Database;
  readonly #adapter: StoreAdapter;
  readonly #log: WriteAheadLog;

  constructor(database: Database.Database, log: WriteAheadLog) {
    const statements = new StatementCache(database, log);
    super({ database: statements });
    this.#database = database;
    this.#log = log;
    this.#adapter = new StoreAdapter(statements);
  }

  /** Settles when no transaction is open: nobody begins one before whoever has waited has gone on. */
  async betweenTransactions(): Promise<void> {
    while (this.#adapter.transaction) await this.#adapter.transaction;
  }

  override createAdapter(): StoreAdapter {
    return this.#adapter;
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const adapter = this.#adapter;
    const [begin, commit, rollback] = [
      driver.beginTransaction.bind(driver),
      driver.commitTransaction.bind(driver),
      driver.rollbackTransaction.bind(driver),
    ];
    let end: () => void = () => undefined;
    driver.beginTransaction = async (connection, settings) => {
      adapter.transaction = new Promise((resolve) => {
        end = () => {
          adapter.transaction = null;
          resolve();
        };
      });
      await begin(connection, settings).catch((error: unknown) => {
        end();
        throw error;
      });
    };
    driver.commitTransaction = async (connection) => {
      await commit(connection);
      this.#log.keepRoom();
      end();
    };
    driver.rollbackTransaction = async (connection) => {
      try {
        if (this.#database.inTransaction) await rollback(connection);
      } finally {
        end();
      }
    };
    return driver;
  }
}

/** Of all that use one connection. */
export class StoreAdapter extends SqliteAdapter {
  readonly statements: StatementCache;
  /** Settles when the transaction that is open has ended; null while there is none. */
  transaction: Promise<void> | null = null;

  constructor(statements: StatementCache) {
    super();
    this.statements = statements;
  }
}

/** Texts of statements that are kept: those of the code, and some of those that are put together for one use. */
const KEPT = 200;

/** A database that prepares each text once. */
export class StatementCache implements SqliteDatabase {
  readonly #database: Database.Database;
  readonly #log: WriteAheadLog;
  readonly #prepared = new LRUCache<string, Database.Statement>({ max: KEPT });

  constructor(database: Database.Database, log: WriteAheadLog) {
    this.#database = database;
    this.#log = log;
  }

  prepare(sql: string): Database.Statement {
    let prepared = this.#prepared.get(sql);
    if (!prepared) this.#prepared.set(sql, (prepared = this.#database.prepare(sql)));
    return prepared;
  }

  close(): void {
    this.#prepared.clear();
    this.#log.close();
    this.#database.close();
  }
}
