import type { LedgerVerification, VerificationProgress } from '../contract/ledger.ts';
import type { Pace } from '../ledger/verify-store.ts';
import { outcomeOf } from '../process/rpc.ts';
import { Changes } from './changes.ts';

type Told = Omit<VerificationProgress, 'version'>;

const NONE: Told = { state: 'none', at: null, done: 0, total: 0, verified: null, error: null };

const STATES = { pause: 'paused', continue: 'running', cancel: 'cancelled' } as const;

/** Its progress is told so often: more steps nobody sees, and each is a call of the window. */
const STEPS = 50;

/** Thrown through the verification to end it. */
class Cancelled extends Error {}

/** The verification of the store that is open: one at a time, beside everything else. */
export class Verification {
  readonly #changes = new Changes();
  #told = NONE;
  /** Which run is told of; one that was cancelled is nobody's any more, and ends with its next page. */
  #run: object | null = null;
  #ending: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  /** Begins, unless one is under way. */
  begin(verify: (pace: Pace) => Promise<LedgerVerification>, at: Date): VerificationProgress {
    if (this.#run === null) {
      const run = {};
      this.#run = run;
      this.#tell({ ...NONE, state: 'running', at: at.toISOString() });
      this.#ending = this.#ending.then(() => this.#verify(verify, run));
    }
    return this.progress;
  }

  turn(turn: 'pause' | 'continue' | 'cancel'): VerificationProgress {
    if (this.#run !== null) {
      if (turn === 'cancel') this.#run = null;
      this.#tell({ ...this.#told, state: STATES[turn] });
      this.#wake();
    }
    return this.progress;
  }

  get progress(): VerificationProgress {
    return { version: this.#changes.version, ...this.#told };
  }

  async since(after: number): Promise<VerificationProgress> {
    await this.#changes.since(after);
    return this.progress;
  }

  /** Before the rows that it reads go elsewhere. */
  async stop(): Promise<void> {
    this.turn('cancel');
    await this.#ending;
  }

  async #verify(verify: (pace: Pace) => Promise<LedgerVerification>, run: object): Promise<void> {
    const outcome = await outcomeOf(() =>
      verify((done, total) => this.#page(run, done, total)).catch((error: unknown) => {
        if (error instanceof Cancelled) return null;
        throw error;
      }),
    );
    if (this.#run !== run) return;
    this.#run = null;
    if (outcome.ok) this.#tell({ ...this.#told, state: 'verified', verified: outcome.value });
    else this.#tell({ ...this.#told, state: 'refused', error: outcome.error });
  }

  async #page(run: object, done: number, total: number): Promise<void> {
    const far = done === total || done - this.#told.done >= total / STEPS;
    if (this.#run === run && far) this.#tell({ ...this.#told, done, total });
    while (this.#run === run && this.#told.state === 'paused') {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#run !== run) throw new Cancelled();
  }

  #tell(told: Told): void {
    this.#told = told;
    this.#changes.announce();
  }
}
