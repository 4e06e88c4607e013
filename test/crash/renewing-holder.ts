import childProcess from 'node:child_process';
import { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Client } from 'pg';
import { aroundCommits } from './commits.ts';

/**
 * `renewing-holder.ts DATA_FOLDER AT`: the holder of a vault as it is, with a number on every moment of a secret's rotation at which it can be killed: around each commit of a step, before a program
 * of a rotator is started, while it runs and when it has ended, and around each statement to PostgreSQL and each login there. At number AT (0: at none) it kills itself. A line for each on standard output.
 */

const [at = '0'] = process.argv.splice(3);
let count = 0;
function point(label: string): void {
  count += 1;
  writeSync(1, `point ${count} ${label}\n`);
  if (count === Number(at)) process.kill(process.pid, 'SIGKILL');
}

const isOfRotation = (value: unknown) =>
  typeof value === 'string' && (value === 'vault.renewal' || value.includes('"action":"rotate"'));
aroundCommits((source, values) => {
  const [, table = ''] = /"(vault_renewal)"/.exec(source) ?? [];
  return table || (values.some(isOfRotation) ? 'row' : '');
}, point);

const { spawn } = childProcess;
childProcess.spawn = ((program: string, words: string[], options: childProcess.SpawnOptions) => {
  const step = `program ${words[0] ?? ''}`;
  point(`before ${step}`);
  const child = spawn(program, words, options);
  child.once('exit', () => {
    point(`after ${step}`);
  });
  // When its input is on its way.
  setImmediate(() => {
    point(`during ${step}`);
  });
  return child;
}) as typeof spawn;

type Method = (this: unknown, ...input: unknown[]) => Promise<unknown>;
const clients = Client.prototype as unknown as Record<string, Method>;
for (const name of ['connect', 'query']) {
  const original = clients[name] as Method;
  clients[name] = async function (...input) {
    const label = `${name} ${typeof input[0] === 'string' ? input[0].slice(0, 10) : ''}`;
    point(`before ${label}`);
    const answer: unknown = await Reflect.apply(original, this, input);
    point(`after ${label}`);
    return answer;
  };
}

syncBuiltinESMExports();
// Only now: the holder takes its functions from the modules as they are here.
await import('../../core/service/holder.ts');
