import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Transport } from '../../core/client/transport.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { type SecretIdentity, DEFAULT_POLICY } from '../../core/contract/vault.ts';
import type { RenewalView } from '../../core/contract/vault-renewal.ts';
import { HOLDER_FD } from '../../core/service/holder-client.ts';
import { logIn, loginOf, type PostgresServer, startPostgres } from '../store/postgres-server.ts';
import { PASSPHRASE, makeHolder } from '../vault/sample-holder.ts';
import { bytes } from '../vault/sample-vault.ts';
import { Reader } from './renewal-reader.ts';
import { type Taken, type Verdict, standing } from './renewal-standing.ts';

/**
 * A served holder that is killed at a moment of a secret's rotation, while somebody reads and logs in all the time; started again, it takes the rotation to its end or back, and does the others.
 */

const PROGRAM = join(import.meta.dirname, 'renewing-holder.ts');
/** By a program, and by two roles of PostgreSQL: each to the version that it is taken to. */
const KEY = { owner: 'billing', environment: 'production', name: 'key' } as const;
const LOGIN = { ...KEY, name: 'db/main' } as const;
const TAKEN: Taken[] = [
  { secret: KEY, to: 2 },
  { secret: LOGIN, to: 3 },
];
const ADMINISTRATOR = { ...KEY, owner: 'ops', name: 'administrator' } as const;
const FIRST_KEY = 'firstfirstfirstfirst';
const FIRST = { username: 'app_a', password: 'the first password of app_a' };

/** What takes the key: the present one and the one before it, in one file that is replaced whole. */
const ACCEPT = `#!/bin/sh
set -e
cd "$(dirname "$0")/../../state"
value=$(cat)
read -r present before < accepted
accept() { echo "$1 $2" > "new.$$"; mv "new.$$" accepted; }
case "$1" in
apply) [ "$value" = "$present" ] || accept "$value" "$present" ;;
verify) [ "$value" = "$present" ] ;;
roll-back) [ "$value" = "$present" ] || accept "$value" "$value" ;;
esac
`;
const TELL = `#!/bin/sh
cat >> "$(dirname "$0")/../../state/told"
`;

/** With who may read what: the store refuses a folder that others may. */
const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);

type Tokens = { app: Uint8Array; rotator: Uint8Array };
export type Ground = { folder: string; server: PostgresServer; tokens: Tokens; points: string[]; remove: () => void };

/** A vault whose secrets are to rotate, what takes them, and the points of a holder that is not killed: how many there are differs a little from run to run. */
export async function ground(): Promise<Ground> {
  const folder = mkdtempSync('/dev/shm/claviger-renewal-');
  const server = await startPostgres();
  const remove = () => {
    server.stop();
    rmSync(folder, { recursive: true });
  };
  try {
    await server.sql('postgres', 'CREATE ROLE app_a LOGIN; CREATE ROLE app_b LOGIN');
    const tokens = await makeVault(join(folder, 'start'), server);
    const made = { folder, server, tokens, points: [], remove };
    const home = await begun(made, 'calm');
    const calm = await walk(made, home, 0);
    const verdict = await standing(join(home, 'data'), TAKEN, calm.seen);
    const wrong = [...calm.wrong, ...verdict.lost, ...verdict.repeated];
    if (calm.ended !== 'exit 0' || wrong.length > 0) throw new Error(`undisturbed: ${calm.ended} ${wrong.join('; ')}`);
    return { ...made, points: calm.points };
  } catch (error) {
    remove();
    throw error;
  }
}

async function makeVault(home: string, server: PostgresServer): Promise<Tokens> {
  mkdirSync(join(home, 'state'), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, 'state/accepted'), `${FIRST_KEY} none\n`);
  const { holder, ada } = await makeHolder(home);
  const programs = join(home, 'data/programs');
  mkdirSync(programs, { mode: 0o700 });
  for (const [name, text] of Object.entries({ accept: ACCEPT, tell: TELL })) {
    writeFileSync(join(programs, name), text, { mode: 0o700 });
  }
  const many = 1_000_000;
  const policy = { ...DEFAULT_POLICY, rate: { perSecret: many, perPrincipal: many } };
  await ada('vault.changePolicy', { version: 2, policy });
  const scope = { owner: '*', environment: '*', name: '*' } as const;
  const service = async (name: string, rights: ('READ' | 'WRITE' | 'ROTATE')[]) => {
    await ada('vault.addPrincipal', { name, kind: 'service', system: true });
    await ada('vault.grant', { name, scope, rights });
    return (await ada('vault.issueToken', { name })).secret ?? bytes('');
  };
  const tokens = {
    app: await service('app', ['READ', 'WRITE']),
    rotator: await service('rotator', ['READ', 'ROTATE']),
  };
  const put = (secret: SecretIdentity, category: string, value: string) =>
    holder.transport.call('vault.put', { ...secret, category }, { bearer: tokens.app, value: bytes(value) });
  await put(KEY, 'system-configuration', FIRST_KEY);
  await put(LOGIN, 'database-password', JSON.stringify(FIRST));
  await put(ADMINISTRATOR, 'database-password', JSON.stringify(server.administrator));
  const value = { length: 20, alphabet: 'abcdefghijklmnop' };
  const accept = { name: 'command', program: 'accept', value, seconds: 60 } as const;
  await ada('vault.setPlan', { ...KEY, plan: { rotator: accept, after: { program: 'tell' } } });
  const { host, port } = server;
  const place = { host, port, database: 'postgres', administrator: 'ops/production/administrator' };
  const roles = { name: 'postgres', ...place, roles: ['app_a', 'app_b'] as [string, string], seconds: 60 } as const;
  await ada('vault.setPlan', { ...LOGIN, plan: { rotator: roles, after: null } });
  await holder.close();
  return tokens;
}

/** A copy of the vault, and what takes its secrets as it was at first. */
async function begun({ folder, server }: Pick<Ground, 'folder' | 'server'>, name: string): Promise<string> {
  const home = join(folder, name);
  copy(join(folder, 'start'), home);
  await server.sql('postgres', `ALTER ROLE app_a PASSWORD '${FIRST.password}'; ALTER ROLE app_b PASSWORD NULL`);
  return home;
}

type Walked = { ended: string; wrong: string[]; points: string[]; seen: Map<string, string>; said: string };

/** Kills at that point, and takes the rotation that is found interrupted to its end, or back. What was lost or repeated by it; `went`: where it was found, and how it ended. */
export async function killAt(made: Ground, at: number, back: boolean): Promise<Verdict & { went: string[] }> {
  const home = await begun(made, `at-${at}`);
  try {
    const first = await walk(made, home, at);
    const failed = (what: string) => ({ lost: [what, ...first.wrong], repeated: [], went: [] });
    // It may have had fewer points than the one that was not killed.
    if (first.ended === 'exit 0') return { ...(await standing(join(home, 'data'), TAKEN, first.seen)), went: [] };
    if (first.ended !== 'SIGKILL') return failed(`it ended: ${first.ended} ${first.said}`);
    // What the server was told last it does.
    const going = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'claviger'";
    while ((await made.server.sql('postgres', going)).length > 0);
    const went: string[] = [];
    const second = await walk(made, home, 0, { back, went, seen: first.seen });
    if (second.ended !== 'exit 0') return failed(`started again it ended: ${second.ended} ${second.said}`);
    const { lost, repeated } = await standing(join(home, 'data'), TAKEN, second.seen);
    return { lost: [...first.wrong, ...second.wrong, ...lost], repeated, went };
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** A holder from its start to the end of all rotations, or to its own. `after`: what to do with a rotation that is found interrupted, and what was read before. */
async function walk(
  { server, tokens }: Pick<Ground, 'server' | 'tokens'>,
  home: string,
  at: number,
  after = { back: false, went: [] as string[], seen: new Map<string, string>() },
): Promise<Walked> {
  const holder = start(join(home, 'data'), at);
  const wrong: string[] = [];
  try {
    await holder.transport.call('vault.unlock', {}, { secret: bytes(PASSPHRASE) });
    const socket = join(home, 'run/vault.sock');
    await holder.transport.send('vault.serve', { socket });
    const calls = new Transport({ socket });
    const reader = new Reader(
      calls,
      tokens.app,
      { secrets: TAKEN.map(({ secret }) => secret), seen: after.seen },
      (secret, value) => (secret === KEY ? accepts(home, value) : logIn(server, loginOf(bytes(value))).then(Boolean)),
    );
    const rotate = async (secret: SecretIdentity, back = false): Promise<RenewalView | null> =>
      (await calls.call('vault.rotateSecret', { ...secret, back }, { bearer: tokens.rotator })).output.renewal;
    try {
      for (const { secret } of TAKEN) {
        const { newest } = (await calls.call('vault.renewal', secret, { bearer: tokens.rotator })).output;
        if (!newest || ['activated', 'rolled-back'].includes(newest.state)) continue;
        const ended = await rotate(secret, after.back);
        after.went.push(`${newest.state} ${ended?.state ?? '?'}`);
        if (ended?.id !== newest.id || ended.state !== (after.back ? 'rolled-back' : 'activated')) {
          wrong.push(`a rotation that was ${newest.state} is ${ended?.state ?? 'none'}`);
        }
      }
      for (const { secret, to } of TAKEN) {
        for (let version = await reader.use(secret); version < to; version += 1) {
          await reader.turned();
          const ended = await rotate(secret);
          if (ended?.version !== version + 1) wrong.push(`version ${ended?.version ?? '?'} came after ${version}`);
        }
      }
      await reader.turned();
      // Whoever is still to be told is told.
      await calls.call('vault.rotateDue', { limit: 1 }, { bearer: tokens.rotator });
      for (const { secret, to } of TAKEN) {
        // The version before is taken still.
        for (const version of [to - 1, to]) await reader.use(secret, version);
      }
    } finally {
      await reader.end();
      wrong.push(...reader.wrong);
      calls.close();
    }
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'VAULT_UNREACHABLE')) throw error;
  } finally {
    await holder.close();
  }
  return { ...(await holder.ended), wrong, seen: after.seen };
}

const accepts = (home: string, value: string) =>
  Promise.resolve(readFileSync(join(home, 'state/accepted'), 'utf8').trim().split(' ').includes(value));

/** With its programs in a process group of its own, which ends with it. */
function start(data: string, at: number) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_')));
  const child = spawn(process.execPath, [PROGRAM, data, String(at)], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    env,
  });
  let [text, said] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const channel = child.stdio[HOLDER_FD] as Duplex;
  channel.on('error', () => undefined);
  const transport = new Transport({ channel });
  child.once('exit', () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // Nobody is left of it.
    }
  });
  const ended = new Promise<{ ended: string; points: string[]; said: string }>((tell) => {
    child.once('close', (status, signal) => {
      const points = text.split('\n').filter((line) => line.startsWith('point '));
      tell({ ended: signal ?? `exit ${status ?? '?'}`, points, said });
    });
  });
  const close = async () => {
    transport.close();
    channel.end();
    channel.destroy();
    await ended;
  };
  return { transport, ended, close };
}
