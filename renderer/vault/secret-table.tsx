import type { SecretView } from '../../core/contract/vault.ts';
import table from '../components/table.module.css';
import { say } from '../messages/say.ts';
import { DueDate } from './due.tsx';
import { placeOf } from './place.ts';
import styles from './secret-table.module.css';

/** Secrets of one owner in one environment stand together, as they come. */
function groupsOf(secrets: SecretView[]): SecretView[][] {
  const groups: SecretView[][] = [];
  for (const secret of secrets) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    if (first?.owner === secret.owner && first.environment === secret.environment) group?.push(secret);
    else groups.push([secret]);
  }
  return groups;
}

const COLUMNS = 5;

/** Secrets by owner and environment, without their values. */
export function SecretTable({ secrets, onOpen }: { secrets: SecretView[]; onOpen: (secret: SecretView) => void }) {
  const now = new Date();
  return (
    <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''} ${styles['secrets'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('vault.secretName')}</th>
          <th scope="col">{say('vault.category')}</th>
          <th scope="col" className={`${table['number'] ?? ''} ${styles['version'] ?? ''}`}>
            {say('vault.version')}
          </th>
          <th scope="col">{say('vault.updated')}</th>
          <th scope="col">{say('vault.due')}</th>
        </tr>
      </thead>
      {groupsOf(secrets).map((group) => {
        const [{ owner, environment } = { owner: '', environment: 'testing' as const }] = group;
        return (
          <tbody key={`${owner}/${environment}`}>
            <tr className={styles['group']}>
              <th scope="rowgroup" colSpan={COLUMNS}>
                {owner} <span>{say(`vault.environment.${environment}`)}</span>
              </th>
            </tr>
            {group.map((secret) => (
              <tr key={secret.id}>
                <th scope="row">
                  <button
                    type="button"
                    className={table['link']}
                    aria-label={say('vault.openSecret', { secret: placeOf(secret) })}
                    onClick={() => {
                      onOpen(secret);
                    }}
                  >
                    {secret.name}
                  </button>
                  <span className={table['soft']}>{secret.description}</span>
                </th>
                <td data-label={say('vault.category')} className={styles['category']}>
                  {secret.category}
                </td>
                <td data-label={say('vault.version')} className={`${table['number'] ?? ''} ${styles['version'] ?? ''}`}>
                  {secret.version}
                </td>
                <td data-label={say('vault.updated')} className={table['time']}>
                  {secret.updatedAt.slice(0, 10)}
                </td>
                <td data-label={say('vault.due')}>
                  <DueDate due={secret.rotationDue} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        );
      })}
    </table>
  );
}
