import type { Rehearsal } from '../../core/contract/reports.ts';
import { DueList } from '../components/due-list.tsx';
import panel from '../components/panel.module.css';
import table from '../components/table.module.css';
import { say } from '../messages/say.ts';
import { rehearsalReport, useTold } from '../store/told.ts';
import { ReportFrame } from './report-frame.tsx';
import { ReportTable } from './report-table.tsx';
import styles from './report-rehearsals.module.css';

/** A rehearsal stands however its ceremony ended: how, is said all the same. */
const MARK = { completed: 'good', aborted: 'open', 'under way': 'open' } as const;

/** Every rehearsal and what it showed, the newest first; above them the next ones. */
export function ReportRehearsals() {
  const told = useTold(rehearsalReport);
  return (
    <ReportFrame of="report.rehearsals" told={told} source={told?.ok ? told.value.source : null}>
      {told?.ok && told.value.due.length > 0 && (
        <section className={panel['part']} aria-labelledby="rehearsals-next">
          <h2 id="rehearsals-next">{say('reports.next')}</h2>
          <DueList due={told.value.due} />
        </section>
      )}
      {told?.ok && told.value.rehearsals.length > 0 && <h2 className={styles['heading']}>{say('reports.recorded')}</h2>}
      {told?.ok && (
        <ReportTable
          lines={told.value.rehearsals.toReversed()}
          none={say('reports.noRehearsal')}
          columns={[
            { title: say('reports.rehearsal') },
            { title: say('reports.at'), look: 'time' },
            { title: say('reports.ceremony') },
            { title: say('reports.shares') },
            { title: say('reports.shown') },
            { title: say('reports.people') },
          ]}
          cells={(rehearsal) => [
            say(`reports.rehearsal.${rehearsal.kind}`),
            rehearsal.at.slice(0, 16).replace('T', ' '),
            <Ceremony key="ceremony" {...rehearsal} />,
            rehearsal.shares.join(', '),
            <Keys key="keys" {...rehearsal} />,
            <People key="people" {...rehearsal} />,
          ]}
        />
      )}
    </ReportFrame>
  );
}

function Ceremony({ title, ceremony, mode, outcome }: Rehearsal) {
  return (
    <>
      {title}
      {mode === 'training' && ` (${say('mode.training')})`},{' '}
      <span data-standing={MARK[outcome]}>{say(`reports.outcome.${outcome}`)}</span>
      <span className={table['soft']}>{ceremony}</span>
    </>
  );
}

/** By role: there may be many custodians. Then those who did not come. */
function People({ people, absent }: Rehearsal) {
  const roles = [...new Set(people.map(({ role }) => role))];
  return (
    <>
      {roles.map((role) => (
        <span key={role} className={styles['people']}>
          {say(`role.${role}`)}: {people.flatMap((person) => (person.role === role ? [person.name] : [])).join(', ')}
        </span>
      ))}
      {absent.map((one) => (
        <span key={one.share} className={styles['people']} data-standing="open">
          {say('reports.absent', one)}
        </span>
      ))}
    </>
  );
}

function Keys({ keys }: Rehearsal) {
  return keys.map(({ label, shown }) => (
    <span key={label} className={styles['key']}>
      {label}: {say(`reports.shown.${shown}`)}
    </span>
  ));
}
