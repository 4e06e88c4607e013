import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pRetry from 'p-retry';
import { DatabaseError, Pool, type PoolConfig, TypeOverrides, types } from 'pg';
import { Refusal } from '../contract/errors.ts';
import { readRefusal } from './files.ts';
import { SharedDialect } from './postgres-dialect.ts';
import { TO_BE_REPEATED, postgresRefusal } from './postgres-errors.ts';
import { postgresLedgerReader } from './postgres-ledger.ts';
import { keptPieces } from './postgres-segments.ts';
import type { PostgresPlace } from './postgres-place.ts';
import type { Tables } from './schema.ts';
import type { Store } from './store.ts';

const CONNECTIONS = 10;
/** Nobody waits longer for the writer before them, and no transaction stands idle for longer (milliseconds). */
const LOCK_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const REPEATED = { retries: 5, minTimeout: 5, maxTimeout: 200, randomize: true };
const OLDEST = 150_000;

/** How a database is called in refusals. */
export function nameOf({ host, port, database }: PostgresPlace): string {
  return `${host}:${port}/${database}`;
}

/** A store on PostgreSQL, its tables made or brought up to date. STORE_UNREACHABLE, STORE_UNSUITED, FILE_MISSING and its like. */
export async function openPostgres(
  folder: string,
  place: PostgresPlace,
  migrations: Record<string, Migration>,
  snapshot: (db: Kysely<Tables>, path: string) => Promise<void>,
): Promise<Store> {
  const { db, pool } = await connectTo(place);
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    const { error } = await migrator.migrateToLatest();
    if (error instanceof DatabaseError || error instanceof Refusal) throw error;
    // Kysely's own: some migration was made there that is not known here.
    if (error)
      throw new Refusal('STORE_UNSUITED', { path: nameOf(place), detail: 'its tables are of another version' });
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const repeated = ({ error }: { error: Error }) =>
    error instanceof Refusal &&
    error.code === 'STORE_OVERTAKEN' &&
    TO_BE_REPEATED.includes(String(error.params['detail']));
  return {
    folder,
    db,
    shared: true,
    write: (change) => pRetry(() => change(db), { ...REPEATED, shouldRetry: repeated }),
    async alone(what, work) {
      const client = await pool.connect().catch((error: unknown) => {
        throw postgresRefusal(error, nameOf(place));
      });
      const gone = new AbortController();
      const lose = () => {
        gone.abort();
      };
      client.once('error', lose);
      client.once('end', lose);
      let died: Error | undefined;
      try {
        const locked = await client.query<{ got: boolean }>(
          "SELECT pg_try_advisory_lock(hashtext('claviger alone'), hashtext($1)) AS got",
          [what],
        );
        if (!locked.rows[0]?.got) return null;
        try {
          return await work(gone.signal);
        } finally {
          await client
            .query("SELECT pg_advisory_unlock(hashtext('claviger alone'), hashtext($1))", [what])
            .catch((error: unknown) => (died = error as Error));
        }
      } finally {
        client.off('error', lose);
        client.off('end', lose);
        // A connection that could not unlock takes its lock with it.
        client.release(died);
      }
    },
    flush: () => Promise.resolve(),
    snapshot: (path) => snapshot(db, path),
    segment: (segment) => keptPieces(db, segment),
    ledgerReader: () => postgresLedgerReader(db, nameOf(place)),
    close: () => db.destroy(),
  };
}

/** A database that keeps what it answers. STORE_UNREACHABLE, STORE_UNSUITED. */
export async function connectTo(place: PostgresPlace): Promise<{ db: Kysely<Tables>; pool: Pool }> {
  const pool = new Pool(configOf(place));
  // One that was idle and has ended: the next use opens another.
  pool.on('error', () => undefined);
  // One that ends while it is used fails whoever uses it, by their query.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new SharedDialect(pool, nameOf(place)) });
  try {
    await refuseUnsuited(db, nameOf(place));
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, pool };
}

function configOf({ host, port, database, user, passwordFile, tls }: PostgresPlace): PoolConfig {
  const settings = {
    synchronous_commit: 'on',
    default_transaction_isolation: 'read committed',
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: LOCK_TIMEOUT_MS,
    search_path: 'public',
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${String(value).replaceAll(' ', '\\ ')}`);
  return {
    ...{
      host,
      port,
      database,
      user,
      max: CONNECTIONS,
      options: options.join(' '),
      application_name: `claviger ${process.pid}`,
    },
    ...{ connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true },
    types: NUMBERS,
    ...(passwordFile === undefined ? {} : { password: () => passwordIn(passwordFile) }),
    ssl: isAbsolute(host) || !tls ? false : { minVersion: 'TLSv1.3', rejectUnauthorized: true, ...pemOf(tls) },
  };
}

/** Numbers of eight bytes, and sums of them: none here is beyond 2^53. */
const NUMBERS = new TypeOverrides();
for (const type of [types.builtins.INT8, types.builtins.NUMERIC]) NUMBERS.setTypeParser(type, Number);

/** node-postgres takes a password as a string: it stays in memory until the garbage collector has passed (docs/known-issues.md). */
async function passwordIn(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw readRefusal(error, path);
  }
}

function pemOf({ ca, certificate, key }: NonNullable<PostgresPlace['tls']>) {
  const pem = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw readRefusal(error, path);
    }
  };
  return { ca: pem(ca), ...(certificate && key ? { cert: pem(certificate), key: pem(key) } : {}) };
}

/** Texts are compared by their bytes, as in SQLite; what was answered survives a loss of power. */
const WANTED = {
  server_encoding: 'UTF8',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  transaction_read_only: 'off',
};

async function refuseUnsuited(db: Kysely<Tables>, path: string): Promise<void> {
  const unsuited = (detail: string) => new Refusal('STORE_UNSUITED', { path, detail });
  const { rows } = await sql<{ name: string; setting: string }>`
    SELECT name, current_setting(name) AS setting FROM unnest(${[...Object.keys(WANTED), 'server_version_num']}::text[]) AS name
    UNION SELECT 'collation', datcollate || ' ' || datlocprovider::text FROM pg_database WHERE datname = current_database()`.execute(
    db,
  );
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  for (const [name, wanted] of Object.entries(WANTED)) {
    const setting = settings.get(name);
    if (setting !== wanted) throw unsuited(`${name} is ${setting ?? 'unknown'}, and not ${wanted}`);
  }
  if (Number(settings.get('server_version_num')) < OLDEST) throw unsuited('it is older than PostgreSQL 15');
  const collation = settings.get('collation');
  if (collation !== 'C c' && collation !== 'POSIX c') throw unsuited('its collation is not C');
}
