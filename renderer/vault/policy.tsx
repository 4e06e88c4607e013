import { useCallback, useState } from 'react';
import type { Category, VaultPolicy } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { ShellCommand } from '../components/shell-command.tsx';
import table from '../components/table.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { ChangePolicy } from './change-policy.tsx';
import styles from './policy.module.css';
import { categoryLines, limitLines } from './policy-lines.ts';
import { type Who, vaultPolicy } from './told.ts';

/** No category is called so. */
const LIMITS = '*';

type CategoriesProps = {
  categories: [name: string, category: Category][];
  /** Null for whoever may look and change nothing. */
  onOpen: ((name: string) => void) | null;
};

function Categories({ categories, onOpen }: CategoriesProps) {
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
            <th scope="row">
              {onOpen ? (
                <button
                  type="button"
                  className={table['link']}
                  aria-label={say('change.open', { category: name })}
                  onClick={() => {
                    onOpen(name);
                  }}
                >
                  {name}
                </button>
              ) : (
                name
              )}
            </th>
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

/** What each kind of secret asks for, and the limits that are for all; for an administrator, a change of one of them. */
export function Policy({ who }: { who: Who }) {
  const told = useTold(vaultPolicy);
  const [open, setOpen] = useState<string | null>(null);
  const close = useCallback(() => {
    setOpen(null);
  }, []);
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const { version, policy } = told.value;
  const present = { version, policy, onClose: close };
  if (open === LIMITS) return <ChangePolicy title={say('change.limitsTitle')} lines={limitLines()} {...present} />;
  if (open !== null) {
    const title = say('change.categoryTitle', { category: open });
    return <ChangePolicy title={title} lines={categoryLines(open)} note={say('change.note')} {...present} />;
  }
  return (
    <>
      <section>
        <h2>{say('vault.categories', { version })}</h2>
        <Categories categories={Object.entries(policy.categories)} onOpen={who.administers ? setOpen : null} />
      </section>
      <section>
        <h2>{say('vault.limits')}</h2>
        <Limits policy={policy} />
        {who.administers && (
          <Button
            onPress={() => {
              setOpen(LIMITS);
            }}
          >
            {say('change.changeLimits')}
          </Button>
        )}
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
