import childProcess from 'node:child_process';
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import Database from 'better-sqlite3';
import { Child } from '../../core/process/child.ts';

/**
 * The core process as it is, with a number on every moment at which it can be killed: before each commit to the store,
 * before each call that changes a file or a folder, in the middle of each file's bytes, before each call that changes or
 * uses a key in a token process, and while that call is under way, and the same of what is sent to a printer. What lies between two numbers changes nothing durable, so
 * the moment after one is the moment before the next. An fsync is no such moment: a kill leaves the kernel's cache as it is.
 *
 * `start.ts DATA_FOLDER LOG AT VICTIM CACHE TOKEN`: numbers go to LOG; at number AT (0: never) `core` kills this process and
 * `token` kills the token process that was called. TOKEN is the token process, which runs unchanged. CACHE keeps compiled code.
 */

const [log = '', at = '0', victim = 'core', cache = '', token = ''] = process.argv.slice(3);
const { writeSync, openSync } = fs;
const lines = openSync(log, 'a', 0o600);
let count = 0;

const say = (line: string) => {
  writeSync(lines, `${line}\n`);
};

/** Whether this is the moment to die. */
function reached(label: string): boolean {
  count += 1;
  say(`point ${count} ${label}`);
  return count === Number(at);
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function point(label: string): void {
  if (reached(label) && victim === 'core') die();
}

type Method = (this: unknown, ...input: unknown[]) => unknown;

/** A point before each of these methods, where `label` names one. */
function pointBefore(
  owner: object,
  names: string[],
  label: (target: unknown, input: unknown[]) => string | null,
): void {
  const methods = owner as Record<string, Method>;
  for (const name of names) {
    const original = methods[name] as Method;
    methods[name] = function (...input) {
      const what = label(this, input);
      if (what !== null) point(`${name} ${what}`);
      return Reflect.apply(original, this, input);
    };
  }
}

// Files and folders, by every name that node:fs has for a change.
const pathOf = (_: unknown, [path]: unknown[]) => String(path);
const existing = (_: unknown, [path]: unknown[]) => (fs.existsSync(String(path)) ? String(path) : null);
const missing = (_: unknown, [path]: unknown[]) => (fs.existsSync(String(path)) ? null : String(path));
const forWriting = (_: unknown, [path, flags]: unknown[]) =>
  flags === undefined || flags === 'r' ? null : String(path);
const CHANGES = [
  'appendFile',
  'chmod',
  'copyFile',
  'cp',
  'link',
  'rename',
  'symlink',
  'truncate',
  'unlink',
  'writeFile',
];
const synchronous = (names: string[]) => names.map((name) => `${name}Sync`);
pointBefore(fs, synchronous([...CHANGES, 'write', 'ftruncate', 'fchmod']), pathOf);
pointBefore(promises, CHANGES, pathOf);
pointBefore(fs, ['mkdirSync'], missing);
pointBefore(promises, ['mkdir'], missing);
pointBefore(fs, synchronous(['rm', 'rmdir']), existing);
pointBefore(promises, ['rm', 'rmdir'], existing);
pointBefore(fs, ['openSync'], forWriting);
pointBefore(promises, ['open'], forWriting);

const handle = await promises.open('/dev/null', 'r');
const files = Object.getPrototypeOf(handle) as Record<string, Method>;
await handle.close();
pointBefore(files, ['truncate', 'write', 'appendFile', 'chmod'], () => '');
const writeWhole = files['writeFile'] as Method;
files['writeFile'] = async function (bytes, ...options) {
  point('writeFile');
  if (reached('half of writeFile') && victim === 'core') {
    const whole = bytes as Uint8Array;
    await Reflect.apply(writeWhole, this, [whole.subarray(0, whole.length >> 1), ...options]);
    die();
  }
  return Reflect.apply(writeWhole, this, [bytes, ...options]);
};

// The store. What a statement has made durable is said after it, with the kinds of the ledger rows in it.
type Prepared = { source: string; readonly: boolean; database: { inTransaction: boolean } };
const memory = new Database(':memory:');
const statements = Object.getPrototypeOf(memory.prepare('SELECT 1')) as Record<string, Method>;
memory.close();
/** Inside a transaction nothing is durable yet. */
const isCommit = ({ source, readonly, database }: Prepared) =>
  database.inTransaction ? /^commit/i.test(source) : !readonly && !/^PRAGMA/i.test(source);
/** What the transaction that is open has changed, and the ledger rows in it. */
let changing = false;
let rows: { last: number; kinds: string[] } = { last: 0, kinds: [] };
for (const name of ['run', 'all', 'get']) {
  const original = statements[name] as Method;
  statements[name] = function (...input) {
    const statement = this as Prepared;
    const { source, readonly, database } = statement;
    changing ||= database.inTransaction && !readonly;
    if (source.startsWith('insert into "ledger" ')) {
      const values = input.flat();
      const kinds = values.map(String).filter((value) => /^(step|print|ceremony|ledger)\.[a-z]+$/.test(value));
      rows = {
        last: Math.max(...values.filter((value) => typeof value === 'number')),
        kinds: [...rows.kinds, ...kinds],
      };
    }
    if (!isCommit(statement)) return Reflect.apply(original, this, input);
    point(`store ${source.slice(0, 24)} ${rows.kinds.join(' ')}`);
    const answer: unknown = Reflect.apply(original, this, input);
    if (rows.kinds.length > 0) say(`durable ${rows.last} ${rows.kinds.join(' ')}`);
    rows = { last: 0, kinds: [] };
    changing = false;
    return answer;
  };
}
pointBefore(Database.prototype, ['exec'], (_, [text]) => (text === 'COMMIT' && changing ? text : null));
const logOf = (database: unknown) => `${(database as { name: string }).name}-wal`;
const hasLog = (path: string) => fs.existsSync(path) && fs.statSync(path).size > 0;
pointBefore(Database.prototype, ['pragma'], (database, [text]) =>
  String(text).startsWith('wal_checkpoint') && hasLog(logOf(database)) ? String(text) : null,
);

// Token processes: every call that does more than look.
const { spawn } = childProcess;
childProcess.spawn = ((program: string, [first = '', ...words]: string[], options: childProcess.SpawnOptions) => {
  if (['lp', 'lpstat', 'cancel'].includes(program)) return spawnOfCups(program, [first, ...words], options);
  const child = spawn(program, [token, ...words], { ...options, env: { ...options.env, NODE_COMPILE_CACHE: cache } });
  say(`spawned ${child.pid ?? 0}`);
  return child;
}) as typeof spawn;

/** What goes to a printer, and what is taken back from it: before it, and when CUPS has it and core does not know yet. */
function spawnOfCups(program: string, words: string[], options: childProcess.SpawnOptions): childProcess.ChildProcess {
  const looks = program === 'lpstat';
  if (!looks) point(`printer ${program}`);
  const child = spawn(program, words, options);
  if (!looks && reached(`under way ${program}`) && victim === 'core') child.once('exit', die);
  return child;
}

const calls = Child.prototype as unknown as { call: Method };
const { call } = calls;
/** A call is under way when its bytes have left this process, some turns of the loop later. */
const turns = async () => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const LOOKS = [
  ...['probe', 'open', 'info', 'login', 'inventory', 'contents', 'read', 'readData', 'capabilities'],
  // Secrets that wait in the process, and in nothing that lasts.
  ...['forget', 'joinSecrets'],
];
calls.call = async function (...input) {
  const method = String(input[0]);
  if (LOOKS.includes(method)) return Reflect.apply(call, this, input);
  point(`token ${method}`);
  const answer = Reflect.apply(call, this, input);
  if (reached(`under way ${method}`)) {
    await turns();
    if (victim === 'token') (this as Child).kill();
    else die();
  }
  return answer;
};

syncBuiltinESMExports();
// Only now: core takes its functions from the modules as they are here. What it is told is the folder alone.
process.argv.splice(3);
await import('../../core/service/main.ts');
