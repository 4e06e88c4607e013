import { nameOfSecret } from '../../core/contract/compliance.ts';
import { tell } from '../../core/contract/tell.ts';
import { here, say } from '../messages/say.ts';
import { rotationReport, useTold } from '../store/told.ts';
import { ReportFrame } from './report-frame.tsx';
import { ReportTable } from './report-table.tsx';

const MARK = { overdue: 'bad', soon: 'open', later: 'good', never: '' } as const;

/** Each secret that stands, what is due first above. */
export function ReportRotation() {
  const told = useTold(rotationReport);
  return (
    <ReportFrame of="report.rotation" told={told} source={told?.ok ? told.value.source : null}>
      {told?.ok && (
        <ReportTable
          lines={told.value.secrets}
          none={say('reports.noSecret')}
          columns={[
            { title: say('reports.secret'), look: 'name' },
            { title: say('reports.category') },
            { title: say('reports.version'), look: 'number' },
            { title: say('reports.due'), look: 'time' },
            { title: say('reports.standing') },
            { title: say('reports.rotations'), look: 'number' },
            { title: say('reports.late'), look: 'number' },
          ]}
          cells={(line) => [
            nameOfSecret(line),
            line.category,
            line.version,
            line.due === null ? say('reports.never') : line.due.slice(0, 10),
            <span key="standing" data-standing={MARK[line.standing]}>
              {tell(here(), `standing.${line.standing}`)}
            </span>,
            line.rotations,
            line.late,
          ]}
        />
      )}
    </ReportFrame>
  );
}
