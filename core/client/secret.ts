import { inspect } from 'node:util';

const REDACTED = '[REDACTED]';

/** A value that no log, error, template or JSON shows: it is had by asking for it. `bytes()` is a copy, which the caller wipes. */
export class Secret {
  readonly #bytes: Uint8Array;

  /** Takes the bytes over. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** Throws where it is not UTF-8. A string cannot be wiped: keep it no longer than it is needed. */
  text(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes);
  }

  json(): unknown {
    try {
      return JSON.parse(this.text()) as unknown;
    } catch {
      // The error of the parser would quote what it has read.
      throw new TypeError('the secret is no JSON');
    }
  }

  /** Overwrites it; it is not to be used after. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
