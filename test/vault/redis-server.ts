import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RESP_TYPES, createClient } from '@redis/client';

/** A Redis of a test's own on a Unix socket, which forgets everything when it ends. `more`: words of its command line after ours. */
export class RedisServer {
  readonly socket: string;
  readonly #password: string;
  readonly #more: string[];
  #child: ChildProcess | null = null;

  constructor(folder: string, password: string, more: string[] = []) {
    this.socket = join(folder, 'redis.sock');
    this.#password = password;
    this.#more = more;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Once it takes connections. */
  async start(): Promise<void> {
    const words = ['--port', '0', '--unixsocket', this.socket, '--unixsocketperm', '700', '--save', ''];
    const child = spawn('redis-server', [...words, '--requirepass', this.#password, '--dir', '/tmp', ...this.#more], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    await new Promise<void>((ready, failed) => {
      child.once('error', failed);
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('Ready to accept connections') || line.includes('ready to accept connections')) ready();
      });
    });
  }

  /** SIGSTOP: it takes connections, and says nothing. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** As somebody who may do everything there. */
  async as<T>(work: (client: ReturnType<typeof clientOf>) => Promise<T>): Promise<T> {
    const client = clientOf(this.socket, this.#password);
    await client.connect();
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  }
}

function clientOf(path: string, password: string) {
  return createClient({
    socket: { path, tls: false },
    password,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}
