import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Outcome } from '../contract/errors.ts';
import { connect } from './rpc.ts';
import { SECRET_FD, SecretBox, sendSecret } from './secret-channel.ts';
import type { Below } from './spawn.ts';

/** A Node process of ours one level below: JSON-RPC over its standard pipes, a secret channel beside them. */
export class Child {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #secrets: Duplex;
  #answered: SecretBox | null = null;
  readonly #ended: Promise<string>;
  #end: string | null = null;

  constructor({ process, ended }: Below) {
    this.#child = process;
    const { stdin, stdout, stdio } = this.#child;
    if (!stdin || !stdout) throw new Error('a child without pipes');
    this.#secrets = stdio[SECRET_FD] as Duplex;
    // A pipe to a process that has died is reported by its end, below.
    for (const pipe of [stdin, this.#secrets]) pipe.on('error', () => undefined);
    this.#connection = connect(stdout, stdin);
    // What is no JSON-RPC comes from a library that prints: no answer after it could be trusted.
    this.#connection.onError(() => this.#child.kill('SIGKILL'));
    this.#connection.listen();
    this.#ended = ended.then((how) => {
      this.#end = how;
      this.#connection.dispose();
      return how;
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#end === null;
  }

  /** Resolves with how it ended. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  /** The answer to a call, or how the process ended before it answered. */
  async call(method: string, input: unknown): Promise<Outcome<unknown> | { gone: string }> {
    if (this.#end !== null) return { gone: this.#end };
    const gone = this.#ended.then((how) => ({ gone: how }));
    const answer = this.#connection.sendRequest<Outcome<unknown>>(method, input).catch(() => {
      // Every expected failure is a value, so this one says that the pipe is broken.
      this.#child.kill('SIGKILL');
      return gone;
    });
    return Promise.race([answer, gone]);
  }

  /** What the process tells while it works. */
  onNotification(method: string, told: (what: unknown) => void): void {
    this.#connection.onNotification(method, told);
  }

  /** Answers the secret's ticket. The caller still wipes `secret`. */
  sendSecret(secret: Uint8Array): Promise<string> {
    return sendSecret(this.#secrets, secret);
  }

  /** What the process sent up by this ticket. The caller wipes it. INPUT_INVALID. */
  takeSecret(ticket: string): Promise<Uint8Array> {
    this.#answered ??= new SecretBox(this.#secrets);
    return this.#answered.take(ticket);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Closes its standard input, which ends it, and waits for that. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    this.#secrets.end();
    await this.#ended;
  }
}
