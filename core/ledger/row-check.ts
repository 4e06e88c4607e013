import { Refusal } from '../contract/errors.ts';
import { sameBytes } from '../pki/same-bytes.ts';
import type { PaperCheckpoint } from './checkpoint.ts';
import { type Kinds, misfit } from './kinds.ts';

export function altered(seq: number, detail: string): Refusal {
  return new Refusal('LEDGER_ALTERED', { seq, detail });
}

/** ISO 8601 as `Date.toISOString` writes it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What is said of a key of training whose token was not there to sign the next. */
export const NOT_HANDED_OVER = 'its training key was not handed over';

/** What every row is asked, whatever file it comes from. */
export class RowCheck {
  readonly #kinds: Kinds;
  #before = '';
  readonly warnings: { seq: number; detail: string }[] = [];

  constructor(kinds: Kinds) {
    this.#kinds = kinds;
  }

  /** LEDGER_ALTERED. */
  check(seq: number, at: string, kind: string, body: unknown): void {
    // Most rows have the time of the row before.
    if (at !== this.#before) {
      if (!TIME.test(at) || Number.isNaN(Date.parse(at))) throw altered(seq, 'its time is none');
      if (at < this.#before) this.warnings.push({ seq, detail: `its time ${at} is before that of the row before it` });
      this.#before = at;
    }
    const wrong = misfit(this.#kinds, kind, body);
    if (wrong !== null) throw altered(seq, wrong);
  }
}

/** LEDGER_FORKED, LEDGER_OTHER. `root` is that of the first `paper.size` rows. */
export function comparePaper(paper: PaperCheckpoint, origin: string, root: Uint8Array): void {
  sameOrigin(paper, origin);
  if (!sameBytes(root, paper.root)) throw new Refusal('LEDGER_FORKED', { paper: paper.size });
}

export function sameOrigin(paper: PaperCheckpoint, origin: string): void {
  if (paper.origin !== null && paper.origin !== origin) {
    throw new Refusal('LEDGER_OTHER', { paper: paper.origin, origin });
  }
}
