import { nameOfSecret } from '../../core/contract/compliance.ts';
import { tellDue } from '../../core/contract/tell.ts';
import { Trouble } from '../components/trouble.tsx';
import { here, say } from '../messages/say.ts';
import { dueReport, rotationReport, useTold } from '../store/told.ts';
import { call } from '../store/rpc.ts';
import { ReportSave } from './report-save.tsx';
import styles from './report-calendar.module.css';

const MONTHS = 12;
type Item = { at: string; text: string };

/** A year of what is to be done, month by month; what is overdue stands before all. */
export function ReportCalendar() {
  const due = useTold(dueReport);
  const rotation = useTold(rotationReport);
  const items: Item[] = [
    ...(due?.ok ? due.value.due.map((told) => ({ at: told.at, text: tellDue(here(), told) })) : []),
    ...(rotation?.ok
      ? rotation.value.secrets.flatMap((line) =>
          line.due === null ? [] : [{ at: line.due, text: say('reports.rotate', { secret: nameOfSecret(line) }) }],
        )
      : []),
  ].toSorted((one, other) => one.at.localeCompare(other.at));
  const now = new Date();
  const months = Array.from({ length: MONTHS }, (_, index) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + index)).toISOString().slice(0, 7),
  );
  const today = now.toISOString();
  const overdue = items.filter(({ at }) => at <= today);
  const after = items.filter(({ at }) => at.slice(0, 7) > (months.at(-1) ?? ''));
  return (
    <>
      <Trouble error={due?.ok === false ? due.error : rotation?.ok === false ? rotation.error : null} />
      {overdue.length > 0 && (
        <section className={styles['overdue']}>
          <h2>{say('reports.overdue')}</h2>
          <Items items={overdue} whole />
        </section>
      )}
      <ol className={styles['months']}>
        {months.map((month) => (
          <li key={month} className={styles['month']}>
            <h2>{month}</h2>
            <Items items={items.filter(({ at }) => at > today && at.slice(0, 7) === month)} />
          </li>
        ))}
      </ol>
      {after.length > 0 && (
        <section>
          <h2>{say('reports.later')}</h2>
          <Items items={after} whole />
        </section>
      )}
      <ReportSave
        id="report.due"
        lead={say('reports.calendarLead')}
        hint={say('reports.calendarHint')}
        written={(path) =>
          path.endsWith('.ics') ? () => call('report.due', { calendar: path, language: here().language }) : undefined
        }
      />
    </>
  );
}

/** `whole`: with the year and the month of each. */
function Items({ items, whole = false }: { items: Item[]; whole?: boolean }) {
  if (items.length === 0) return <p className={styles['nothing']}>{say('reports.nothingDue')}</p>;
  return (
    <ul>
      {items.map(({ at, text }) => (
        <li key={`${at} ${text}`}>
          <time dateTime={at}>{whole ? at.slice(0, 10) : at.slice(8, 10)}</time> {text}
        </li>
      ))}
    </ul>
  );
}
