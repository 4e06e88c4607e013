import { Refusal } from '../contract/errors.ts';
import { explain } from '../contract/explain.ts';
import type { PaperName } from '../print/page.ts';
import { JOB_LIMIT_MS, jobEnded, jobsOf, purgePrinter, sendToPrinter } from '../print/spooler.ts';
import type { Command } from './decide.ts';
import type { Again } from './event.ts';
import { say } from './say.ts';
import { type CeremonyState, nameOfSheet, pendingPrint } from './state.ts';

/** A sheet on its way to a printer. `make` draws it, as the copy of this number. */
export type SheetJob = {
  /** `share-3`, `manifest`. */
  sheet: string;
  printer: string;
  paper: PaperName;
  make: (copy: number) => Promise<Uint8Array>;
  again: Again | null;
};

/** What printing takes of a ceremony that is under way. */
export type Press = {
  state: () => CeremonyState;
  /** Decides and records, durably. */
  record: (command: Command) => Promise<void>;
  /** Nobody waits for paper any more: the ceremony is being aborted. */
  signal: AbortSignal;
};

/**
 * Prints one sheet from memory, between a row that says so and a row that says what became of it, and purges the printer. The page is
 * in no file of ours; CUPS keeps one until the purge. Its job's title names ceremony, sheet and copy, and nothing that is on it.
 * PRINTER_UNKNOWN, PRINTER_REFUSED.
 */
export async function printSheet({ state, record, signal }: Press, { make, again, ...sent }: SheetJob): Promise<void> {
  const { id, position, script } = state();
  const step = script.steps[position]?.id ?? '';
  const { sheet, printer, paper } = sent;
  await record({ kind: 'print', step, sheet, printer, again });
  const copy = pendingPrint(state())?.copy ?? 1;
  let job: string;
  try {
    job = await sendToPrinter(printer, `${id} ${sheet} copy ${copy}`, await make(copy), paper);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const detail = say(state(), 'print.notTaken', { says: explain(error.value, state().language).says });
    await record({ kind: 'printed', step, outcome: 'not-sent', detail, others: [], ended: 0 });
    throw error;
  }
  await record({ kind: 'queue', step, job });
  const ended = await jobEnded(job, JOB_LIMIT_MS, signal);
  if (ended === 'ended') {
    await purge({ state, record }, 'ended', say(state(), 'print.jobEnded'));
    return;
  }
  const why = say(state(), signal.aborted ? 'print.aborted' : 'print.late');
  await purge({ state, record }, 'uncertain', say(state(), 'print.takenBack', { why }));
  throw new Refusal('PRINTER_REFUSED', { printer, detail: `${nameOfSheet(state(), sheet)}: ${why}` });
}

/** After an interruption: whatever is left of a print is taken back, and recorded as one that may have come out. PRINTER_REFUSED. */
export async function takeBackPrint(press: Pick<Press, 'state' | 'record'>): Promise<void> {
  if (pendingPrint(press.state()) === null) return;
  await purge(press, 'uncertain', say(press.state(), 'print.interrupted'));
}

/** Removes everything from the printer, and records what that was. */
async function purge(
  { state, record }: Pick<Press, 'state' | 'record'>,
  outcome: 'ended' | 'uncertain',
  detail: string,
): Promise<void> {
  const print = pendingPrint(state());
  if (!print) throw new Error('no print is under way');
  const foreign = (await jobsOf(print.printer)).filter(({ job }) => job !== print.job);
  await purgePrinter(print.printer);
  const others = foreign.filter(({ waiting }) => waiting).map((job) => say(state(), 'print.userJob', job));
  const ended = foreign.length - others.length;
  await record({ kind: 'printed', step: print.step, outcome, detail, others, ended });
}
