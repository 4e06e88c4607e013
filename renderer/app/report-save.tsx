import { useState } from 'react';
import type { Written } from '../../core/contract/compliance.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';

/** Of the files of a report, the one that was asked for is named. */
type Taken = Partial<Written & { calendar: string | null }>;
type Props = {
  id: string;
  lead: string;
  hint: string;
  /** Writes a file; undefined where its name does not say what it becomes. */
  written: (path: string) => (() => Promise<Outcome<Taken>>) | undefined;
};

/** How a report is taken along: as the file that is named. */
export function ReportSave({ id, lead, hint, written }: Props) {
  const [file, setFile] = useState('');
  const { busy, outcome, ask } = useAsked<Taken>();
  const path = file.trim();
  const write = written(path);
  const { csv, json, pdf, calendar }: Taken = outcome?.ok ? outcome.value : {};
  return (
    <section className={panel['part']} aria-labelledby={`save-${id}`}>
      <h2 id={`save-${id}`}>{say('reports.save')}</h2>
      <p className={panel['soft']}>{lead}</p>
      <div className={panel['form']}>
        <Field label={say('reports.file')} hint={hint} value={file} onChange={setFile} mono />
      </div>
      {outcome?.ok && (
        <p className={panel['good']} role="status">
          <span className={panel['verdict']}>
            <TickIcon /> {say('reports.saved')}
          </span>
          <span>{csv ?? json ?? pdf ?? calendar}</span>
        </p>
      )}
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div>
        <Button
          look="primary"
          isDisabled={busy || !write}
          onPress={() => {
            if (write) void ask(write);
          }}
        >
          {say('reports.do')}
        </Button>
      </div>
    </section>
  );
}
