import type { VersionView } from '../../core/contract/vault.ts';
import panel from '../components/panel.module.css';
import table from '../components/table.module.css';
import { timeOf } from '../components/time.ts';
import { say } from '../messages/say.ts';

/** The versions of a secret that are kept, the newest first. */
export function Versions({ versions }: { versions: VersionView[] }) {
  return (
    <section className={panel['part']}>
      <h3>{say('vault.versions')}</h3>
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col" className={table['number']}>
              {say('vault.version')}
            </th>
            <th scope="col">{say('vault.created')}</th>
            <th scope="col">{say('vault.by')}</th>
            <th scope="col">{say('vault.algorithm')}</th>
            <th scope="col">{say('vault.keyId')}</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((one) => (
            <tr key={one.version}>
              <th scope="row" className={table['number']}>
                {one.version}
              </th>
              <td className={table['time']}>{timeOf(one.createdAt)}</td>
              <td>{one.createdBy}</td>
              <td className={table['small']}>{one.algorithm}</td>
              <td className={table['small']}>{one.keyId.slice(0, 8)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
