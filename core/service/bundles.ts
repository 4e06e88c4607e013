import { resolve } from 'node:path';
import { importBundle } from '../bundle/import.ts';
import { BUNDLE_KINDS } from '../bundle/kinds.ts';
import { ceremoniesOf } from '../ceremony/past.ts';
import type { CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import type { ReceivedBundle } from '../contract/reports.ts';
import { wordsOf } from '../contract/words.ts';
import type { Ledger, LedgerRow } from '../ledger/ledger.ts';
import { bundlesMadeIn } from '../reports/bundles.ts';
import type { Changes } from './changes.ts';

type BundleCommand = Extract<CommandName, `bundle.${string}`>;
type BundleHandlers = { [C in BundleCommand]: (input: CommandInput<C>) => Promise<CommandOutput<C>> };

export function bundleHandlers(
  opened: () => Promise<Ledger>,
  { clock, changes }: { clock: () => Date; changes: Changes },
): BundleHandlers {
  return {
    'bundle.list': async () => {
      const ledger = await opened();
      const rows = await ledger.read({ kind: 'bundle.imported' });
      return { made: bundlesMadeIn(await ceremoniesOf(ledger)), received: rows.map(receivedOf).reverse() };
    },
    'bundle.import': async ({ bundle, key, directory, root, record = false }) => {
      // A store that does not open is refused before anything is written.
      const ledger = record ? await opened() : null;
      const given = { bundle: resolve(bundle), key, directory: resolve(directory) };
      const imported = await importBundle({ ...given, ...(root === undefined ? {} : { root }), now: clock() });
      if (ledger) {
        const { rootWords: _, ...body } = { ...imported, bundle: given.bundle, directory: given.directory };
        await ledger.append([{ kind: 'bundle.imported', ceremony: null, body }]);
        changes.announce();
      }
      return imported;
    },
  };
}

function receivedOf({ seq, at, body }: LedgerRow): ReceivedBundle {
  const { bundle: _, created: __, ...row } = BUNDLE_KINDS['bundle.imported'].parse(body);
  return { seq, at, ...row, rootWords: wordsOf(Buffer.from(row.rootSha256, 'hex').subarray(0, 16)) };
}
