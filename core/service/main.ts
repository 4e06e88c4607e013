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
const { handlers, close } = handlersOf({
  data,
  box: new SecretBox(SECRET_FD),
  changes: new Changes(),
  clock: () => new Date(),
  random: (length) => new Uint8Array(randomBytes(length)),
});

const connection = connect(process.stdin, process.stdout);
/** Whoever has this process as a child. A session that began here is theirs until they end it. */
const peer: Peer = { address: 'pipe', agent: 'claviger', credential: null };
connection.onRequest((command: string, input: unknown) => outcomeOf(() => handle(handlers, command, input, peer)));
connection.onClose(() => {
  void close().finally(() => process.exit(0));
});
connection.listen();
