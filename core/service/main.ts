import { randomBytes } from 'node:crypto';
import { lockDown } from '../process/lockdown.ts';
import { connect, outcomeOf } from '../process/rpc.ts';
import { SECRET_FD, SecretBox } from '../process/secret-channel.ts';
import { Changes } from './changes.ts';
import { handle, handlersOf } from './handlers.ts';
import type { Peer } from './vault.ts';

/** The core process: `main.ts DATA_FOLDER`. JSON-RPC on standard input and output, secrets on file descriptor 3. */

lockDown();

const data = process.argv[2];
if (data === undefined) throw new Error('the data folder is missing');
const box = new SecretBox(SECRET_FD);
const { handlers, close } = handlersOf({
  data,
  box,
  changes: new Changes(),
  clock: () => new Date(),
  random: (length) => new Uint8Array(randomBytes(length)),
});

const connection = connect(process.stdin, process.stdout);
/** Whoever has this process as a child. A session that began here is theirs until they end it. */
const peer: Peer = { address: 'pipe', agent: 'claviger', credential: null };
connection.onRequest((command: string, input: unknown) => outcomeOf(() => answer(command, input)));
connection.onClose(() => {
  void close().finally(() => process.exit(0));
});
connection.listen();

/** Secrets go down this pipe and never up: what a command answers under a ticket is wiped, and so is what came with a call that did not take it. */
async function answer(command: string, input: unknown): Promise<unknown> {
  try {
    const output = await handle(handlers, command, input, peer);
    if (typeof output !== 'object' || output === null || !('ticket' in output)) return output;
    const { ticket, ...rest } = output;
    box.forget([ticket as string]);
    return rest;
  } finally {
    box.forget(Object.values(input ?? {}).filter((value) => typeof value === 'string'));
  }
}
