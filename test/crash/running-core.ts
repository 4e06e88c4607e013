import { join } from 'node:path';
import type { Core } from '../../core/cli/run-ceremony.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { Child } from '../../core/process/child.ts';
import { spawnBelow } from '../../core/process/spawn.ts';
import { nodeBinary } from '../../core/process/node-binary.js';

/** Where and whom a core process is to be killed: number 0 is never. */
export type Kill = { at: number; victim: 'core' | 'token' };
export const NO_KILL: Kill = { at: 0, victim: 'core' };

export type RunningCore = Core & { close: () => Promise<void>; kill: () => void; ended: Promise<string>; log: string };

/** Core with points (core-with-points.ts), which tells of them in `log`. `code` is the folder of compiled(). */
export function startWithPoints(code: string, data: string, log: string, kill: Kill): RunningCore {
  const [main, token, cache] = ['core.js', 'token.js', 'cache'].map((name) => join(code, name)) as [
    string,
    string,
    string,
  ];
  const child = new Child(spawnBelow(nodeBinary(), main, [data, log, String(kill.at), kill.victim, cache, token]));
  const gone = new Refusal('CORE_GONE');
  const call: Core['call'] = async (command, input) => {
    const answer = await child.call(command, input);
    return 'gone' in answer ? { ok: false, error: gone.value } : (answer as Outcome<never>);
  };
  return {
    call,
    sendSecret: (secret) =>
      child.sendSecret(secret).catch(() => {
        throw gone;
      }),
    close: () => child.close(),
    kill: () => {
      child.kill();
    },
    ended: child.ended,
    log,
  };
}
