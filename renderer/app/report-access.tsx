import { useCallback } from 'react';
import { type AccessMonth, nameOfSecret } from '../../core/contract/compliance.ts';
import { say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useTold } from '../store/told.ts';
import { ReportFrame } from './report-frame.tsx';
import { usePeriod } from './report-period.tsx';
import { ReportTable } from './report-table.tsx';
import styles from './report-access.module.css';

/** One bar a month, what was refused on top of what was allowed. The numbers stand beside it. */
function Months({ months }: { months: AccessMonth[] }) {
  const most = Math.max(1, ...months.map(({ allowed, refused }) => allowed + refused));
  return (
    <section className={styles['months']} aria-label={say('reports.byMonth')}>
      <h2>{say('reports.byMonth')}</h2>
      <ul>
        {months.map(({ month, allowed, refused }) => (
          <li key={month}>
            <span className={styles['month']}>{month}</span>
            <svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
              <rect className={styles['allowed']} width={(allowed / most) * 1000} height="20" />
              <rect
                className={styles['refused']}
                x={(allowed / most) * 1000}
                width={(refused / most) * 1000}
                height="20"
              />
            </svg>
            <span className={styles['count']}>
              {say('reports.allowed')} {allowed}, {say('reports.refused')} {refused}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who was given which secret how often, or refused it. */
export function ReportAccess() {
  const { period, fields } = usePeriod();
  const { since, before } = period;
  const asked = useCallback(
    () => call('report.access', { ...(since ? { since } : {}), ...(before ? { before } : {}) }),
    [since, before],
  );
  const told = useTold(asked);
  return (
    <ReportFrame of="report.access" period={period} told={told} source={told?.ok ? told.value.source : null}>
      {fields}
      {told?.ok && told.value.months.length > 0 && <Months months={told.value.months} />}
      {told?.ok && told.value.lines.length > 0 && <h2 className={styles['heading']}>{say('reports.byUse')}</h2>}
      {told?.ok && (
        <ReportTable
          lines={told.value.lines}
          none={say('reports.noAccess')}
          columns={[
            { title: say('reports.principal') },
            { title: say('reports.secret'), look: 'name' },
            { title: say('reports.allowed'), look: 'number' },
            { title: say('reports.refused'), look: 'number' },
            { title: say('reports.last'), look: 'time' },
          ]}
          cells={(line) => [line.principal, nameOfSecret(line), line.allowed, line.refused, line.last.slice(0, 10)]}
        />
      )}
    </ReportFrame>
  );
}
