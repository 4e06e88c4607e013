import { useCallback } from 'react';
import { tell, tellReason } from '../../core/contract/tell.ts';
import { here, say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useTold } from '../store/told.ts';
import { ReportFrame } from './report-frame.tsx';
import { usePeriod } from './report-period.tsx';
import { ReportTable } from './report-table.tsx';

/** What was refused, did not open or was unusual, and what is overdue; the newest first. */
export function ReportViolations() {
  const { period, fields } = usePeriod();
  const { since, before } = period;
  const asked = useCallback(
    () => call('report.violations', { ...(since ? { since } : {}), ...(before ? { before } : {}) }),
    [since, before],
  );
  const told = useTold(asked);
  return (
    <ReportFrame of="report.violations" period={period} told={told} source={told?.ok ? told.value.source : null}>
      {fields}
      {told?.ok && (
        <ReportTable
          lines={told.value.violations.toSorted((one, other) => other.at.localeCompare(one.at))}
          none={say('reports.noViolation')}
          columns={[
            { title: say('reports.what') },
            { title: say('reports.at'), look: 'time' },
            { title: say('reports.principal') },
            { title: say('reports.secret'), look: 'name' },
            { title: say('reports.why') },
            { title: say('reports.row'), look: 'number' },
          ]}
          cells={({ seq, at, what, principal, secret, reason }) => [
            tell(here(), `violation.${what}`),
            at.slice(0, 16).replace('T', ' '),
            principal === '' ? '–' : principal,
            secret === '' ? '–' : secret,
            tellReason(here(), reason),
            seq,
          ]}
        />
      )}
    </ReportFrame>
  );
}
