import type { Fact } from '../contract/ceremony.ts';
import { type CeremonyState, type Print, nameOfSheet } from './state.ts';

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
export function printFacts({ prints }: CeremonyState, step: string): Fact[] {
  return prints
    .filter((print) => print.step === step)
    .map((print) => ({
      kind: 'row',
      label: `${nameOfSheet(print.sheet)}, copy ${print.copy}`,
      value: standingOf(print),
    }));
}

function standingOf({ printer, job, outcome, detail }: Print): string {
  const name = job === null ? `printer ${printer}` : `job ${job}`;
  if (outcome === 'pending') return job === null ? `${name}: is being sent` : `${name}: is at the printer`;
  return outcome === 'ended' ? `${name}: has ended, and is purged` : `${name}: ${detail}`;
}

/** Jobs of others that went with the purge: nobody is to look for them in vain. */
export function purgedFacts({ prints }: CeremonyState, step: string): Fact[] {
  const own = prints.filter((print) => print.step === step);
  const others = own.flatMap((print) => print.others);
  const ended = own.reduce((sum, print) => sum + print.ended, 0);
  return [
    ...(others.length > 0
      ? [
          {
            kind: 'check' as const,
            label: 'Jobs of others, purged with them',
            verdict: 'warning' as const,
            detail: `${others.join(', ')}: not printed; send them again`,
          },
        ]
      : []),
    ...(ended > 0
      ? [{ kind: 'row' as const, label: 'Earlier jobs, purged with them', value: `${ended} that had ended` }]
      : []),
  ];
}
