import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** A PostgreSQL of the test's own: in a folder that goes with it, on a Unix socket, and on TLS where it is asked for. */
export type Server = {
  /** The folder of its socket. */
  host: string;
  port: number;
  /** Its certificate's CA, which is itself (PEM). */
  ca: string;
  administrator: Login;
  /** As the administrator. */
  query: (text: string) => Promise<void>;
  /** All that it has logged: every statement, every connection. */
  log: () => string;
  stop: () => void;
};
export type Login = { username: string; password: string };

const DEBIAN = '/usr/lib/postgresql';

/** `rules`: lines of pg_hba.conf before the one that wants SCRAM of everybody. */
export async function startPostgres({
  tls = false,
  rules = [],
}: { tls?: boolean; rules?: string[] } = {}): Promise<Server> {
  const [newest = '15'] = readdirSync(DEBIAN).sort().reverse();
  const program = (name: string) => join(DEBIAN, newest, 'bin', name);
  const folder = mkdtempSync(join(tmpdir(), 'pg-'));
  const user = serverUser();
  const run = (name: string, ...words: string[]) =>
    execFileSync(program(name), words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], ...user });
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    chownSync(join(folder, name), user.uid, user.gid);
  };
  // Whoever connects has to get to the socket.
  chmodSync(folder, 0o755);
  chownSync(folder, user.uid, user.gid);
  const administrator = { username: 'administrator', password: 'what the administrator knows' };
  write('password', administrator.password);
  run('initdb', '-D', 'data', '-U', administrator.username, '--auth=scram-sha-256', '--pwfile=password', '--no-sync');
  const ca = tls ? makeCertificate(folder) : '';
  if (tls) for (const name of ['server.key', 'server.crt']) chownSync(join(folder, name), user.uid, user.gid);
  const port = tls ? await freePort() : 5432;
  write(
    'data/pg_hba.conf',
    [...rules, 'local all all scram-sha-256', 'hostssl all all samehost scram-sha-256', ''].join('\n'),
  );
  write(
    'data/postgresql.auto.conf',
    [
      ...[`unix_socket_directories = '${folder}'`, `port = ${port}`, `listen_addresses = '${tls ? 'localhost' : ''}'`],
      ...[`log_statement = 'all'`, `log_connections = on`, `fsync = off`, `max_connections = 60`],
      ...(tls ? [`ssl = on`, `ssl_cert_file = '${folder}/server.crt'`, `ssl_key_file = '${folder}/server.key'`] : []),
      '',
    ].join('\n'),
  );
  run('pg_ctl', '-D', 'data', '-w', '-l', 'log', 'start');
  return {
    ...{ host: folder, port, ca, administrator },
    async query(text) {
      const client = new Client({ host: folder, port, database: 'postgres', ...userOf(administrator) });
      await client.connect();
      await client.query(text);
      await client.end();
    },
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    stop() {
      run('pg_ctl', '-D', 'data', '-m', 'immediate', 'stop');
      rmSync(folder, { recursive: true });
    },
  };
}

/** Logs in as whoever reads a secret does: throws where it is not let in. */
export async function logIn({ host, port }: Pick<Server, 'host' | 'port'>, login: Login): Promise<string> {
  const client = new Client({ host, port, database: 'postgres', ...userOf(login) });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('SELECT session_user AS name');
  await client.end();
  return rows[0]?.name ?? '';
}

export const loginOf = (value: Uint8Array) => JSON.parse(new TextDecoder().decode(value)) as Login;

const userOf = ({ username, password }: Login) => ({ user: username, password });

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

/** One that nobody listens at now. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
