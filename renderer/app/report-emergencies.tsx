import { say } from '../messages/say.ts';
import { emergencyReport, useTold } from '../store/told.ts';
import { ReportFrame } from './report-frame.tsx';
import { ReportTable } from './report-table.tsx';

/** Every break-glass: why, for how long, what was done, and what another person found. */
export function ReportEmergencies() {
  const told = useTold(emergencyReport);
  return (
    <ReportFrame of="report.emergencies" told={told} source={told?.ok ? told.value.source : null}>
      {told?.ok && (
        <ReportTable
          lines={told.value.emergencies.toReversed()}
          none={say('reports.noEmergency')}
          columns={[
            { title: say('reports.principal') },
            { title: say('reports.at'), look: 'time' },
            { title: say('reports.reason') },
            { title: say('reports.until') },
            { title: say('reports.operations'), look: 'number' },
            { title: say('reports.review') },
          ]}
          cells={({ principal, openedAt, reason, expiresAt, ended, endedAt, operations, ...of }) => [
            principal,
            openedAt.slice(0, 16).replace('T', ' '),
            reason,
            `${(endedAt ?? expiresAt).slice(0, 16).replace('T', ' ')}, ${say(`reports.ended.${ended}`)}`,
            operations,
            of.reviewedBy === null ? (
              <span key="review" data-standing="bad">
                {say('reports.notReviewed')}
              </span>
            ) : (
              say('reports.reviewed', {
                ...{ by: of.reviewedBy, at: (of.reviewedAt ?? '').slice(0, 10), finding: of.finding ?? '' },
              })
            ),
          ]}
        />
      )}
    </ReportFrame>
  );
}
