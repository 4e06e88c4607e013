import { newestCheckpoint } from '../ceremony/previous-checkpoint.ts';
import { eraseAfterAborts } from '../ceremony/sealed-shares.ts';
import type { CeremonyState } from '../ceremony/state.ts';
import type { CeremonySummary } from '../contract/ceremony.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { type Store, openStore } from '../store/open.ts';
import { KINDS } from './kinds.ts';

/** The store of a data folder, opened when it is first asked for, and what its ledger alone tells of its ceremonies. */
export class OpenedStore {
  readonly #data: string;
  readonly #clock: () => Date;
  #opened: Promise<{ store: Store; ledger: Ledger }> | null = null;

  constructor({ data, clock }: { data: string; clock: () => Date }) {
    this.#data = data;
    this.#clock = clock;
  }

  opened(): Promise<{ store: Store; ledger: Ledger }> {
    this.#opened ??= openStore(this.#data).then(async (store) => {
      try {
        await eraseAfterAborts(store);
      } catch (error) {
        await store.close();
        throw error;
      }
      return { store, ledger: openLedger(store, this.#clock, KINDS) };
    });
    // A store that would not open may open later.
    this.#opened.catch(() => (this.#opened = null));
    return this.#opened;
  }

  async ledger(): Promise<Ledger> {
    return (await this.opened()).ledger;
  }

  /** The oldest first. What reads them is not read itself where there is none. */
  async ceremonies(): Promise<CeremonyState[]> {
    const ledger = await this.ledger();
    const [any] = await ledger.read({ ofCeremonies: true, limit: 1 });
    if (!any) return [];
    const { ceremoniesOf } = await import('../ceremony/past.ts');
    return ceremoniesOf(ledger);
  }

  async latestCheckpoint(): Promise<{ size: number; at: string } | null> {
    return newestCheckpoint(await this.ledger());
  }

  async close(): Promise<void> {
    if (this.#opened) await (await this.#opened).store.close();
  }
}

export function summaryOf(state: CeremonyState): CeremonySummary {
  const { id, script, mode, status, begunAt, out, position } = state;
  return { id, title: script.title, mode, status, begunAt, out, step: position, steps: script.steps.length };
}
