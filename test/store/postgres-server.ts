import { execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';

/** A PostgreSQL of a test's own: Debian's, in a temporary folder, on a Unix socket alone. */

export type PostgresServer = {
  /** Where its socket is. */
  folder: string;
  /** A new database, fit for a store; `as`: what CREATE DATABASE says of it. */
  database: (as?: string) => Promise<string>;
  /** Some SQL in a database, as the superuser. */
  sql: (database: string, text: string) => Promise<Record<string, unknown>[]>;
  /** Ends it as a loss of power would, and starts it again. */
  crash: () => Promise<void>;
  stop: () => Promise<void>;
};

const VERSIONS = '/usr/lib/postgresql';
const FIT = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'";

/** PostgreSQL refuses to run as root. */
function otherUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export async function startPostgres(): Promise<PostgresServer> {
  const bin = join(VERSIONS, readdirSync(VERSIONS).sort().at(-1) ?? '', 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'claviger-postgres-'));
  const user = otherUser();
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? 0);
  const data = join(folder, 'data');
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: folder, stdio: 'ignore' },
  );
  // Whoever is called `asked` is asked for a password.
  writeFileSync(join(data, 'pg_hba.conf'), 'local all asked scram-sha-256\nlocal all all trust\n');
  let server = await run();

  async function run() {
    const child = spawn(
      join(bin, 'postgres'),
      [
        '-D',
        data,
        '-k',
        folder,
        '-c',
        'listen_addresses=',
        '-c',
        'max_connections=60',
        '-c',
        'shared_buffers=32MB',
        '-c',
        'recovery_init_sync_method=syncfs',
      ],
      { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const kill = () => child.kill('SIGQUIT');
    process.once('exit', kill);
    const ended = new Promise<void>((tell) => {
      child.once('exit', () => {
        process.off('exit', kill);
        tell();
      });
    });
    const said = createInterface(child.stderr);
    await new Promise<void>((ready, failed) => {
      said.on('line', (line) => {
        if (line.includes('ready to accept connections')) ready();
      });
      void ended.then(() => {
        failed(new Error('PostgreSQL did not start'));
      });
    });
    return { kill, ended };
  }

  async function sql(database: string, text: string) {
    const client = new Client({ host: folder, user: 'postgres', database });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  let databases = 0;
  const crash = async () => {
    server.kill();
    await server.ended;
  };
  return {
    folder,
    sql,
    async database(as = FIT) {
      databases += 1;
      const name = `vault${databases}`;
      await sql('postgres', `CREATE DATABASE ${name} ${as}`);
      return name;
    },
    async crash() {
      await crash();
      server = await run();
    },
    async stop() {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A data folder whose store is a database of that server. */
export function pointAt(data: string, server: PostgresServer, database: string, more: string[] = []): void {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const lines = ['postgres:', `  host: ${server.folder}`, `  database: ${database}`];
  if (!more.some((line) => line.startsWith('user:'))) lines.push('  user: postgres');
  const file = join(data, 'store.yaml');
  const text = [...lines, ...more.map((line) => `  ${line}`), ''].join('\n');
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text, { mode: 0o600 });
}
