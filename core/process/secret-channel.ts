import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
import { Refusal } from '../contract/errors.ts';
import { TYPED_LIMIT } from '../contract/origins.ts';
import { guarded, wipe } from './guarded.ts';

/**
 * The way of a PIN or passphrase from one process to the one below it: a pipe of its own (file descriptor 3), beside
 * JSON-RPC and never in it. A frame is ticket (16 bytes), length (2 bytes, big-endian), secret. The JSON-RPC call
 * that needs the secret names the ticket. What is shown once comes up the same pipe in the same frames.
 */
export const SECRET_FD = 3;
/** How long a named secret may still be on its way (milliseconds): it was sent before the call that names it. */
const LATE_MS = 5000;
const TICKET_BYTES = 16;
const HEADER_BYTES = TICKET_BYTES + 2;
/** No PIN or passphrase is longer (bytes). */
export const SECRET_LIMIT = TYPED_LIMIT;

/** Sends a secret down a channel and answers its ticket (32 hex digits). The caller still wipes `secret`. */
export async function sendSecret(channel: Writable, secret: Uint8Array): Promise<string> {
  if (secret.length > SECRET_LIMIT) throw new RangeError('secret too long');
  const ticket = randomBytes(TICKET_BYTES);
  const frame = guarded(HEADER_BYTES + secret.length);
  frame.set(ticket);
  frame[TICKET_BYTES] = secret.length >> 8;
  frame[TICKET_BYTES + 1] = secret.length & 0xff;
  frame.set(secret, HEADER_BYTES);
  await new Promise<void>((resolve, reject) => {
    channel.write(frame, (error) => {
      wipe(frame);
      if (error) reject(error);
      else resolve();
    });
  });
  return ticket.toString('hex');
}

/** The receiving end: keeps each secret in guarded memory until its ticket is named, once. */
export class SecretBox {
  readonly #waiting = new Map<string, Uint8Array>();
  readonly #wanted = new Map<string, (secret: Uint8Array) => void>();
  #frame = guarded(HEADER_BYTES + SECRET_LIMIT);
  #filled = 0;
  readonly #channel: Writable | null;

  /**
   * A file descriptor is read into guarded memory of its own: a stream's buffers would keep a copy that nobody can reach to wipe. A stream that is there already: its chunks are
   * wiped as they come. Null: what is in it is kept by this process itself.
   */
  constructor(channel: number | Duplex | null) {
    if (typeof channel !== 'number') {
      this.#channel = channel;
      channel?.on('data', (chunk: Buffer) => {
        this.#receive(chunk);
      });
      return;
    }
    const landing = guarded(4096);
    this.#channel = new Socket({
      fd: channel,
      readable: true,
      writable: true,
      onread: {
        buffer: landing,
        callback: (length) => {
          this.#receive(landing.subarray(0, length));
          return true;
        },
      },
    });
  }

  #receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#frame[this.#filled++] = byte;
      this.#takeFrame();
    }
    wipe(bytes);
  }

  #takeFrame(): void {
    if (this.#filled < HEADER_BYTES) return;
    const length = ((this.#frame[TICKET_BYTES] ?? 0) << 8) | (this.#frame[TICKET_BYTES + 1] ?? 0);
    if (length > SECRET_LIMIT) throw new Error('secret channel out of step');
    if (this.#filled < HEADER_BYTES + length) return;
    const ticket = Buffer.from(this.#frame.subarray(0, TICKET_BYTES)).toString('hex');
    const secret = guarded(length);
    secret.set(this.#frame.subarray(HEADER_BYTES, HEADER_BYTES + length));
    wipe(this.#frame);
    this.#filled = 0;
    const wanted = this.#wanted.get(ticket);
    if (wanted) {
      this.#wanted.delete(ticket);
      wanted(secret);
    } else {
      this.#waiting.set(ticket, secret);
    }
  }

  /** Keeps a secret that was made here; answers its ticket. Whoever takes it wipes it. */
  keep(secret: Uint8Array): string {
    const ticket = randomBytes(TICKET_BYTES).toString('hex');
    this.#waiting.set(ticket, secret);
    return ticket;
  }

  /** Sends a secret to the process above; answers its ticket there. The caller still wipes it. */
  send(secret: Uint8Array): Promise<string> {
    if (!this.#channel) throw new Error('no channel');
    return sendSecret(this.#channel, secret);
  }

  /** Wipes the secrets of tickets that nobody will name any more. */
  forget(tickets: string[]): void {
    for (const ticket of tickets) {
      wipe(this.#waiting.get(ticket));
      this.#waiting.delete(ticket);
    }
  }

  /** The secret of a ticket, as soon as it is here. The taker wipes it. INPUT_INVALID for one that never came. */
  take(ticket: string): Promise<Uint8Array> {
    const secret = this.#waiting.get(ticket);
    if (secret) {
      this.#waiting.delete(ticket);
      return Promise.resolve(secret);
    }
    return new Promise((resolve, reject) => {
      const arrived = (wanted: Uint8Array) => {
        clearTimeout(timer);
        resolve(wanted);
      };
      const timer = setTimeout(() => {
        // Where this process itself was busy all that time, what came meanwhile is read first.
        setImmediate(() => {
          // It may be there by now, and its ticket be named once more.
          if (this.#wanted.get(ticket) !== arrived) return;
          this.#wanted.delete(ticket);
          reject(new Refusal('INPUT_INVALID', { detail: 'no secret came for this ticket' }));
        });
      }, LATE_MS);
      this.#wanted.set(ticket, arrived);
    });
  }
}
