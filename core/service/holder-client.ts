import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { Transport } from '../client/transport.ts';
import { Refusal } from '../contract/errors.ts';
import { environmentBelow } from '../process/environment.ts';
import { nodeBinary } from '../process/node-binary.js';
import { program } from '../process/programs.ts';

/** The vault's protocol between a holder and the process that started it. */
export const HOLDER_FD = 3;

/** A holder of this process's own, over a store that nobody else holds. */
export class HolderProcess {
  readonly transport: Transport;
  /** Resolves with how it ended: an exit status or a signal. */
  readonly ended: Promise<string>;
  readonly pid: number | undefined;
  readonly #channel: Duplex;

  private constructor(pid: number | undefined, channel: Duplex, ended: Promise<string>) {
    this.pid = pid;
    this.#channel = channel;
    this.ended = ended;
    this.transport = new Transport({ channel });
  }

  static start({ data }: { data: string }): HolderProcess {
    const child = spawn(nodeBinary(), [program('holder'), data], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      env: environmentBelow(),
    });
    const channel = child.stdio[HOLDER_FD] as Duplex | null | undefined;
    if (!channel) throw new Refusal('CORE_GONE');
    channel.on('error', () => undefined);
    const ended = new Promise<string>((tell) => {
      child.once('exit', (status, signal) => {
        tell(signal ?? `exit ${status ?? '?'}`);
      });
      child.once('error', (error) => {
        tell(error.name);
      });
    });
    return new HolderProcess(child.pid, channel, ended);
  }

  /** Closes the channel, which ends it, and waits for that. */
  async close(): Promise<void> {
    this.transport.close();
    this.#channel.end();
    this.#channel.destroy();
    await this.ended;
  }
}
