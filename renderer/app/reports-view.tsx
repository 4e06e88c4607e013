import type { AppInfo } from '../../core/contract/commands.ts';
import { Tabs } from '../components/tabs.tsx';
import { View } from '../components/view.tsx';
import { say } from '../messages/say.ts';
import { ReportAccess } from './report-access.tsx';
import { ReportCalendar } from './report-calendar.tsx';
import { ReportEmergencies } from './report-emergencies.tsx';
import { ReportKeys } from './report-keys.tsx';
import { ReportLosses } from './report-losses.tsx';
import { ReportRehearsals } from './report-rehearsals.tsx';
import { ReportRotation } from './report-rotation.tsx';
import { ReportViolations } from './report-violations.tsx';

/** What auditors ask of keys and secrets, each to look at and to take along. */
export function ReportsView({ info }: { info: AppInfo }) {
  return (
    <View info={info} title={say('reports.title')} lead={say('reports.lead')} told={null}>
      <Tabs
        label={say('reports.tabs')}
        tabs={[
          { id: 'calendar', title: say('reports.calendar'), content: <ReportCalendar /> },
          { id: 'inventory', title: say('reports.inventory'), content: <ReportKeys /> },
          { id: 'rotation', title: say('reports.rotation'), content: <ReportRotation /> },
          { id: 'access', title: say('reports.access'), content: <ReportAccess /> },
          { id: 'violations', title: say('reports.violations'), content: <ReportViolations /> },
          { id: 'emergencies', title: say('reports.emergencies'), content: <ReportEmergencies /> },
          { id: 'rehearsals', title: say('reports.rehearsals'), content: <ReportRehearsals /> },
          { id: 'losses', title: say('reports.losses'), content: <ReportLosses /> },
        ]}
      />
    </View>
  );
}
