import { type LossReport, nameOfSecret } from '../../core/contract/compliance.ts';
import { grouped } from '../components/hex.ts';
import panel from '../components/panel.module.css';
import { say } from '../messages/say.ts';
import { lossReport, useTold } from '../store/told.ts';
import { ReportFrame } from './report-frame.tsx';
import { ReportTable } from './report-table.tsx';

type Props = { report: LossReport };

function Keys({ report: { keys } }: Props) {
  return (
    <section className={panel['part']} aria-labelledby="losses-keys">
      <h2 id="losses-keys">{say('reports.keysThatStand')}</h2>
      <ReportTable
        lines={keys}
        none={say('reports.noneOfThese')}
        columns={[
          { title: say('inventory.name') },
          { title: say('inventory.algorithm') },
          { title: say('inventory.purpose') },
          { title: say('inventory.backups'), look: 'number' },
        ]}
        cells={({ label, algorithm, purpose, backups }) => [
          label,
          algorithm,
          say(`inventory.purpose.${purpose}`),
          backups,
        ]}
      />
    </section>
  );
}

function Certificates({ report: { reissue } }: Props) {
  return (
    <section className={panel['part']} aria-labelledby="losses-reissue">
      <h2 id="losses-reissue">{say('reports.toReissue')}</h2>
      <ReportTable
        lines={reissue}
        none={say('reports.noneOfThese')}
        columns={[
          { title: say('inventory.name') },
          { title: say('reports.validTo'), look: 'time' },
          { title: say('reports.serial'), look: 'small' },
          { title: say('reports.sha256'), look: 'small' },
        ]}
        cells={({ name, notAfter, serial, sha256 }) => [name, notAfter.slice(0, 10), serial, grouped(sha256)]}
      />
    </section>
  );
}

function Secrets({ report: { secrets } }: Props) {
  return (
    <section className={panel['part']} aria-labelledby="losses-secrets">
      <h2 id="losses-secrets">{say('reports.lostSecrets')}</h2>
      <ReportTable
        lines={secrets}
        none={say('reports.noSecret')}
        columns={[
          { title: say('reports.secret'), look: 'name' },
          { title: say('reports.category') },
          { title: say('reports.version'), look: 'number' },
          { title: say('reports.remedy') },
        ]}
        cells={(line) => [nameOfSecret(line), line.category, line.version, say(`reports.remedy.${line.remedy}`)]}
      />
    </section>
  );
}

/** What would be gone without the keys, and what would be done about each. */
export function ReportLosses() {
  const told = useTold(lossReport);
  return (
    <ReportFrame of="report.losses" told={told} source={told?.ok ? told.value.source : null}>
      <p>{say('reports.lossesLead')}</p>
      {told?.ok && (
        <>
          <Keys report={told.value} />
          <Certificates report={told.value} />
          <Secrets report={told.value} />
        </>
      )}
    </ReportFrame>
  );
}
