import type { Fact } from '../contract/ceremony.ts';
import { say } from './say.ts';
import { type CeremonyState, type Print, nameOfCopy } from './state.ts';

/** What the ledger tells of the sheets that a ceremony sent to a printer. */

/** How many copies of a sheet there are or may be. One that CUPS did not take is none. */
export function copiesOf({ prints }: CeremonyState, sheet: string): number {
  return prints.filter((print) => print.sheet === sheet && print.outcome !== 'not-sent').length;
}

/** The newest copy of a sheet that went to a printer; null if none did. */
export function lastCopy({ prints }: CeremonyState, sheet: string): Print | null {
  return prints.findLast((print) => print.sheet === sheet && print.outcome !== 'not-sent') ?? null;
}

/** Sheets whose newest copy may have come out, or not, or in part. */
export function uncertainPrints(state: CeremonyState): Print[] {
  const sheets = [...new Set(state.prints.map(({ sheet }) => sheet))];
  return sheets.flatMap((sheet) => {
    const last = lastCopy(state, sheet);
    return last?.outcome === 'uncertain' ? [last] : [];
  });
}

/** Each print of a step on a line, with its job and how that stands. */
export function printFacts(state: CeremonyState, step: string): Fact[] {
  return state.prints
    .filter((print) => print.step === step)
    .map((print) => ({ kind: 'row', label: nameOfCopy(state, print), value: standingOf(state, print) }));
}

function standingOf(state: CeremonyState, { printer, job, outcome, detail }: Print): string {
  const what = job === null ? say(state, 'print.ofPrinter', { printer }) : say(state, 'print.ofJob', { job });
  if (outcome === 'pending') return say(state, job === null ? 'print.sending' : 'print.atPrinter', { what });
  return outcome === 'ended' ? say(state, 'print.hasEnded', { what }) : say(state, 'print.became', { what, detail });
}

/** Jobs of others that went with the purge: nobody is to look for them in vain. */
export function purgedFacts(state: CeremonyState, step: string): Fact[] {
  const own = state.prints.filter((print) => print.step === step);
  const jobs = own.flatMap((print) => print.others).join(', ');
  const count = own.reduce((sum, print) => sum + print.ended, 0);
  const detail = say(state, 'print.othersDetail', { jobs });
  const others: Fact = { kind: 'check', label: say(state, 'print.others'), verdict: 'warning', detail };
  const earlier = say(state, 'print.earlierCount', { count });
  return [
    ...(jobs === '' ? [] : [others]),
    ...(count === 0 ? [] : [{ kind: 'row' as const, label: say(state, 'print.earlier'), value: earlier }]),
  ];
}
