import type { Command } from 'commander';
import { valueOf } from '../process/rpc.ts';
import { CoreProcess } from '../service/client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { type Face, answer, withCore } from './report.ts';

type DataFace = Face & { data: string };
type Told = { what: string; cause: string; lost: string; lessons: string; person: string[] };

/** `claviger incident record | list` */
export function addIncidentCommands(program: Command): void {
  const incident = program.command('incident').description('What was learned when something went wrong.');
  const withData = (command: Command) =>
    command
      .option('--data <dir>', 'folder of the store', defaultDataFolder())
      .option('--json', 'one JSON value', false);

  withData(
    incident.command('record').description('Writes an incident into the ledger; it cannot be changed afterwards.'),
  )
    .requiredOption('--what <text>', 'what happened')
    .requiredOption('--cause <text>', 'why it could happen')
    .requiredOption('--lost <text>', 'what was lost, or that nothing was')
    .requiredOption('--lessons <text>', 'what is done differently from now on')
    .requiredOption('--person <name...>', 'who looked into it')
    .action(async ({ what, cause, lost, lessons, person: people, ...options }: DataFace & Told) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const made = valueOf(await core.call('incident.record', { what, cause, lost, lessons, people }));
        answer(options, made, [`Recorded in row ${made.seq}.`]);
      });
    });

  withData(incident.command('list').description('Every incident that was recorded, the oldest first.')).action(
    async (options: DataFace) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const told = valueOf(await core.call('incident.list', {}));
        const lines = told.incidents.flatMap(({ seq, at, what, cause, lost, lessons, people }) => [
          `${at}  row ${seq}  ${what}`,
          ...[`  cause: ${cause}`, `  lost: ${lost}`, `  lessons: ${lessons}`, `  by ${people.join(', ')}`],
        ]);
        answer(options, told, lines.length === 0 ? ['No incident was recorded.'] : lines);
      });
    },
  );
}
