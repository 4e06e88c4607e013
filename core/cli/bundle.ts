import type { Command } from 'commander';
import { Refusal } from '../contract/errors.ts';
import { valueOf } from '../process/rpc.ts';
import { CoreProcess } from '../service/client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { type Face, answer, say, withCore } from './report.ts';

/** `claviger bundle import` */
export function addBundleCommands(program: Command): void {
  const bundle = program.command('bundle').description('Bundles that cross the gap.');
  bundle
    .command('import')
    .description('Verify a bundle whole, then write what it holds: --to directory DIR.')
    .argument('<file>')
    .requiredOption('--key <recipient.key>', 'private key of the recipient, PEM')
    .requiredOption('--to <target...>', 'where it goes: directory DIR')
    .option('--root <root.crt>', 'the root certificate that must have signed it')
    .option('--data <dir>', 'record the import in the ledger of this store')
    .option('--json', 'one JSON value', false)
    .action(async (file: string, options: Face & { key: string; to: string[]; root?: string; data?: string }) => {
      await withCore(options, CoreProcess.start({ data: options.data ?? defaultDataFolder() }), async (core) => {
        const [target, directory, ...more] = options.to;
        if (target !== 'directory' || directory === undefined || more.length > 0) {
          throw new Refusal('INPUT_INVALID', { detail: '--to takes: directory DIR' });
        }
        const root = options.root === undefined ? {} : { root: options.root };
        const imported = valueOf(
          await core.call('bundle.import', {
            bundle: file,
            key: options.key,
            directory,
            ...root,
            record: options.data !== undefined,
          }),
        );
        if (imported.trust === 'first') {
          say('This root is trusted here from now on. Compare its words with the transcript, or name it with --root.');
        }
        answer(options, imported, [
          `bundle ${imported.sequence} of ${imported.issuer}, for ${imported.recipient}`,
          `root ${imported.rootWords.join(' ')}`,
          ...imported.written.map(({ path, sha256 }) => `  ${path}  ${sha256}`),
        ]);
      });
    });
}
