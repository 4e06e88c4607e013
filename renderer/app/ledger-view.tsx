import type { AppInfo } from '../../core/contract/commands.ts';
import { Tabs } from '../components/tabs.tsx';
import { View } from '../components/view.tsx';
import { say } from '../messages/say.ts';
import { LedgerExport } from './ledger-export.tsx';
import { LedgerRows } from './ledger-rows.tsx';
import { LedgerVerify } from './ledger-verify.tsx';
import { LedgerWitness } from './ledger-witness.tsx';

/** Everything that was done: row by row, verified, shown to a room, and taken along. */
export function LedgerView({ info }: { info: AppInfo }) {
  return (
    <View info={info} title={say('ledger.title')} lead={say('ledger.lead')} told={null}>
      <Tabs
        label={say('ledger.tabs')}
        tabs={[
          { id: 'rows', title: say('ledger.rows'), content: <LedgerRows info={info} /> },
          { id: 'verify', title: say('ledger.verify'), content: <LedgerVerify /> },
          { id: 'witness', title: say('ledger.witness'), content: <LedgerWitness /> },
          { id: 'export', title: say('ledger.export'), content: <LedgerExport info={info} /> },
        ]}
      />
    </View>
  );
}
