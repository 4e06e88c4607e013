import { useCallback } from 'react';
import type { SecretView } from '../../core/contract/vault.ts';
import panel from '../components/panel.module.css';
import table from '../components/table.module.css';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { look } from './told.ts';

/** The versions of a secret that are kept, the newest first. Each look at them is a row of the ledger. */
export function Versions({ secret: { owner, environment, name } }: { secret: SecretView }) {
  const told = useTold(
    useCallback(() => look('vault.versions', { owner, environment, name }), [owner, environment, name]),
  );
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
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
          {told.value.versions.map((one) => (
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
