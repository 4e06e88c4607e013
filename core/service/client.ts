import type { Call, CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import { type Outcome, Refusal } from '../contract/errors.ts';
import { Child } from '../process/child.ts';
import { SECRET_LIMIT } from '../process/secret-channel.ts';
import type { Below } from '../process/spawn.ts';
import { SHOWN, type ShownCommand } from './shown.ts';
import { spawnCore } from './spawn-core.ts';

/** The core process as a face of it sees it: one call a command. */
export class CoreProcess {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static start({ data }: { data: string }): CoreProcess {
    return CoreProcess.of(spawnCore(data));
  }

  /** One that was started before. */
  static of(below: Below): CoreProcess {
    return new CoreProcess(new Child(below));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get ended(): Promise<string> {
    return this.#child.ended;
  }

  /** Runs a command. A core that has ended is CORE_GONE. */
  call: Call = async <C extends CommandName>(
    command: C,
    input: CommandInput<C>,
  ): Promise<Outcome<CommandOutput<C>>> => {
    const answer = await this.#child.call(command, input);
    if ('gone' in answer) return { ok: false, error: new Refusal('CORE_GONE').value };
    return answer as Outcome<CommandOutput<C>>;
  };

  /** A command whose answer is shown once, which comes up the secret channel. The caller wipes it. As `call`. */
  async callShown<C extends ShownCommand>(command: C, input: CommandInput<C>): Promise<Outcome<Uint8Array>> {
    const answer = (await this.call(SHOWN as CommandName, { command, input } as never)) as Outcome<{ ticket: string }>;
    return answer.ok ? { ok: true, value: await this.#child.takeSecret(answer.value.ticket) } : answer;
  }

  /** Sends a PIN or passphrase ahead of `ceremony.provide`; answers its ticket. The caller wipes `secret`. CORE_GONE, INPUT_INVALID. */
  async sendSecret(secret: Uint8Array): Promise<string> {
    if (secret.length > SECRET_LIMIT) {
      throw new Refusal('INPUT_INVALID', { detail: `a PIN or passphrase is at most ${SECRET_LIMIT} bytes` });
    }
    try {
      return await this.#child.sendSecret(secret);
    } catch {
      // The pipe closes when the process ends, and for no other reason.
      throw new Refusal('CORE_GONE');
    }
  }

  close(): Promise<void> {
    return this.#child.close();
  }
}
