import { type Command, Option } from 'commander';
import type { CommandInput } from '../contract/commands.ts';
import { LOCALES, type Locale } from '../contract/messages/locale.ts';
import { valueOf } from '../process/rpc.ts';
import { CoreProcess } from '../service/client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { type Face, answer, withCore } from './report.ts';

/** `claviger printer list | test` */
export function addPrinterCommands(program: Command): void {
  const printer = program.command('printer').description('Printers, as CUPS knows them.');
  const core = () => CoreProcess.start({ data: defaultDataFolder() });

  printer
    .command('list')
    .description('The printers, and whether they take work.')
    .option('--json', 'one JSON value', false)
    .action(async (options: Face) => {
      await withCore(options, core(), async (process) => {
        const listed = valueOf(await process.call('printer.list', {}));
        const lines = listed.printers.map(
          ({ name, state, accepting }) => `${name}  ${state}${accepting ? '' : ', takes no jobs'}`,
        );
        answer(options, listed, lines.length > 0 ? lines : ['no printer']);
      });
    });

  printer
    .command('test')
    .description('Prints a page with codes like a share sheet’s, purges it and looks whether the spool still holds it.')
    .requiredOption('--printer <name>', 'the printer')
    .option('--paper <A4|Letter>', 'the paper that is in it', 'A4')
    .addOption(new Option('--language <language>', 'of the page').choices(LOCALES).default('en'))
    .option('--spool <folder>', 'where CUPS keeps its jobs')
    .option('--json', 'one JSON value', false)
    .action(async ({ printer: name, paper, language, spool, ...face }: TestOptions) => {
      await withCore(face, core(), async (process) => {
        const input = { printer: name, paper, language, ...(spool === undefined ? {} : { spool }) };
        const printed = valueOf(await process.call('printer.test', input));
        const searched =
          printed.searched === null
            ? `${printed.spool} may not be read by this user: whether it still holds the page is not known`
            : `${printed.searched} files are left in ${printed.spool}, and none holds the page`;
        answer(face, printed, [
          `job ${printed.job} has ended and is purged: look whether the page came out`,
          searched,
          `its codes say ${printed.text}`,
        ]);
      });
    });
}

type TestOptions = Face & {
  printer: string;
  paper: NonNullable<CommandInput<'printer.test'>['paper']>;
  language: Locale;
  spool?: string;
};
