import { Refusal, type Outcome } from '../../contract/errors.ts';
import { Child } from '../../process/child.ts';
import { spawnBelow } from '../../process/spawn.ts';
import { program } from '../../process/programs.ts';
import { valueOf } from '../../process/rpc.ts';
import { SECRET_LIMIT } from '../../process/secret-channel.ts';
import type { Progress } from '../../shares/progress.ts';
import { PROGRESS, progressSchema } from './protocol.ts';
import type { TokenCallInput, TokenCallName, TokenCallOutput } from './protocol.ts';

/** How long a module gets to finalise before its process is killed. */
const CLOSE_TIMEOUT_MS = 5000;

/** Core's end of a token process. When that process dies, every pending and later call is refused: TOKEN_GONE. */
export class TokenProcess {
  readonly #child = new Child(spawnBelow(process.execPath, program('token'), []));

  /** `progress` hears how far a call has come that takes several passphrases. */
  static start(progress: Progress = () => undefined): TokenProcess {
    const started = new TokenProcess();
    started.#child.onNotification(PROGRESS, (told) => {
      const { done, total } = progressSchema.parse(told);
      progress(done, total);
    });
    return started;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#child.alive;
  }

  /** Resolves with how it ended: an exit status or a signal. */
  get ended(): Promise<string> {
    return this.#child.ended;
  }

  /** One call. Throws the refusal; TOKEN_GONE if the process has ended or ends meanwhile. */
  async call<C extends TokenCallName>(name: C, input: TokenCallInput<C>): Promise<TokenCallOutput[C]> {
    const answer = await this.#child.call(name, input);
    if ('gone' in answer) throw new Refusal('TOKEN_GONE', { detail: answer.gone });
    return valueOf(answer as Outcome<TokenCallOutput[C]>);
  }

  /** Sends a secret ahead and answers the ticket that a call names. The caller wipes it. TOKEN_GONE, INPUT_INVALID. */
  async sendSecret(secret: Uint8Array): Promise<string> {
    if (secret.length > SECRET_LIMIT) {
      throw new Refusal('INPUT_INVALID', { detail: `a secret is at most ${SECRET_LIMIT} bytes` });
    }
    try {
      return await this.#child.sendSecret(secret);
    } catch {
      // The pipe closes when the process ends, and for no other reason.
      throw new Refusal('TOKEN_GONE', { detail: await this.#child.ended });
    }
  }

  /** Ends the process at once, in the middle of whatever it does. */
  kill(): void {
    this.#child.kill();
  }

  /** Ends the process; its keys and secrets end with it. */
  async close(): Promise<void> {
    const timer = setTimeout(() => {
      this.kill();
    }, CLOSE_TIMEOUT_MS);
    await this.#child.close();
    clearTimeout(timer);
  }
}
