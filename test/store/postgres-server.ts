import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePorts } from '../process/free-ports.ts';

/** A PostgreSQL of a test's own: Debian's, in a folder that goes with it, on a Unix socket, and on TLS where it is asked for. */
export type PostgresServer = {
  /** The folder of its socket. */
  host: string;
  port: number;
  /** Its certificate's CA, which is itself (PEM); empty without TLS. */
  ca: string;
  /** A superuser who is asked for a password by SCRAM, as everybody is but `postgres`. */
  administrator: Login;
  /** A new database, fit for a store; `as`: what CREATE DATABASE says of it. */
  database: (as?: string) => Promise<string>;
  /** Some SQL in a database, as `postgres`, the superuser. */
  sql: (database: string, text: string) => Promise<Record<string, unknown>[]>;
  /** All that it has logged. */
  log: () => string;
  /** Ends it as a loss of power would, and starts it again. */
  crash: () => void;
  stop: () => void;
};
export type Login = { username: string; password: string };

const VERSIONS = '/usr/lib/postgresql';
const FIT = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'";

/** `rules`: lines of pg_hba.conf before its own. `logged`: every statement and every connection is in the log. */
export async function startPostgres({
  tls = false,
  rules = [],
  logged = false,
}: { tls?: boolean; rules?: string[]; logged?: boolean } = {}): Promise<PostgresServer> {
  const bin = join(VERSIONS, readdirSync(VERSIONS).sort().at(-1) ?? '', 'bin');
  const folder = mkdtempSync(join(roomyMemory() ?? tmpdir(), 'claviger-postgres-'));
  const user = serverUser();
  const run = (name: string, ...words: string[]) =>
    execFileSync(join(bin, name), words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], ...user });
  const write = (name: string, lines: string[]) => {
    writeFileSync(join(folder, name), [...lines, ''].join('\n'), { mode: 0o600 });
    chownSync(join(folder, name), user.uid, user.gid);
  };
  // Whoever connects has to get to the socket.
  chmodSync(folder, 0o755);
  chownSync(folder, user.uid, user.gid);
  run('initdb', '-D', 'data', '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C', '--no-sync');
  const ca = tls ? makeCertificate(folder) : '';
  if (tls) for (const name of ['server.key', 'server.crt']) chownSync(join(folder, name), user.uid, user.gid);
  const port = tls ? await freePorts(1) : 5432;
  const own = ['local all postgres trust', 'local all all scram-sha-256', 'hostssl all all samehost scram-sha-256'];
  write('data/pg_hba.conf', [...rules, ...own]);
  write('data/postgresql.auto.conf', [
    ...[`unix_socket_directories = '${folder}'`, `port = ${port}`, `listen_addresses = '${tls ? 'localhost' : ''}'`],
    ...['max_connections = 60', 'shared_buffers = 32MB', 'recovery_init_sync_method = syncfs'],
    ...(logged ? [`log_statement = 'all'`, 'log_connections = on'] : []),
    ...(tls ? ['ssl = on', `ssl_cert_file = '${folder}/server.crt'`, `ssl_key_file = '${folder}/server.key'`] : []),
  ]);
  const end = () => {
    run('pg_ctl', '-D', 'data', '-m', 'immediate', '-w', 'stop');
  };
  const begin = () => {
    run('pg_ctl', '-D', 'data', '-w', '-l', 'log', 'start');
  };
  begin();
  process.once('exit', end);

  async function sql(database: string, text: string) {
    const client = new Client({ host: folder, port, user: 'postgres', database });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  const administrator = { username: 'administrator', password: 'what the administrator knows' };
  await sql('postgres', `CREATE ROLE administrator SUPERUSER LOGIN PASSWORD '${administrator.password}'`);
  let databases = 0;
  return {
    ...{ host: folder, port, ca, administrator, sql },
    async database(as = FIT) {
      databases += 1;
      const name = `vault${databases}`;
      await sql('postgres', `CREATE DATABASE ${name} ${as}`);
      return name;
    },
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    crash() {
      end();
      begin();
    },
    stop() {
      process.off('exit', end);
      end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A data folder whose store is a database of that server. */
export function pointAt(data: string, server: PostgresServer, database: string, more: string[] = []): void {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const lines = ['postgres:', `  host: ${server.host}`, `  database: ${database}`];
  if (!more.some((line) => line.startsWith('user:'))) lines.push('  user: postgres');
  const file = join(data, 'store.yaml');
  const text = [...lines, ...more.map((line) => `  ${line}`), ''].join('\n');
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text, { mode: 0o600 });
}

/** Logs in as whoever reads a secret does: throws where it is not let in. */
export async function logIn({ host, port }: Pick<PostgresServer, 'host' | 'port'>, login: Login): Promise<string> {
  const client = new Client({ host, port, database: 'postgres', user: login.username, password: login.password });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('SELECT session_user AS name');
  await client.end();
  return rows[0]?.name ?? '';
}

export const loginOf = (value: Uint8Array) => JSON.parse(new TextDecoder().decode(value)) as Login;

/** Each commit waits for its medium: in memory the waiting is short. Null where there is no room (bytes) for a hundred databases. */
function roomyMemory(): string | null {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return null;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 4 * 1024 ** 3 ? memory : null;
}

/** PostgreSQL does not run as root. */
function serverUser(): { uid: number; gid: number } {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (uid !== 0) return { uid, gid };
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function makeCertificate(folder: string): string {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'server.key'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...key, ...names, '-days', '7', '-out', 'server.crt'], {
    cwd: folder,
    stdio: 'ignore',
  });
  chmodSync(join(folder, 'server.key'), 0o600);
  return readFileSync(join(folder, 'server.crt'), 'utf8');
}
