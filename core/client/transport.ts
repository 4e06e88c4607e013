import { readFileSync } from 'node:fs';
import { Agent, type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import type { Duplex } from 'node:stream';
import type { CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import { type ErrorCode, ERRORS, type ErrorValue, Refusal } from '../contract/errors.ts';
import { FRAME_LIMIT, framePieces, readFrame } from '../contract/vault-frame.ts';

/** Where a holder is: a Unix socket; a host, with this client's certificate and key and the CA of the holder's (paths of PEM files); a channel that is open already. */
export type Place =
  | { socket: string }
  | { host: string; port: number; certificate: string; key: string; ca: string }
  | { channel: Duplex };

type VaultCommand = Extract<CommandName, `vault.${string}`>;
type Secrets = { [name: string]: Uint8Array };
/** What a command takes besides its secrets, which travel beside it. */
export type VaultInput<C extends VaultCommand> = Omit<CommandInput<C>, 'value' | 'password' | 'secret'>;
/** What it answers, with the secret where a ticket stood. */
export type VaultAnswer<C extends VaultCommand> = {
  output: Omit<CommandOutput<C>, 'ticket'>;
  secret: Uint8Array | null;
};

const CONNECTIONS = 64;
/** A holder that says nothing for so long is given up (milliseconds): argon2id and a token take their time. */
const SILENCE_MS = 60_000;

/** One holder, as a caller sees it: one call a command, several at a time (docs/formats/vault-protocol.md). */
export class Transport {
  readonly #place: Place;
  readonly #agent: string;
  readonly #connections: Agent;

  /** `agent`: what the caller is called in the ledger. FILE_MISSING for a certificate or key that is not there. */
  constructor(place: Place, agent = 'claviger') {
    this.#place = place;
    this.#agent = agent;
    if ('channel' in place) {
      this.#connections = new ChannelAgent(place.channel);
    } else if ('socket' in place) {
      this.#connections = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    } else {
      const { ca, certificate, key } = place;
      const pem = { ca: pemOf(ca), cert: pemOf(certificate), key: pemOf(key) };
      this.#connections = new TlsAgent({ keepAlive: true, maxSockets: CONNECTIONS, minVersion: 'TLSv1.3', ...pem });
    }
  }

  /**
   * Runs a command. The caller wipes `secrets` (`bearer`: a token or a session, in place of whoever the connection is) and the secret of the answer. Refused as the
   * holder refuses; VAULT_UNREACHABLE where there is none, or it went away before it answered.
   */
  async call<C extends VaultCommand>(command: C, input: VaultInput<C>, secrets: Secrets = {}): Promise<VaultAnswer<C>> {
    const { content, secret } = await this.send(command, input, secrets);
    return { output: content as VaultAnswer<C>['output'], secret };
  }

  /** The same of what only the starter of a holder may ask for. */
  async send(
    command: string,
    input: object,
    secrets: Secrets = {},
  ): Promise<{ content: unknown; secret: Uint8Array | null }> {
    const pieces = framePieces(input, Object.entries(secrets));
    let body: Uint8Array;
    try {
      body = await this.#exchange(command, pieces);
    } catch {
      // The message of a system error would say no more than the place does.
      throw new Refusal('VAULT_UNREACHABLE', { place: this.#name });
    }
    try {
      const frame = readFrame(body);
      const outcome = frame?.content as { ok: true; value: unknown } | { ok: false; error: ErrorValue } | undefined;
      if (!frame || typeof outcome !== 'object') throw new Refusal('VAULT_UNREACHABLE', { place: this.#name });
      if (!outcome.ok) throw refusalOf(outcome.error);
      const [given] = frame.secrets;
      // Views of the body would be wiped with it.
      return { content: outcome.value, secret: given ? Uint8Array.from(given[1]) : null };
    } finally {
      body.fill(0);
    }
  }

  close(): void {
    this.#connections.destroy();
  }

  get #name(): string {
    if ('socket' in this.#place) return this.#place.socket;
    return 'host' in this.#place ? `${this.#place.host}:${this.#place.port}` : 'its own process';
  }

  /** The whole body of the answer, which the caller wipes. What Node brought it in is wiped here. */
  async #exchange(command: string, pieces: Uint8Array[]): Promise<Uint8Array> {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const asked = this.#open({
      ...{ method: 'POST', path: `/rpc/${command}`, agent: this.#connections, timeout: SILENCE_MS },
      headers: {
        ...{ 'content-type': 'application/octet-stream', 'content-length': length },
        'user-agent': this.#agent,
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve);
      asked.once('error', reject);
      asked.once('timeout', () => asked.destroy(new Error('silence')));
    });
    for (const piece of pieces) asked.write(piece);
    asked.end();
    const answer = await answered;
    const said = Number(answer.headers['content-length']);
    if (answer.statusCode !== 200 || !(said <= FRAME_LIMIT)) {
      answer.destroy();
      throw new Error('no message of a vault');
    }
    const body = new Uint8Array(said);
    let filled = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      body.set(chunk, filled);
      filled += chunk.length;
      chunk.fill(0);
    }
    return body;
  }

  #open(options: RequestOptions): ClientRequest {
    const place = this.#place;
    if ('socket' in place) return request({ ...options, socketPath: place.socket });
    if ('host' in place) return requestTls({ ...options, host: place.host, port: place.port });
    return request(options);
  }
}

/** One connection that is there already: calls stand in a queue. */
class ChannelAgent extends Agent {
  readonly #channel: Duplex;
  constructor(channel: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#channel = channel;
  }
  override createConnection(): Duplex {
    return this.#channel;
  }
}

function pemOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new Refusal('FILE_MISSING', { path });
  }
}

/** A code that this client does not know comes from a newer holder. */
function refusalOf({ code, params, complaints }: ErrorValue): Refusal {
  return Object.hasOwn(ERRORS, code)
    ? new Refusal(code, params, complaints)
    : new Refusal('INTERNAL' satisfies ErrorCode);
}
