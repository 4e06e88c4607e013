import { resolve } from 'node:path';
import { ceremoniesOf } from '../ceremony/past.ts';
import { newestCheckpoint } from '../ceremony/previous-checkpoint.ts';
import type { CeremonyState } from '../ceremony/state.ts';
import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import type { CustodyOverview, Rehearsal } from '../contract/reports.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ReportFrame } from '../print/report-frame.ts';
import { shareSetsOf } from '../reports/custody.ts';
import { dueOf } from '../reports/due.ts';
import { rehearsalsIn } from '../reports/rehearsals.ts';
import { writeFileDurably } from '../store/files.ts';

type ReportCommand = 'custody.overview' | 'report.due';
type ReportHandlers = { [C in ReportCommand]: (input: CommandInput<C>) => Promise<CommandOutput<C>> };

/** The handlers of what is told of the ledger to people outside the room. They read, and write nothing but the file they are asked for. */
export function reportHandlers(opened: () => Promise<Ledger>, clock: () => Date): ReportHandlers {
  const told = async () => {
    const states = await ceremoniesOf(await opened());
    return { states, ...overviewOf(states, clock()) };
  };
  return {
    'custody.overview': async () => {
      const { sets, due } = await told();
      return { sets, due };
    },
    'report.due': async ({ calendar, language = 'en', overwrite = false }) => {
      const { states, due } = await told();
      const path = calendar === undefined ? null : resolve(calendar);
      if (path !== null) {
        const { calendarOf } = await import('../reports/calendar.ts');
        const text = calendarOf({ language }, organisationOf(states), due, clock());
        await writeFileDurably(path, new TextEncoder().encode(text), { mode: 0o644, overwrite });
      }
      return { due, calendar: path };
    },
  };
}

/** What is due in a store, without asking anything else of it. */
export function overviewOf(states: CeremonyState[], now: Date): CustodyOverview & { rehearsals: Rehearsal[] } {
  const rehearsals = rehearsalsIn(states);
  const sets = shareSetsOf(states, rehearsals, now);
  return { rehearsals, sets, due: dueOf(states, sets, rehearsals, now) };
}

function organisationOf(states: CeremonyState[]): string {
  return states.at(-1)?.script.organisation ?? '';
}

/** What stands around every report of a ledger. */
export async function reportFrame(
  ledger: Ledger,
  made: Pick<ReportFrame, 'language' | 'paper' | 'madeAt'>,
): Promise<ReportFrame> {
  const states = await ceremoniesOf(ledger);
  const mode = states.at(-1)?.mode ?? null;
  return { ...made, organisation: organisationOf(states), mode, checkpoint: await checkpointOf(ledger) };
}

/** Null where none was signed. */
async function checkpointOf(ledger: Ledger): Promise<{ text: string; at: Date } | null> {
  const newest = await newestCheckpoint(ledger);
  if (!newest) return null;
  const { row, checkpoint } = await ledger.signed();
  return { text: checkpoint.body, at: new Date(row.at) };
}
