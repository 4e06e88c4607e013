import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { z } from 'zod';
import { type Outcome, Refusal } from '../../contract/errors.ts';
import { lockDown } from '../../process/lockdown.ts';
import { connect, outcomeOf, reportBug } from '../../process/rpc.ts';
import { SECRET_FD, SecretBox } from '../../process/secret-channel.ts';
import { tokenCalls } from './calls.ts';
import { PROGRESS, TOKEN_CALLS, type TokenCallName } from './protocol.ts';

/**
 * The token process: one PKCS#11 module, or the software token, behind JSON-RPC on standard input and output. It ends
 * when its input does. Secrets come in on file descriptor 3, before the call that names them.
 */

// First of all: nothing secret may arrive before the process is shut.
lockDown();

process.on('uncaughtException', (error) => {
  reportBug(error);
  process.exit(70);
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const connection = connect(process.stdin, process.stdout);
const { calls, leavesSecrets, close } = tokenCalls(new SecretBox(SECRET_FD), (done, total) => {
  void connection.sendNotification(PROGRESS, { done, total });
});

// One call after the other: a token session is one thread of state.
let last: Promise<unknown> = Promise.resolve();

for (const name of Object.keys(TOKEN_CALLS) as TokenCallName[]) {
  connection.onRequest(name, (input: unknown) => {
    const turn = last.then(() => outcomeOf(() => perform(name, input)));
    last = turn;
    return turn satisfies Promise<Outcome<unknown>>;
  });
}
connection.onClose(() => {
  close();
  process.exit(0);
});
connection.listen();

async function perform(name: TokenCallName, input: unknown): Promise<unknown> {
  const parsed = TOKEN_CALLS[name].safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal('INPUT_INVALID', { detail: `${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` });
  }
  const call = calls[name] as (checked: z.infer<(typeof TOKEN_CALLS)[TokenCallName]>) => Promise<unknown>;
  try {
    return await call(parsed.data);
  } finally {
    // OpenSSL clears its key objects when Node frees them: now, and not at some time.
    if (leavesSecrets(name)) collectGarbage();
  }
}
