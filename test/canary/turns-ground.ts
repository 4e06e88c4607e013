import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { scramVerifier } from '../../core/rotators/scram.ts';
import { startPostgres } from '../store/postgres-server.ts';
import { RedisServer } from '../vault/redis-server.ts';
import type { Ground } from './ground.ts';
import { writing } from './redis-left.ts';
import { tee } from './tee.ts';
import type { TurnsSecret, TurnsWalk } from './turns.ts';

/** What a vault speaks to while its secrets turn over: a PostgreSQL and a Redis, listened to, a mail server, and programs. What they keep is searched too. */

const ROLES: [string, string] = ['app_a', 'app_b'];

export type TurnsGround = {
  walk: TurnsWalk;
  redis: RedisServer;
  /** Where Redis writes. */
  redisFolder: string;
  /** What programs of rotators were given: values of which some are in no version any more. */
  given: () => Uint8Array[];
  /** Of PostgreSQL, what its disk and its log have. */
  keepPostgres: () => void;
  close: () => Promise<void>;
};

export async function turnsGround(ground: Ground, secrets: Record<TurnsSecret, Buffer>): Promise<TurnsGround> {
  const { home, left, data } = ground;
  const apart = (name: string) => join(home, name);
  for (const path of ['wire', 'programs', 'postgres']) mkdirSync(join(left, path));
  for (const path of ['sockets', 'redis']) mkdirSync(apart(path));
  const [given, fails, heard] = ['given', 'fails', 'heard.jsonl'].map((name) => ground.bring(name, '')) as [string, string, string]; // prettier-ignore
  mkdirSync(join(data, 'programs'), { recursive: true, mode: 0o700 });
  const program = (path: string, lines: string[]) => {
    writeFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o700 });
  };
  program(join(data, 'programs/take'), [
    `value=$(tee -a ${given})`,
    `echo >> ${given}`,
    'echo "given $value"; echo "given $value" >&2',
    `case " $(cat ${fails}) " in *" $1 "*) exit 1 ;; esac`,
  ]);
  program(join(data, 'programs/tell'), [`cat >> ${join(left, 'told.jsonl')}`]);
  program(join(left, 'programs/page'), [`cat >> ${join(left, 'paged.jsonl')}`, `env > ${join(left, 'paged.env')}`]);

  const server = await startPostgres({ logged: true });
  const verifier = (name: TurnsSecret) => scramVerifier(secrets[name], randomBytes(16));
  await server.sql('postgres', `CREATE ROLE keymaster SUPERUSER LOGIN PASSWORD '${verifier('administrator')}'`);
  await server.sql('postgres', `CREATE ROLE ${ROLES[0]} LOGIN PASSWORD '${verifier('first login')}'`);
  await server.sql('postgres', `CREATE ROLE ${ROLES[1]} LOGIN`);
  const socket = (folder: string) => join(folder, `.s.PGSQL.${server.port}`);
  const wires = [await tee(socket(apart('sockets')), socket(server.host), join(left, 'wire/postgres'))];

  const redis = new RedisServer(apart('redis'), secrets['redis password'].toString(), writing(apart('redis')));
  await redis.start();
  const toRedis = join(apart('sockets'), 'redis.sock');
  wires.push(await tee(toRedis, redis.socket, join(left, 'wire/redis')));

  const mail = await startMail(ground, secrets['mail password'].toString());
  const hex = Object.entries(secrets).map(([name, bytes]) => [name, bytes.toString('hex')]);
  return {
    walk: {
      ...{ data, left, heard, given, fails, redis: { socket: toRedis }, mail },
      postgres: { host: apart('sockets'), port: server.port, roles: ROLES },
      secrets: Object.fromEntries(hex) as TurnsWalk['secrets'],
    },
    ...{ redis, redisFolder: apart('redis') },
    given: () => [...new Set(readFileSync(given, 'utf8').trim().split('\n'))].map((line) => Buffer.from(line)),
    keepPostgres() {
      writeFileSync(join(left, 'postgres/log'), server.log());
      for (const name of ['global', 'pg_wal']) {
        cpSync(join(server.host, 'data', name), join(left, 'postgres', name), { recursive: true });
      }
    },
    async close() {
      for (const wire of wires) wire.close();
      mail.stop();
      await redis.stop();
      server.stop();
    },
  };
}

/** Its mailbox lies in what is searched. */
async function startMail(ground: Ground, password: string): Promise<{ port: number; ca: string; stop: () => void }> {
  const [crt, key] = [ground.bring('mail.crt', ''), ground.bring('mail.key', '')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '1'];
  const names = ['-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', crt], { stdio: 'pipe' });
  const program = join(import.meta.dirname, '../vault/smtp-server.py');
  const server = spawn('/usr/bin/python3', [program, crt, key, 'vault', password, join(ground.left, 'mailbox')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const port = await new Promise<number>((told) => {
    createInterface({ input: server.stdout }).once('line', (line) => {
      told(Number(line));
    });
  });
  return { port, ca: readFileSync(crt, 'utf8'), stop: () => void server.kill() };
}
