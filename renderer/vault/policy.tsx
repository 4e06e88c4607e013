import type { Category, VaultPolicy } from '../../core/contract/vault.ts';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { ShellCommand } from '../components/shell-command.tsx';
import table from '../components/table.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import styles from './policy.module.css';
import { vaultPolicy } from './told.ts';

function Categories({ categories }: { categories: [name: string, category: Category][] }) {
  return (
    <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''} ${styles['categories'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('vault.category')}</th>
          <th scope="col">{say('vault.access')}</th>
          <th scope="col">{say('vault.protection')}</th>
          <th scope="col">{say('vault.rotation')}</th>
          <th scope="col">{say('vault.purpose')}</th>
          <th scope="col">{say('vault.audit')}</th>
          <th scope="col">{say('vault.cache')}</th>
          <th scope="col" className={table['number']}>
            {say('vault.kept')}
          </th>
        </tr>
      </thead>
      <tbody>
        {categories.map(([name, { access, protection, rotationDays, purpose, audit, cache, keepVersions }]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td data-label={say('vault.access')}>{say(`vault.access.${access}`)}</td>
            <td data-label={say('vault.protection')}>{say(`vault.protection.${protection}`)}</td>
            <td data-label={say('vault.rotation')} className={table['whole']}>
              {rotationDays === null ? say('vault.never') : say('vault.days', { count: rotationDays })}
            </td>
            <td data-label={say('vault.purpose')}>{say(purpose ? 'vault.said' : 'vault.notSaid')}</td>
            <td data-label={say('vault.audit')} className={table['whole']}>
              {say(`vault.audit.${audit}`)}
            </td>
            <td data-label={say('vault.cache')}>{say(`vault.cache.${cache}`)}</td>
            <td data-label={say('vault.kept')} className={table['number']}>
              {keepVersions}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Limits({ policy: { lockout, rate, approvalMinutes, session, alerts } }: { policy: VaultPolicy }) {
  return (
    <Rows
      rows={[
        { label: say('vault.limit.lockout'), value: say('vault.limit.lockoutIs', lockout) },
        { label: say('vault.limit.rate'), value: say('vault.limit.rateIs', rate) },
        { label: say('vault.limit.approval'), value: say('vault.minutes', { count: approvalMinutes }) },
        { label: say('vault.limit.session'), value: say('vault.limit.sessionIs', session) },
        {
          label: say('vault.limit.alerts'),
          value: say('vault.limit.alertsIs', { failures: alerts.failures, hourly: alerts.hourly }),
        },
        { label: say('vault.limit.hours'), value: alerts.hours && say('vault.limit.hoursIs', alerts.hours) },
        { label: say('vault.limit.newPrincipal'), value: alerts.newPrincipal ? say('vault.limit.told') : null },
      ]}
    />
  );
}

/** What each kind of secret asks for, and the limits that are for all. */
export function Policy() {
  const told = useTold(vaultPolicy);
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const { version, policy } = told.value;
  return (
    <>
      <section>
        <h2>{say('vault.categories', { version })}</h2>
        <Categories categories={Object.entries(policy.categories)} />
      </section>
      <section>
        <h2>{say('vault.limits')}</h2>
        <Limits policy={policy} />
      </section>
      <section className={panel['part']}>
        <h2>{say('vault.changeTitle')}</h2>
        <p className={panel['soft']}>{say('vault.changeLead')}</p>
        <ShellCommand
          label={say('vault.command')}
          text={
            'npx claviger vault policy show --as NAME > policy.json\nnpx claviger vault policy change policy.json --as NAME'
          }
        />
      </section>
    </>
  );
}
