import { useState } from 'react';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { say } from '../messages/say.ts';
import type { Period } from './report-frame.tsx';

const dayOf = (text: string) => (/^\d{4}-\d\d-\d\d$/.test(text.trim()) ? text.trim() : undefined);

/** Two days that are typed to their end bound a period; until then it is open there. */
export function usePeriod(): { period: Period; fields: React.JSX.Element } {
  const [since, setSince] = useState('');
  const [before, setBefore] = useState('');
  const [from, to] = [dayOf(since), dayOf(before)];
  const fields = (
    <div className={panel['form']}>
      <div className={panel['two']}>
        <Field label={say('ledger.since')} hint={say('ledger.day')} value={since} onChange={setSince} mono />
        <Field label={say('ledger.before')} hint={say('ledger.day')} value={before} onChange={setBefore} mono />
      </div>
    </div>
  );
  return {
    period: { ...(from === undefined ? {} : { since: from }), ...(to === undefined ? {} : { before: to }) },
    fields,
  };
}
