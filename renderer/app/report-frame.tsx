import type { ReactNode } from 'react';
import type { CommandName } from '../../core/contract/commands.ts';
import type { ReportSource } from '../../core/contract/compliance.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { here, say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { ReportSave } from './report-save.tsx';

export type ReportCommand = Extract<
  CommandName,
  `report.${'inventory' | 'rotation' | 'access' | 'violations' | 'emergencies' | 'rehearsals' | 'losses'}`
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
  const written = (path: string) => {
    const kind = KINDS.find(([suffix]) => path.endsWith(suffix))?.[1];
    return kind && (() => call(of, { ...period, [kind]: path, language: here().language }));
  };
  return (
    <div className={panel['panel']}>
      {source && <p className={panel['soft']}>{say('reports.source', { rows: source.rows, signed: source.signed })}</p>}
      <Trouble error={told?.ok === false ? told.error : null} />
      {told === null && <p role="status">{say('app.loading')}</p>}
      {children}
      <ReportSave id={of} lead={say('reports.saveLead')} hint={say('reports.fileHint')} written={written} />
    </div>
  );
}
