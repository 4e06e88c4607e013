import { randomBytes } from 'node:crypto';
import { type RequestListener, type Server, createServer } from 'node:http';
import { Socket } from 'node:net';
import { Refusal } from '../contract/errors.ts';
import { lockDown } from '../process/lockdown.ts';
import { SecretBox } from '../process/secret-channel.ts';
import { Changes } from './changes.ts';
import { handle, handlersOf } from './handlers.ts';
import { listenTls, listenUnix, peerOfUnix, placesSchema } from './vault-listen.ts';
import { vaultListener } from './vault-server.ts';
import { HOLDER_FD } from './holder-client.ts';
import type { Peer } from './vault.ts';

/**
 * The one holder of a vault: `holder.ts DATA_FOLDER`. Whoever starts it speaks the vault's protocol to it on file descriptor 3 and is the only one who may make the vault,
 * unlock it and open its doors; when that ends, so does it.
 */

const { enforced } = lockDown();
const data = process.argv[2];
if (data === undefined) throw new Error('the data folder is missing');
/** No call that has begun is waited for longer (milliseconds). */
const LAST_CALLS_MS = 5000;

const box = new SecretBox(null);
const { handlers, close } = handlersOf({
  ...{ data, box, changes: new Changes(), clock: () => new Date() },
  random: (length) => new Uint8Array(randomBytes(length)),
});
const doors: Server[] = [];

/** What a child may do whose parent holds the passphrase or PIN, and a caller never. */
const OWN = ['vault.initialise', 'vault.unlock', 'vault.restore', 'vault.moveKey', 'vault.serve'];

const runOfAnybody = (command: string, input: unknown, peer: Peer) => {
  if (OWN.includes(command)) throw new Refusal('COMMAND_UNKNOWN', { command });
  return handle(handlers, command, input, peer);
};
const runOfParent = (command: string, input: unknown, peer: Peer) =>
  command === 'vault.serve' ? serve(input) : handle(handlers, command, input, peer);

async function serve(input: unknown): Promise<{ socket: string | null; port: number | null }> {
  const parsed = placesSchema.safeParse(input);
  if (!parsed.success || doors.length > 0) throw new Refusal('INPUT_INVALID', { detail: 'where to listen' });
  if (!enforced) throw new Refusal('LOCKDOWN_MISSING');
  const { socket, tls } = parsed.data;
  const listenerFor = (peerOf: typeof peerOfUnix): RequestListener => vaultListener({ box, peerOf, run: runOfAnybody });
  if (socket !== undefined) doors.push(await listenUnix(socket, listenerFor));
  let port: number | null = null;
  if (tls) {
    const door = await listenTls(tls, listenerFor);
    doors.push(door);
    const address = door.address();
    port = typeof address === 'object' ? (address?.port ?? null) : null;
  }
  return { socket: socket ?? null, port };
}

/** No new call; those that have begun are answered; the key is wiped, the store closed. */
let ending: Promise<void> | null = null;
function end(): void {
  ending ??= (async () => {
    const late = setTimeout(() => {
      for (const door of doors) door.closeAllConnections();
    }, LAST_CALLS_MS);
    await Promise.all(
      doors.map(
        (door) =>
          new Promise<void>((closed) => {
            door.close(() => {
              closed();
            });
            door.closeIdleConnections();
          }),
      ),
    );
    clearTimeout(late);
    await close();
    process.exit(0);
  })();
}
process.on('SIGTERM', end);
process.on('SIGINT', end);

// This connection lasts as long as the process, with nothing said on it for days.
const forParent = createServer(
  { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 },
  vaultListener({ box, peerOf: (socket) => ({ ...peerOfUnix(socket), address: 'pipe' }), run: runOfParent }),
);
const parent = new Socket({ fd: HOLDER_FD, readable: true, writable: true });
parent.once('close', end);
forParent.emit('connection', parent);
