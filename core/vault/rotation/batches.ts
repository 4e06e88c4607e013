import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ErrorCode, Refusal } from '../../contract/errors.ts';
import { isOvertaken } from '../overtaken.ts';
import { record } from '../parts.ts';
import type { Vault } from '../vault.ts';
import type { NextKeys } from './next-key.ts';
import { advance } from './phases.ts';
import { type Pace, changeRotation, eventRow, openRotation } from './rotation.ts';

/** The batches of the rotation that is under way, one after the other, with other calls between them. What they rest on is in the store alone. */
export class Batches {
  readonly #parts: Vault['parts'];
  readonly #keys: NextKeys;
  /** Told of what is no refusal. */
  readonly #bug: (error: unknown) => void;
  #running: Promise<void> | null = null;
  #ending = false;
  /** The batch that is under way is the last for now. */
  #held = false;
  #pace: Pace | null = null;

  constructor(parts: Vault['parts'], keys: NextKeys, bug: (error: unknown) => void) {
    this.#parts = parts;
    this.#keys = keys;
    this.#bug = bug;
  }

  get progress(): { running: boolean; pace: Pace | null } {
    return { running: this.#running !== null, pace: this.#pace };
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Ends after the batch that is under way; the store knows where. */
  async end(): Promise<void> {
    this.#ending = true;
    await this.#running;
  }

  /** Goes on in the background, if there is something to do here. */
  go(): void {
    if (this.#running || this.#ending || this.#held) return;
    this.#pace = null;
    this.#running = this.#parts.store
      .alone('rotation', (lost) => this.#run(lost))
      .then(
        () => undefined,
        (error: unknown) => {
          if (!isPassing(error)) this.#bug(error);
        },
      )
      .finally(() => {
        this.#running = null;
      });
  }

  /** Batch after batch, with other calls between them. `lost`: another node may be at it. */
  async #run(lost: AbortSignal): Promise<void> {
    const parts = this.#parts;
    while (!this.#ending && !this.#held && !lost.aborted) {
      const rotation = await openRotation(parts.store.db);
      if (!rotation || rotation.paused || rotation.stopped || ['preparation', 'grace'].includes(rotation.phase)) return;
      if (this.#pace?.phase !== rotation.phase) {
        this.#pace = { phase: rotation.phase, since: parts.clock().getTime(), from: rotation.done };
      }
      try {
        await advance(parts, rotation, this.#keys);
      } catch (error) {
        // `tick` goes on.
        if (!isPassing(error)) await this.stop(error);
        return;
      }
      await nextTurn();
    }
  }

  /** Changes where the rotation stands while no batch is under way, and goes on from there. */
  async still(change: () => Promise<void>): Promise<void> {
    this.#held = true;
    try {
      await this.#running;
      const changed = await this.#parts.store.alone('rotation', async () => {
        await change();
        return true;
      });
      // Another node is at it, and can be paused from here.
      if (!changed) throw new Refusal('ROTATION_RUNNING');
    } finally {
      this.#held = false;
      this.go();
    }
  }

  /** What came in the way is recorded, and the rotation waits for `continue`. */
  async stop(error: unknown): Promise<void> {
    if (!(error instanceof Refusal)) this.#bug(error);
    const { store, ledger } = this.#parts;
    const rotation = await openRotation(store.db);
    if (!rotation) return;
    const code: ErrorCode = error instanceof Refusal ? error.code : 'INTERNAL';
    await record(ledger, [eventRow(rotation, 'stopped', { detail: code })], (db) =>
      changeRotation(db, rotation.id, { stopped: code }),
    );
  }
}

/** The database, and not the rotation: it goes on when that has passed. */
function isPassing(error: unknown): boolean {
  return isOvertaken(error) || (error instanceof Refusal && ['STORE_UNREACHABLE', 'STORE_BUSY'].includes(error.code));
}
