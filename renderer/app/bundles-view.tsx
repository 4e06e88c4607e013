import type { AppInfo } from '../../core/contract/commands.ts';
import type { MadeBundle, ReceivedBundle } from '../../core/contract/reports.ts';
import { Empty } from '../components/empty.tsx';
import { grouped } from '../components/hex.ts';
import table from '../components/table.module.css';
import { Tabs } from '../components/tabs.tsx';
import { timeOf } from '../components/time.ts';
import { View } from '../components/view.tsx';
import { say } from '../messages/say.ts';
import { bundleList, useTold } from '../store/told.ts';
import { BundleImport } from './bundle-import.tsx';

function Made({ bundles }: { bundles: MadeBundle[] }) {
  if (bundles.length === 0) return <Empty>{say('bundles.noneMade')}</Empty>;
  return (
    <table className={table['table']}>
      <thead>
        <tr>
          <th scope="col" className={table['number']}>
            {say('bundles.number')}
          </th>
          <th scope="col">{say('bundles.recipient')}</th>
          <th scope="col">{say('bundles.made')}</th>
          <th scope="col">{say('bundles.files')}</th>
        </tr>
      </thead>
      <tbody>
        {bundles.map((bundle) => (
          <tr key={`${bundle.ceremony} ${bundle.sequence}`}>
            <td className={table['number']}>{bundle.sequence}</td>
            <th scope="row">
              {bundle.recipient || say('bundles.unnamed')}
              <span className={table['soft']}>
                {say('bundles.certificate', { sha256: grouped(bundle.recipientSha256.slice(0, 16)) })}
              </span>
            </th>
            <td>
              <span className={table['time']}>{timeOf(bundle.at)}</span>
              {bundle.expires && (
                <span className={table['soft']}>{say('bundles.expires', { at: bundle.expires.slice(0, 10) })}</span>
              )}
              <span className={table['soft']}>
                {bundle.title} · {say(`mode.${bundle.mode}`)}
              </span>
              {bundle.aborted && <span data-standing="bad">{say('start.aborted')}</span>}
            </td>
            <td className={table['small']}>
              {bundle.files.map((file) => (
                <span key={file} className={table['soft']}>
                  {file}
                </span>
              ))}
              {say('bundles.sha256', { sha256: grouped(bundle.sha256) })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Received({ bundles }: { bundles: ReceivedBundle[] }) {
  if (bundles.length === 0) return <Empty>{say('bundles.noneReceived')}</Empty>;
  return (
    <table className={table['table']}>
      <thead>
        <tr>
          <th scope="col" className={table['number']}>
            {say('bundles.number')}
          </th>
          <th scope="col">{say('bundles.issuer')}</th>
          <th scope="col">{say('bundles.imported')}</th>
          <th scope="col">{say('bundles.root')}</th>
        </tr>
      </thead>
      <tbody>
        {bundles.map((bundle) => (
          <tr key={bundle.seq}>
            <td className={table['number']}>{bundle.sequence}</td>
            <th scope="row">
              {bundle.issuer}
              <span className={table['soft']}>{say('bundles.for', { recipient: bundle.recipient })}</span>
            </th>
            <td>
              <span className={table['time']}>{timeOf(bundle.at)}</span>
              <span className={table['soft']}>{bundle.directory}</span>
              <span className={table['soft']}>{say('bundles.items', { count: bundle.written.length })}</span>
            </td>
            <td className={table['small']}>
              {bundle.rootWords.join(' ')}
              <span className={table['soft']}>{say(`bundles.trust.${bundle.trust}`)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What left the room sealed for one recipient, and what came in the same way. */
export function BundlesView({ info }: { info: AppInfo }) {
  const told = useTold(bundleList);
  return (
    <View info={info} title={say('bundles.title')} lead={say('bundles.lead')} told={told}>
      {told?.ok && (
        <Tabs
          label={say('bundles.tabs')}
          tabs={[
            { id: 'made', title: say('bundles.tabMade'), content: <Made bundles={told.value.made} /> },
            { id: 'received', title: say('bundles.tabReceived'), content: <Received bundles={told.value.received} /> },
            { id: 'import', title: say('bundles.tabImport'), content: <BundleImport /> },
          ]}
        />
      )}
    </View>
  );
}
