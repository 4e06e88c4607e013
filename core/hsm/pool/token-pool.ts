import { Refusal } from '../../contract/errors.ts';
import { reportBug } from '../../process/rpc.ts';
import type { TokenProcess } from '../process/client.ts';
import type { TokenCallInput, TokenCallOutput, TokenLocation } from '../process/protocol.ts';
import { type PooledCall, REPEATABLE, isGone } from './pooled-call.ts';
import { type PoolMember, Worker, type WorkerState } from './worker.ts';

export type { PoolMember, WorkerState } from './worker.ts';

/** A call that has ended this many processes is not given to another. */
const ATTEMPTS = 3;

export type PoolEvent =
  | { kind: 'up' | 'failover'; member: string }
  | { kind: 'down' | 'refused'; member: string; detail: string }
  | { kind: 'fallback'; member: string; call: PooledCall };

/** What may be done in software, and by which software token, while no other token is there. Policy names it. */
export type Fallback = {
  member: Omit<PoolMember, 'location'> & { location: Extract<TokenLocation, { kind: 'software' }> };
  calls: PooledCall[];
};

export type PoolOptions = {
  /** Tokens that hold the same keys. */
  members: PoolMember[];
  fallback: Fallback | null;
  /** Calls that wait for a process; one more is refused. */
  queueLimit: number;
  /** Calls that a process is given at a time, so that it never waits for the next one. */
  inFlightLimit: number;
  /** How often health is checked, and a token that does not come up is tried again. */
  checkMs: number;
  /** A process that has calls and answers none for so long is ended. */
  hungMs: number;
  /** Milliseconds that only go forward. */
  clock: () => number;
  /** Does `work` every `intervalMs`; answers what stops it. */
  every: (intervalMs: number, work: () => void) => () => void;
  /** Every event, for the ledger. A fallback is recorded before it happens, and does not happen if that fails. */
  record: (event: PoolEvent) => Promise<void> | void;
};

type Job = {
  call: PooledCall;
  input: unknown;
  member: string | null;
  attempts: number;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
};

/**
 * Several token processes as one: each call goes to the least busy, waits in a bounded queue when all are busy, and is
 * given to another if its process ends before it answered and doing it twice is harmless. A token that was pulled is
 * tried again, and logged in by asking for its PIN again. Calls wait while a process starts, and are refused at once
 * when none does: TOKEN_GONE. POOL_BUSY when the queue is full.
 */
export class TokenPool {
  readonly #options: PoolOptions;
  readonly #workers: Worker[];
  readonly #fallback: Worker | null;
  readonly #queue: Job[] = [];
  /** One start of a member after the other: two wrong PINs at once would be two tries. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #stop: () => void;
  #closed = false;

  private constructor(options: PoolOptions) {
    this.#options = options;
    this.#workers = options.members.flatMap((member) =>
      Array.from({ length: member.processes }, () => new Worker(member)),
    );
    this.#fallback = options.fallback && new Worker(options.fallback.member);
    this.#stop = options.every(options.checkMs, () => {
      this.#check();
    });
  }

  /** Starts every process and logs it in. If none comes up, the first refusal is thrown, unless there is a fallback. */
  static async start(options: PoolOptions): Promise<TokenPool> {
    const pool = new TokenPool(options);
    const refusals = await Promise.all(pool.#workers.map((worker) => pool.#raise(worker)));
    const [first] = refusals.filter((refusal) => refusal !== null);
    if (first && !pool.#fallback && pool.#workers.every(({ state }) => state !== 'up')) {
      await pool.close();
      throw first;
    }
    return pool;
  }

  /**
   * One call, by the least busy process, or the least busy of one member. Throws the call's own refusals; POOL_BUSY;
   * TOKEN_GONE if no process is there, or if it ended before it answered and the call is not repeatable.
   */
  call<C extends PooledCall>(
    call: C,
    input: TokenCallInput<C>,
    member: string | null = null,
  ): Promise<TokenCallOutput[C]> {
    return new Promise((resolve, reject) => {
      const job: Job = { call, input, member, attempts: 0, resolve: resolve as Job['resolve'], reject };
      if (this.#place(job)) return;
      if (this.#queue.length >= this.#options.queueLimit) {
        reject(new Refusal('POOL_BUSY', { limit: this.#options.queueLimit }));
      } else {
        this.#queue.push(job);
      }
    });
  }

  /** Tries a member again whose PIN was refused, once somebody has seen to it. */
  async revive(member: string): Promise<void> {
    const refused = this.#all().filter((worker) => worker.member.name === member && worker.state === 'refused');
    for (const worker of refused) worker.state = 'down';
    await Promise.all(refused.map((worker) => this.#raise(worker)));
  }

  /** What every process does now. */
  status(): {
    queued: number;
    processes: { member: string; pid: number | null; state: WorkerState; inFlight: number; served: number }[];
  } {
    return {
      queued: this.#queue.length,
      processes: this.#all().map(({ member, pid, state, inFlight, served }) => ({
        ...{ member: member.name, pid, state, inFlight, served },
      })),
    };
  }

  /** Ends every process; calls that wait are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    for (const job of this.#queue.splice(0)) job.reject(new Refusal('TOKEN_GONE', { detail: 'the pool is closed' }));
    await Promise.all(this.#all().map((worker) => worker.drop('closed', 'the pool is closed')));
    await Promise.all(this.#turns.values());
  }

  #all(): Worker[] {
    return this.#fallback ? [...this.#workers, this.#fallback] : this.#workers;
  }

  /** Gives a job to a process, or refuses it. False: it has to wait. */
  #place(job: Job): boolean {
    const workers = this.#workers.filter(({ member }) => job.member === null || job.member === member.name);
    if (workers.some(({ state }) => state === 'up' || state === 'starting')) return this.#give(job, workers);
    const { fallback } = this.#options;
    if (!this.#fallback || !fallback?.calls.includes(job.call) || job.member !== null || this.#closed) {
      const [first] = workers;
      job.reject(new Refusal('TOKEN_GONE', { detail: first?.detail ?? 'no such token' }));
      return true;
    }
    if (this.#fallback.state === 'down') void this.#raise(this.#fallback);
    if (this.#fallback.state === 'refused') {
      job.reject(new Refusal('TOKEN_GONE', { detail: this.#fallback.detail }));
      return true;
    }
    return this.#give(job, [this.#fallback]);
  }

  #give(job: Job, workers: Worker[]): boolean {
    let least: Worker | null = null;
    for (const worker of workers) {
      if (worker.state !== 'up' || worker.inFlight >= this.#options.inFlightLimit) continue;
      const isLess =
        !least ||
        worker.inFlight < least.inFlight ||
        (worker.inFlight === least.inFlight && worker.served < least.served);
      if (isLess) least = worker;
    }
    if (!least) return false;
    void this.#send(job, least);
    return true;
  }

  async #send(job: Job, worker: Worker): Promise<void> {
    const { process } = worker;
    job.attempts += 1;
    if (worker.inFlight === 0) worker.lastSignMs = this.#options.clock();
    worker.inFlight += 1;
    try {
      if (worker === this.#fallback) {
        await this.#permit({ kind: 'fallback', member: worker.member.name, call: job.call });
      }
      job.resolve(await worker.call(job.call, job.input));
      worker.served += 1;
    } catch (error) {
      if (isGone(error)) this.#lost(worker, process, error as Refusal);
      if (isGone(error) && REPEATABLE[job.call] && job.attempts < ATTEMPTS && !this.#closed) {
        void this.#record({ kind: 'failover', member: worker.member.name });
        // Before those that have not been tried: it has waited longest. It has its place beyond the limit.
        this.#queue.unshift(job);
      } else {
        job.reject(error);
      }
    }
    // After a restart the count began anew.
    if (worker.state === 'up' && worker.process === process) {
      worker.inFlight -= 1;
      worker.lastSignMs = this.#options.clock();
    }
    this.#pump();
  }

  /** Gives out what waits, in its order. */
  #pump(): void {
    for (let index = 0; index < this.#queue.length;) {
      const [job] = this.#queue.splice(index, 1) as [Job];
      if (this.#place(job)) continue;
      this.#queue.splice(index, 0, job);
      // Where this one finds no room, no later one does; another token may have some.
      if (job.member === null) return;
      index += 1;
    }
  }

  /** Starts a process that is down. Answers why it did not come up. */
  #raise(worker: Worker): Promise<Refusal | null> {
    worker.state = 'starting';
    const { name } = worker.member;
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(async () => {
      const siblings = this.#workers.filter(({ member, state }) => member === worker.member && state === 'refused');
      if (this.#closed || siblings.length > 0) {
        worker.state = this.#closed ? 'closed' : 'refused';
        this.#pump();
        return null;
      }
      const refusal = await this.#start(worker);
      this.#pump();
      return refusal;
    });
    this.#turns.set(name, turn);
    return turn;
  }

  async #start(worker: Worker): Promise<Refusal | null> {
    const member = worker.member.name;
    let refusal: Refusal | null;
    try {
      refusal = await worker.raise();
    } catch (error) {
      // Asking for a PIN went wrong in a way that nobody foresaw: asking again by itself would do no better.
      reportBug(error);
      refusal = new Refusal('INTERNAL');
      worker.state = 'refused';
    }
    if (this.#closed) {
      await worker.drop('closed', 'the pool is closed');
    } else if (refusal) {
      void this.#record({
        kind: worker.state === 'refused' ? 'refused' : 'down',
        member,
        detail: worker.detail,
      });
    } else {
      const { process } = worker;
      void process.ended.then((detail) => {
        this.#lost(worker, process, new Refusal('TOKEN_GONE', { detail }));
      });
      void this.#record({ kind: 'up', member });
    }
    return refusal;
  }

  /** A process has ended or serves no more: another takes its place. */
  #lost(worker: Worker, process: TokenProcess, { code, params }: Refusal): void {
    if (this.#closed || worker.state !== 'up' || worker.process !== process) return;
    const detail = String(params['detail'] ?? params['ckr'] ?? code);
    void this.#record({ kind: 'down', member: worker.member.name, detail });
    const dropped = worker.drop('down', detail);
    if (worker === this.#fallback) return;
    worker.state = 'starting';
    void dropped.then(() => this.#raise(worker));
  }

  /** Ends what hangs, asks idle processes for a sign of life, and tries again what is down. */
  #check(): void {
    for (const worker of this.#all()) {
      if (worker.state === 'up' && worker.inFlight > 0) {
        if (this.#options.clock() - worker.lastSignMs > this.#options.hungMs) worker.process.kill();
      } else if (worker.state === 'up' && worker !== this.#fallback) {
        const ignore = () => undefined;
        const probe: Job = {
          call: 'inventory',
          input: {},
          member: null,
          attempts: ATTEMPTS,
          resolve: ignore,
          reject: ignore,
        };
        void this.#send(probe, worker);
      } else if (worker.state === 'down' && worker !== this.#fallback) {
        void this.#raise(worker);
      }
    }
  }

  /** Rejects if the event cannot be recorded. */
  async #permit(event: PoolEvent): Promise<void> {
    await this.#options.record(event);
  }

  async #record(event: PoolEvent): Promise<void> {
    try {
      await this.#permit(event);
    } catch (error) {
      reportBug(error);
    }
  }
}
