import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { addBundleCommands } from './bundle.ts';
import { addCeremonyCommands } from './ceremony.ts';
import { addLedgerCommands } from './ledger.ts';
import { addIncidentCommands } from './incident.ts';
import { addReportCommands } from './reports.ts';
import { addPrinterCommands } from './printer.ts';
import { addTokenCommands } from './token.ts';
import { addVaultCommands } from './vault.ts';

/** Exit status for a call whose words are wrong. */
const USAGE = 2;

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

const program = new Command('claviger')
  .description('Key ceremonies: CA keys in a token, the master key on paper, recovery proven.')
  .version(version)
  .exitOverride();
addCeremonyCommands(program);
addTokenCommands(program);
addPrinterCommands(program);
addBundleCommands(program);
addLedgerCommands(program);
addReportCommands(program);
addIncidentCommands(program);
addVaultCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : USAGE;
}
