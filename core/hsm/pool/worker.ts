import { type ErrorCode, Refusal } from '../../contract/errors.ts';
import { wipe } from '../../process/guarded.ts';
import { TokenProcess } from '../process/client.ts';
import { BATCH_LIMIT, type TokenCallInput, type TokenLocation } from '../process/protocol.ts';
import type { PooledCall } from './pooled-call.ts';

/** A token of a pool. `login` is asked at every start of a process; the pool wipes what it gives. */
export type PoolMember = {
  name: string;
  location: TokenLocation;
  /** How many processes, each with one session of the token. */
  processes: number;
  login: () => Promise<{ pin: Uint8Array; securityOfficerPin: Uint8Array | null }>;
  /** What `encrypt` and `decrypt` are told under (process/transport.ts): 32 guarded bytes, wiped by whoever closes the pool. */
  transportKey?: Uint8Array;
};

/** Nothing that the pool may try again by itself. */
const PIN_REFUSALS: ErrorCode[] = ['PIN_WRONG', 'PIN_LOCKED', 'PIN_LAST_TRY'];

/** `refused`: the token refused the PIN, and nobody tries it again on their own, because tokens lock. */
export type WorkerState = 'starting' | 'up' | 'down' | 'refused' | 'closed';

const BATCHED: ReadonlySet<PooledCall> = new Set<Batched['name']>(['sign', 'wrap', 'encrypt', 'decrypt']);
type Batched = TokenCallInput<'batch'>['calls'][number];
type Sent = { call: Batched; resolve: (value: unknown) => void; reject: (error: unknown) => void };

/** One process of a pool's member, and how busy it is. */
export class Worker {
  readonly member: PoolMember;
  state: WorkerState = 'down';
  /** Why it is not up. */
  detail = 'not started';
  /** Calls that it has not answered. */
  inFlight = 0;
  served = 0;
  /** When it last began or answered a call, in the pool's clock. */
  lastSignMs = 0;
  #process: TokenProcess | null = null;
  /** For the process of this moment: a message leaves before anything else can happen to it. */
  readonly #outbox: Sent[] = [];

  constructor(member: PoolMember) {
    this.member = member;
  }

  /** Of an up worker. */
  get process(): TokenProcess {
    if (!this.#process) throw new Error('this worker is not up');
    return this.#process;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Starts, opens and logs in. Answers the refusal that kept it from it, or null. `state` is `starting` already. */
  async raise(): Promise<Refusal | null> {
    const process = TokenProcess.start();
    this.#process = process;
    try {
      await process.call('open', { location: this.member.location });
      await this.#login(process);
      this.state = 'up';
      this.inFlight = 0;
      return null;
    } catch (error) {
      await this.drop('down', error instanceof Refusal ? error.code : 'INTERNAL');
      if (!(error instanceof Refusal)) throw error;
      if (PIN_REFUSALS.includes(error.code)) this.state = 'refused';
      return error;
    }
  }

  /** Ends the process, if there is one. */
  async drop(state: 'down' | 'closed', detail: string): Promise<void> {
    const process = this.#process;
    this.#process = null;
    this.state = state;
    this.detail = detail;
    await process?.close();
  }

  /** One call. Calls of one turn that may be repeated travel in one message; the others never share their fate. */
  call(call: PooledCall, input: unknown): Promise<unknown> {
    const { process } = this;
    if (!BATCHED.has(call)) return process.call(call, input as never);
    return new Promise((resolve, reject) => {
      if (this.#outbox.length === 0) {
        setImmediate(() => {
          const outbox = this.#outbox.splice(0);
          while (outbox.length > 0) void deliver(process, outbox.splice(0, BATCH_LIMIT));
        });
      }
      this.#outbox.push({ call: { name: call, input } as Batched, resolve, reject });
    });
  }

  async #login(process: TokenProcess): Promise<void> {
    const { pin, securityOfficerPin } = await this.member.login();
    try {
      await process.call('login', {
        pin: await process.sendSecret(pin),
        securityOfficerPin: securityOfficerPin && (await process.sendSecret(securityOfficerPin)),
      });
    } finally {
      wipe(pin, securityOfficerPin);
    }
    const { transportKey } = this.member;
    if (transportKey) await process.call('transportKey', { key: await process.sendSecret(transportKey) });
  }
}

async function deliver(process: TokenProcess, sent: Sent[]): Promise<void> {
  try {
    const { outcomes } = await process.call('batch', { calls: sent.map(({ call }) => call) });
    for (const [index, { resolve, reject }] of sent.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok) resolve(outcome.value);
      else if (outcome) reject(new Refusal(outcome.error.code, outcome.error.params));
      else reject(new Error('a batch with too few outcomes'));
    }
  } catch (error) {
    for (const { reject } of sent) reject(error);
  }
}
