import { randomBytes } from 'node:crypto';
import { lockDown } from '../process/lockdown.ts';
import { Refusal } from '../contract/errors.ts';
import { wipe } from '../process/guarded.ts';
import { connect, outcomeOf } from '../process/rpc.ts';
import { SECRET_FD, SecretBox } from '../process/secret-channel.ts';
import { Changes } from './changes.ts';
import { handle, handlersOf } from './handlers.ts';
import { SHOWN, isShown } from './shown.ts';
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
connection.onRequest(SHOWN, (asked: { command: string; input: unknown }) => outcomeOf(() => show(asked)));
connection.onRequest((command: string, input: unknown) => outcomeOf(() => answer(command, input)));
connection.onClose(() => {
  void close().finally(() => process.exit(0));
});
connection.listen();

/** What a command answers under a ticket is wiped, and so is what came with a call that did not take it. */
async function answer(command: string, input: unknown): Promise<unknown> {
  try {
    const output = await handle(handlers, command, input, peer);
    if (typeof output !== 'object' || output === null || !('ticket' in output)) return output;
    const { ticket, ...rest } = output;
    box.forget([ticket as string]);
    return rest;
  } finally {
    forgetGiven(input);
  }
}

/** Up the channel goes what is shown once, and nothing else: no value of a secret, no session, no data key. */
async function show({ command, input }: { command: string; input: unknown }): Promise<{ ticket: string }> {
  try {
    if (!isShown(command)) throw new Refusal('COMMAND_UNKNOWN', { command });
    const { ticket } = (await handle(handlers, command, input, peer)) as { ticket: string };
    const secret = await box.take(ticket);
    try {
      return { ticket: await box.send(secret) };
    } finally {
      wipe(secret);
    }
  } finally {
    forgetGiven(input);
  }
}

function forgetGiven(input: unknown): void {
  box.forget(Object.values(input ?? {}).filter((value) => typeof value === 'string'));
}
