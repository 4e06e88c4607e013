import { useCallback, useState } from 'react';
import type { EmergencyView } from '../../core/contract/vault-emergency.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { WarningIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import table from '../components/table.module.css';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { BreakGlass } from './break-glass.tsx';
import { EmergencyList } from './emergency-list.tsx';
import styles from './emergency.module.css';
import { OneEmergency } from './one-emergency.tsx';
import { type Who, emergencyStatus } from './told.ts';

function standingOf({ ended, expiresAt, review }: EmergencyView) {
  if (ended === null) return { says: say('glass.state.live', { at: timeOf(expiresAt) }), standing: 'bad' };
  if (review === null) return { says: say('glass.state.unreviewed'), standing: 'open' };
  return { says: say('glass.state.reviewed', { by: review.by }), standing: 'good' };
}

function Table({ emergencies, onOpen }: { emergencies: EmergencyView[]; onOpen: (id: string) => void }) {
  return (
    <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('glass.who')}</th>
          <th scope="col">{say('glass.when')}</th>
          <th scope="col">{say('glass.reason')}</th>
          <th scope="col" className={table['number']}>
            {say('glass.operations')}
          </th>
          <th scope="col">{say('glass.state')}</th>
        </tr>
      </thead>
      <tbody>
        {emergencies.map((one) => {
          const { says, standing } = standingOf(one);
          const at = timeOf(one.openedAt);
          return (
            <tr key={one.id}>
              <th scope="row">
                <button
                  type="button"
                  className={table['link']}
                  aria-label={say('glass.open', { principal: one.principal, at })}
                  onClick={() => {
                    onOpen(one.id);
                  }}
                >
                  {one.principal}
                </button>
              </th>
              <td data-label={say('glass.when')} className={table['time']}>
                {at}
              </td>
              <td data-label={say('glass.reason')}>{one.reason}</td>
              <td data-label={say('glass.operations')} className={table['number']}>
                {one.operations}
              </td>
              <td data-label={say('glass.state')} data-standing={standing}>
                {says}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

type HeadProps = { listed: boolean; waits: boolean; onBreak: () => void };

/** What it is for, and the way in for whoever is on the list. */
function Head({ listed, waits, onBreak }: HeadProps) {
  return (
    <div className={styles['head']}>
      <div className={panel['part']}>
        <p>{say('glass.lead')}</p>
        {!listed && <p className={panel['soft']}>{say('glass.notListed')}</p>}
        {waits && (
          <p className={panel['warning']}>
            <WarningIcon /> {say('glass.unreviewed')}
          </p>
        )}
      </div>
      {listed && !waits && (
        <Button look="primary" onPress={onBreak}>
          {say('glass.break')}
        </Button>
      )}
    </div>
  );
}

/** Break-glass: one's own emergencies, all of them for whoever administers the vault, and the list of those who may. */
export function Emergency({ who }: { who: Who }) {
  const told = useTold(emergencyStatus);
  const [open, setOpen] = useState<string | null>(null);
  const [breaking, setBreaking] = useState(false);
  const close = useCallback(() => {
    setBreaking(false);
    setOpen(null);
  }, []);
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const { emergencies, listed, people } = told.value;
  const one = emergencies.find(({ id }) => id === open);
  if (one) return <OneEmergency emergency={one} who={who} onClose={close} />;
  if (breaking) return <BreakGlass who={who} onClose={close} />;
  return (
    <>
      <Head
        listed={listed}
        waits={emergencies.some(({ review }) => review === null)}
        onBreak={() => {
          setBreaking(true);
        }}
      />
      <section className={panel['part']}>
        <h2>{say('glass.emergencies')}</h2>
        {emergencies.length === 0 ? (
          <Empty>{say('glass.none')}</Empty>
        ) : (
          <Table {...{ emergencies, onOpen: setOpen }} />
        )}
      </section>
      {people && <EmergencyList who={who} people={people} />}
    </>
  );
}
