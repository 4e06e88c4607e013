import { createHash } from 'node:crypto';
import { type RequestListener, type Server, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type ListenOptions, type Socket, connect } from 'node:net';
import { lstatSync, statSync, unlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { Refusal } from '../contract/errors.ts';
import { uidOfPeer } from '../process/peer-credentials.ts';
import { errnoOf, readFileOrRefuse, readRefusal, writeRefusal } from '../store/files.ts';
import type { Credential } from './vault.ts';

/** Where a holder is reached: a Unix socket, and for other hosts TLS with client certificates. */

const path = z.string().min(1).max(4096);
export const placesSchema = z.strictObject({
  socket: path.optional(),
  tls: z
    .strictObject({
      host: z.string().min(1).max(255),
      port: z.int().min(0).max(65_535),
      certificate: path,
      key: path,
      /** The CA of client certificates, PEM. */
      clients: path,
    })
    .optional(),
});
export type Places = z.infer<typeof placesSchema>;

/** How long somebody may take (milliseconds): for a head, a whole call, and between two calls. */
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 5000,
};
const CONNECTIONS = 512;
const BACKLOG = 256;
const PEM_LIMIT = 256 * 1024;

export type PeerOf = (socket: Socket) => { address: string; credential: Credential | null };

/** Whoever the kernel says connected to a Unix socket, this process's own channel among them. */
export const peerOfUnix: PeerOf = (socket) => {
  const uid = uidOfPeer(socket);
  return { address: `unix:${uid ?? '?'}`, credential: uid === null ? null : { uid } };
};

/** The client certificate, which TLS has verified. */
const peerOfTls: PeerOf = (socket) => {
  if (!(socket instanceof TLSSocket)) throw new Error('not a connection of TLS');
  const { raw } = socket.getPeerCertificate();
  const certificate = createHash('sha256').update(raw).digest('hex');
  return { address: socket.remoteAddress ?? '?', credential: { certificate } };
};

/**
 * Listens at a path in a folder where nobody else can put or take away anything; the socket is its owner's alone. One that nobody answers at any more is replaced.
 * SOCKET_UNSAFE, SOCKET_TAKEN, OUTPUT_*.
 */
export async function listenUnix(place: string, listenerFor: (peerOf: PeerOf) => RequestListener): Promise<Server> {
  const socket = resolve(place);
  const folder = dirname(socket);
  try {
    const { mode, uid } = statSync(folder);
    const owners = [0, process.getuid?.()];
    if ((mode & 0o022) !== 0 || !owners.includes(uid)) {
      throw new Refusal('SOCKET_UNSAFE', { path: folder, mode: (mode & 0o7777).toString(8) });
    }
  } catch (error) {
    throw writeRefusal(error, folder);
  }
  await removeDead(socket);
  const server = createServer(TIMES, listenerFor(peerOfUnix));
  // The file is made in the call itself, under this mask.
  const mask = process.umask(0o177);
  try {
    await listening(server, { path: socket, backlog: BACKLOG }, socket);
  } finally {
    process.umask(mask);
  }
  const mode = statSync(socket).mode & 0o777;
  if (mode !== 0o600) throw new Refusal('SOCKET_UNSAFE', { path: socket, mode: mode.toString(8) });
  return server;
}

/** TLS 1.3 alone, and no call without a certificate of the clients' CA. FILE_*, CERTIFICATE_INVALID, STORE_UNSAFE for a key that others may read, SOCKET_TAKEN. */
export async function listenTls(
  { host, port, certificate, key, clients }: NonNullable<Places['tls']>,
  listenerFor: (peerOf: PeerOf) => RequestListener,
): Promise<Server> {
  const read = async (file: string) => Buffer.from(await readFileOrRefuse(resolve(file), PEM_LIMIT));
  const mode = modeOf(resolve(key));
  if ((mode & 0o077) !== 0) throw new Refusal('STORE_UNSAFE', { path: key, mode: mode.toString(8) });
  const pem = { cert: await read(certificate), key: await read(key), ca: await read(clients) };
  let server: Server;
  try {
    const tls = { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: true } as const;
    server = createTlsServer({ ...TIMES, ...tls, ...pem }, listenerFor(peerOfTls));
  } catch {
    throw new Refusal('KEY_FILE_INVALID', { path: key, detail: 'it, its certificate or the CA is not what TLS takes' });
  } finally {
    pem.key.fill(0);
  }
  await listening(server, { host, port, backlog: BACKLOG }, `${host}:${port}`);
  return server;
}

async function listening(server: Server, options: ListenOptions, place: string): Promise<void> {
  server.maxConnections = CONNECTIONS;
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(options, () => {
        server.off('error', fail);
        done();
      });
    });
  } catch (error) {
    if (errnoOf(error) === 'EADDRINUSE') throw new Refusal('SOCKET_TAKEN', { place });
    throw writeRefusal(error, place);
  }
}

/** SOCKET_TAKEN where somebody answers, or where something else than a socket lies. */
async function removeDead(socket: string): Promise<void> {
  try {
    if (!lstatSync(socket).isSocket()) throw new Refusal('SOCKET_TAKEN', { place: socket });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw readRefusal(error, socket);
  }
  const answers = await new Promise<boolean>((tell) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      tell(true);
    });
    probe.once('error', (error) => {
      tell(errnoOf(error) !== 'ECONNREFUSED');
    });
  });
  if (answers) throw new Refusal('SOCKET_TAKEN', { place: socket });
  unlinkSync(socket);
}

function modeOf(file: string): number {
  try {
    return statSync(file).mode & 0o777;
  } catch (error) {
    throw readRefusal(error, file);
  }
}
