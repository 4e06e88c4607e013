import type { AlertView, VaultHealth } from '../../core/contract/vault-keeping.ts';
import { ENVIRONMENTS } from '../../core/contract/vault.ts';
import { Empty } from '../components/empty.tsx';
import { TickIcon, WarningIcon } from '../components/icons.tsx';
import { Rows } from '../components/rows.tsx';
import table from '../components/table.module.css';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { BackUp } from './back-up.tsx';
import styles from './overview.module.css';
import { placeOf } from './place.ts';
import { type Who, vaultHealth } from './told.ts';

const sum = (counts: { count: number }[]) => counts.reduce((total, { count }) => total + count, 0);

/** What one looks at first: four numbers, each in words too where it is more than none. */
function Figures({ health: { secrets, rotation, locked } }: { health: VaultHealth }) {
  const figures = [
    { id: 'secrets', count: sum(secrets), standing: '' },
    { id: 'overdue', count: rotation.overdue, standing: rotation.overdue > 0 ? 'bad' : '' },
    { id: 'soon', count: rotation.soon, standing: rotation.soon > 0 ? 'open' : '' },
    { id: 'lockedOut', count: locked, standing: locked > 0 ? 'bad' : '' },
  ] as const;
  return (
    <dl className={styles['figures']}>
      {figures.map(({ id, count, standing }) => (
        <div key={id} data-standing={standing}>
          <dt>{say(`vault.figure.${id}`)}</dt>
          <dd>
            {standing !== '' && <WarningIcon />}
            {count}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Counts({ secrets }: { secrets: VaultHealth['secrets'] }) {
  if (secrets.length === 0) return <Empty>{say('vault.noSecrets')}</Empty>;
  const categories = [...new Set(secrets.map(({ category }) => category))];
  const environments = ENVIRONMENTS.filter((name) => secrets.some(({ environment }) => environment === name));
  const of = (category: string, environment: string) =>
    sum(secrets.filter((one) => one.category === category && one.environment === environment));
  return (
    <table className={`${table['table'] ?? ''} ${styles['counts'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('vault.category')}</th>
          {environments.map((environment) => (
            <th key={environment} scope="col">
              {say(`vault.environment.${environment}`)}
            </th>
          ))}
          <th scope="col">{say('vault.total')}</th>
        </tr>
      </thead>
      <tbody>
        {categories.map((category) => (
          <tr key={category}>
            <th scope="row">{category}</th>
            {environments.map((environment) => (
              <td key={environment}>{of(category, environment) || '–'}</td>
            ))}
            <td>
              <b>{sum(secrets.filter((one) => one.category === category))}</b>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Alerts({ alerts }: { alerts: AlertView[] }) {
  if (alerts.length === 0) return <Empty>{say('vault.noAlerts')}</Empty>;
  return (
    <table className={table['table']}>
      <thead>
        <tr>
          <th scope="col">{say('vault.when')}</th>
          <th scope="col">{say('vault.what')}</th>
          <th scope="col">{say('vault.secret')}</th>
          <th scope="col">{say('vault.principal')}</th>
          <th scope="col" className={table['number']}>
            {say('vault.count')}
          </th>
        </tr>
      </thead>
      <tbody>
        {alerts.map(({ seq, at, alert, secret, count, principal }) => (
          <tr key={seq}>
            <td className={table['time']}>{timeOf(at)}</td>
            <th scope="row">{say(`vault.alert.${alert}`)}</th>
            <td className={table['small']}>{placeOf(secret)}</td>
            <td>{principal}</td>
            <td className={table['number']}>{count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Key({ health: { key, ledger } }: { health: VaultHealth }) {
  return (
    <>
      <p className={styles['key']} data-standing={key.ok ? 'good' : 'bad'}>
        {key.ok ? <TickIcon /> : <WarningIcon />}
        {key.ok ? say('vault.keyWell') : say('vault.keyIll', { detail: key.detail ?? '' })}
      </p>
      <Rows
        rows={[
          { label: say('vault.keyId'), value: key.id, mono: true },
          {
            label: say('vault.keyPlace'),
            value: key.provider === 'local' ? say('vault.keystore') : say('vault.token'),
          },
          { label: say('vault.ledger'), value: say('vault.ledgerRows', { size: ledger.size }) },
        ]}
      />
    </>
  );
}

/** How the vault is: counts, what is due, its key, and what was unusual. A later part of its state is one section more. */
export function Overview({ who }: { who: Who }) {
  const told = useTold(vaultHealth);
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const health = told.value;
  return (
    <>
      <Figures health={health} />
      <section>
        <h2>{say('vault.countsTitle')}</h2>
        <Counts secrets={health.secrets} />
      </section>
      <section>
        <h2>{say('vault.keyTitle')}</h2>
        <Key health={health} />
      </section>
      <section>
        <h2>{say('vault.alertsTitle')}</h2>
        <Alerts alerts={health.alerts} />
      </section>
      {who.administers && <BackUp />}
    </>
  );
}
