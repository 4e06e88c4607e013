import { type ReactNode, useState } from 'react';
import type { CommandName } from '../../core/contract/commands.ts';
import type { ReportSource, Written } from '../../core/contract/compliance.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { here, say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useAsked } from '../store/told.ts';

export type ReportCommand = Extract<
  CommandName,
  `report.${'inventory' | 'rotation' | 'access' | 'violations' | 'emergencies' | 'rehearsals'}`
>;
/** What a file becomes by the end of its name. */
const KINDS = [
  ['.csv', 'csv'],
  ['.json', 'json'],
  ['.pdf', 'out'],
] as const;
export type Period = { since?: string; before?: string };

type Props = {
  of: ReportCommand;
  period?: Period;
  told: Outcome<unknown> | null;
  source: ReportSource | null;
  children: ReactNode;
};

/** A report to look at, how much of the ledger it is of, and how it is taken along. */
export function ReportFrame({ of, period = {}, told, source, children }: Props) {
  return (
    <div className={panel['panel']}>
      {source && <p className={panel['soft']}>{say('reports.source', { rows: source.rows, signed: source.signed })}</p>}
      <Trouble error={told?.ok === false ? told.error : null} />
      {told === null && <p role="status">{say('app.loading')}</p>}
      {children}
      <Save of={of} period={period} />
    </div>
  );
}

function Save({ of, period }: { of: ReportCommand; period: Period }) {
  const [file, setFile] = useState('');
  const { busy, outcome, ask } = useAsked<Written>();
  const path = file.trim();
  const kind = KINDS.find(([suffix]) => path.endsWith(suffix))?.[1] ?? null;
  const write = (as: 'csv' | 'json' | 'out') => call(of, { ...period, [as]: path, language: here().language });
  return (
    <section className={panel['part']} aria-labelledby={`save-${of}`}>
      <h2 id={`save-${of}`}>{say('reports.save')}</h2>
      <p className={panel['soft']}>{say('reports.saveLead')}</p>
      <div className={panel['form']}>
        <Field label={say('reports.file')} hint={say('reports.fileHint')} value={file} onChange={setFile} mono />
      </div>
      {outcome?.ok && (
        <p className={panel['good']} role="status">
          <span className={panel['verdict']}>
            <TickIcon /> {say('reports.saved')}
          </span>
          <span>{outcome.value.csv ?? outcome.value.json ?? outcome.value.pdf}</span>
        </p>
      )}
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div>
        <Button
          look="primary"
          isDisabled={busy || kind === null}
          onPress={() => {
            if (kind) void ask(() => write(kind));
          }}
        >
          {say('reports.do')}
        </Button>
      </div>
    </section>
  );
}
