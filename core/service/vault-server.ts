import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Refusal } from '../contract/errors.ts';
import { FRAME_LIMIT, type NamedSecrets, framePieces, readFrame } from '../contract/vault-frame.ts';
import { guardedBriefly, guardedBrieflyCopy, wipe } from '../process/guarded.ts';
import { outcomeOf, reportBug } from '../process/rpc.ts';
import type { SecretBox } from '../process/secret-channel.ts';
import { type Credential, type Peer, wipeCredential } from './peer.ts';

/** What a caller may spend in a second: a call costs one, a login, which costs a slow hash whoever it is for, a fifth of all. */
const RATE_LIMIT = 5000;
const LOGIN_COST = RATE_LIMIT / 5;
/** In place of a secret of the command: what the caller is known by. */
const BEARER = 'bearer';
const TOKEN_PREFIX = 'clv_';

type Parts = {
  box: SecretBox;
  /** Runs a command by name with an unchecked input. */
  run: (command: string, input: unknown, peer: Peer) => Promise<unknown>;
  /** Who is at the other end, as the system or TLS vouches for it. */
  peerOf: (socket: Socket) => { address: string; credential: Credential | null };
};

/**
 * The vault's protocol (docs/formats/vault-protocol.md): one request is one command. A secret of a call waits in the box under the ticket that its input then names, and
 * the secret of an answer is taken from there; neither is ever in JSON, and both are wiped here.
 */
export function vaultListener(parts: Parts): RequestListener {
  const rate = new RateLimiterMemory({ points: RATE_LIMIT, duration: 1 });
  return (request, response) => {
    const command = /^\/rpc\/(vault\.[A-Za-z]+)$/.exec(request.url ?? '')?.[1];
    const done =
      request.method === 'POST' && command !== undefined
        ? respond(parts, rate, command, request, response)
        : Promise.resolve(response.writeHead(404, { connection: 'close' }).end());
    // Who has hung up hears nothing more; anything else is a bug.
    done.catch((error: unknown) => {
      if (!response.destroyed) reportBug(error);
      response.destroy();
    });
  };
}

async function respond(
  parts: Parts,
  rate: RateLimiterMemory,
  command: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const secrets: NamedSecrets = [];
  try {
    const outcome = await outcomeOf(() => answerOf(parts, rate, command, request, secrets));
    const pieces = framePieces(outcome, secrets);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    response.writeHead(200, {
      ...{ 'content-type': 'application/octet-stream', 'content-length': length, 'cache-control': 'no-store' },
      // What was refused unread is not read to find the next call behind it.
      ...(request.complete ? {} : { connection: 'close' }),
    });
    for (const piece of pieces) response.write(piece);
    response.end();
    await finished(response);
  } finally {
    wipe(...secrets.map(([, secret]) => secret));
  }
}

/** The command's output without its ticket, whose secret goes to `secrets`. */
async function answerOf(
  { box, run, peerOf }: Parts,
  rate: RateLimiterMemory,
  command: string,
  request: IncomingMessage,
  secrets: NamedSecrets,
): Promise<unknown> {
  const { address, credential } = peerOf(request.socket);
  // Whoever started this process has one connection, which a refused call would close, and is nobody to be held off.
  if (address !== 'pipe') await within(rate, address, command === 'vault.login' ? LOGIN_COST : 1);
  const body = await bodyOf(request);
  const peer: Peer = { address, agent: agentOf(request), credential };
  const tickets: string[] = [];
  try {
    const input = inputOf(body, box, peer, tickets);
    const output = await run(command, input, peer);
    if (typeof output !== 'object' || output === null || !('ticket' in output)) return output;
    const { ticket, ...rest } = output;
    secrets.push(['ticket', await box.take(ticket as string)]);
    return rest;
  } finally {
    wipe(body);
    box.forget(tickets);
    wipeCredential(peer);
  }
}

/** The input with a ticket for each secret. A bearer takes the place of whoever the connection is: the two are never both tried. */
function inputOf(body: Uint8Array, box: SecretBox, peer: Peer, tickets: string[]): Record<string, unknown> {
  const frame = readFrame(body);
  if (!frame || typeof frame.content !== 'object' || frame.content === null) {
    throw new Refusal('INPUT_INVALID', { detail: 'not a message of the vault' });
  }
  const input = { ...frame.content } as Record<string, unknown>;
  for (const [name, secret] of frame.secrets) {
    const copy = guardedBrieflyCopy(secret);
    if (name === BEARER) {
      peer.credential = isToken(secret) ? { token: copy } : { session: copy };
      continue;
    }
    const ticket = box.keep(copy);
    tickets.push(ticket);
    if (Object.hasOwn(input, name)) throw new Refusal('INPUT_INVALID', { detail: `${name} is there twice` });
    input[name] = ticket;
  }
  return input;
}

function isToken(bearer: Uint8Array): boolean {
  return Buffer.from(TOKEN_PREFIX).equals(bearer.subarray(0, TOKEN_PREFIX.length));
}

/** What the caller calls itself: one short line, since it stands in the ledger. */
function agentOf({ headers }: IncomingMessage): string {
  return (headers['user-agent'] ?? 'unnamed').replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 80);
}

async function within(rate: RateLimiterMemory, address: string, cost: number): Promise<void> {
  try {
    await rate.consume(address, cost);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw new Refusal('VAULT_CALLS');
  }
}

/** The whole body in guarded memory, which the caller wipes. What Node brought it in is wiped here. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const length = Number(request.headers['content-length']);
  // Without a length there is no telling how much to guard.
  if (!(length <= FRAME_LIMIT))
    throw new Refusal('INPUT_INVALID', { detail: `at most ${FRAME_LIMIT} bytes, whose number is said` });
  const body = guardedBriefly(length);
  let filled = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      body.set(chunk, filled);
      filled += chunk.length;
      wipe(chunk);
    }
    return body;
  } catch {
    wipe(body);
    throw new Refusal('INPUT_INVALID', { detail: 'the message broke off' });
  }
}
